package play

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
)

const cluster = `
history: 3d
length: 2d
nodes: [{name: pve1}]
storages: [{id: nas, type: nfs, content: [backup], retention: keep-last=3, size: 1T}]
guests:
  - {id: 100, type: qemu, name: web, node: pve1, size: 16G}
  - {id: 101, type: lxc, name: dns, node: pve1, size: 8G}
jobs: [{id: nightly, schedule: "01:00", options: {storage: nas, all: "1", mode: snapshot}}]
`

const ruleText = `
groups:
  - name: test
    rules:
      - record: failed
        expr: max by (id) (pve_backup_guest_last_attempt_failed)
      - alert: Failed
        expr: failed == 1
        for: 10m
        annotations: {summary: "{{ $labels.id }}"}
      - alert: Down
        expr: max by (instance) (up{job="pve-backup"}) == 0
`

// run plays a story with rules and returns what fired, and calls look after every step.
func run(t *testing.T, text, ruleText string, look func(at string, ask func(expression string) string)) *Recording {
	t.Helper()
	told, err := story.Parse("test", []byte(cluster+text))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(file, []byte(ruleText), 0o600); err != nil {
		t.Fatal(err)
	}
	watch := func(at time.Time, prometheus *Prometheus) {
		look(at.Sub(told.Start).String(), func(expression string) string {
			vector, err := prometheus.Query(context.Background(), expression, at)
			if err != nil {
				t.Fatal(err)
			}
			return vector.String()
		})
	}
	recording, err := Play(context.Background(), told, Options{Rights: story.Details, Rules: map[string][]string{"set": {file}}, TempDir: t.TempDir(), Watch: watch})
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

func episodes(recording *Recording) string {
	var lines []string
	for _, e := range recording.Episodes["set"] {
		lines = append(lines, fmt.Sprintf("%s %s%s %s-%s %t", e.Alert, e.Labels["id"], e.Labels["instance"], e.From, e.To, e.Open))
	}
	return strings.Join(lines, "\n")
}

func TestAStoryIsPlayed(t *testing.T) {
	recording := run(t, "outcomes: [{guest: 101, in: 20h, for: 10h, outcome: io_error}]", ruleText, func(at string, ask func(string) string) {
		if at == "24h0m0s" && !strings.HasPrefix(ask("count(pve_backup_guest_last_success_timestamp_seconds)"), "{} => 2") {
			t.Errorf("both guests have a good backup: %s", ask("pve_backup_guest_last_success_timestamp_seconds"))
		}
	})
	// The job runs at 01:00, and the evaluations go on in steps of five minutes.
	if got, want := episodes(recording), "Failed lxc/101 25h15m0s-48h0m0s true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if recording.Faults != nil {
		t.Errorf("no rule was wrong: %q", recording.Faults)
	}
}

func TestAnExporterThatIsDownLeavesNoSeries(t *testing.T) {
	seen := map[string]string{}
	recording := run(t, "step: 1h\nexporters: [{name: a, down: [{in: 5h, for: 3h}, {in: 20h}, {in: 30h, for: 1h, lose_state: true}]}, {name: b}]", ruleText,
		func(at string, ask func(string) string) {
			seen[at] = strings.Join([]string{
				ask(`count by (instance) (pve_backup_guest_info)`), ask(`up{instance="a"}`), ask(`sum(pve_backup_guest_attempts_total{instance="a"})`),
			}, " ")
		})
	for at, want := range map[string][]string{
		"4h0m0s":  {`{instance="a"} => 2`, `{instance="b"} => 2`, `job="pve-backup"} => 1 `},
		"6h0m0s":  {`{instance="b"} => 2`, `job="pve-backup"} => 0 `},
		"8h0m0s":  {`{instance="a"} => 2`, `job="pve-backup"} => 1 `, `{} => 2`},
		"20h0m0s": {`{instance="a"} => 2`, `{} => 2`}, // what it counted outlasts a restart
		"31h0m0s": {`{instance="a"} => 2`, `{} => 0`}, // but not the loss of its state
	} {
		for _, part := range want {
			if !strings.Contains(seen[at], part) {
				t.Errorf("at %s: no %q in %s", at, part, seen[at])
			}
		}
	}
	if strings.Contains(seen["6h0m0s"], `instance="a"} => 2`) {
		t.Errorf("series of an exporter that is down: %s", seen["6h0m0s"])
	}
	if got, want := episodes(recording), "Down a 5h0m0s-8h0m0s false\nDown a 30h0m0s-31h0m0s false"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatOthersCount(t *testing.T) {
	run(t, "step: 1h\nevents: [{in: 5h, remove_job: {job: nightly}}, {in: 6h, fill: {storage: nas, to: 85}}]", ruleText, func(at string, ask func(string) string) {
		switch at {
		case "4h0m0s":
			if got := ask("pve_not_backed_up_total"); !strings.Contains(got, "} => 0 ") {
				t.Errorf("all guests are in a job: %s", got)
			}
		case "7h0m0s":
			if got := ask("pve_not_backed_up_total"); !strings.Contains(got, "} => 2 ") {
				t.Errorf("no guest is in a job: %s", got)
			}
			if got := ask("pve_disk_usage_bytes / pve_disk_size_bytes > 0.84 < 0.86"); !strings.Contains(got, `id="storage/pve1/nas"`) {
				t.Errorf("the storage is 85 %% full: %s", got)
			}
		}
	})
}

func TestWrongRulesAreFound(t *testing.T) {
	recording := run(t, "step: 6h\n", `
groups:
  - name: test
    rules:
      - {alert: Many, expr: up / on () up}
      - {alert: Text, expr: "vector(1)", annotations: {summary: "{{ with query \"foo(\" }}{{ end }}"}}
`, func(string, func(string) string) {})
	if faults := strings.Join(recording.Faults, "\n"); !strings.Contains(faults, "Many: ") || !strings.Contains(faults, "Text: summary: ") {
		t.Errorf("got %q", faults)
	}
}

// TestOnlyWhatRulesNameIsStored: by themselves and in their texts.
func TestOnlyWhatRulesNameIsStored(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yml")
	text := `groups: [{name: a, rules: [{alert: A, expr: rate(xx_total[5m]) > 0, annotations: {summary: "{{ query \"yy\" }} {{ query \"zz_bucket\" }}"}}]}]`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var families []*dto.MetricFamily
	for _, name := range []string{"xx_total", "yy", "zz", "ww"} {
		families = append(families, &dto.MetricFamily{Name: &name})
	}
	for watched, want := range map[bool]int{false: 3, true: 4} {
		needed, err := neededBy(map[string][]string{"a": {file}}, watched)
		if err != nil {
			t.Fatal(err)
		}
		if got := needed.of(families); len(got) != want || needed.any("ww") != watched || !needed.any("xx_") {
			t.Errorf("watched %t: %d families, want %d", watched, len(got), want)
		}
	}
}
