package exporter

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
)

func TestResultsOfDrillsBecomeMetrics(t *testing.T) {
	b := newBench(t)
	path := filepath.Join(b.dir, "drills.json")
	once := func() (string, map[string]int) {
		b.declare("home")
		text, err := os.ReadFile(filepath.Join(b.dir, "config.yml"))
		if err != nil {
			t.Fatal(err)
		}
		drill := fmt.Sprintf("drill: {token_id: d@pve!drill, token_secret_file: unread, storage: local-zfs, results: %q}, exporter:", path)
		b.put("config.yml", strings.Replace(string(text), "exporter:", drill, 1)+"environments:\n  prod: {guests: {all: true}, drill: {every: 30d}}\n")
		b.cluster.Requests.Reset()
		e := b.new()
		if err := e.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		return metrics(t, e), b.cluster.Requests.Counts()
	}
	shown, calls := once()
	wantLines(t, shown, `pve_backup_source_up{cluster="home",node="",source="drills",storage="",store=""} 1`)
	if !strings.Contains(shown, `pve_backup_drill_due_timestamp_seconds{cluster="home",environment="prod",id="qemu/100"}`) || strings.Contains(shown, "pve_backup_drill_last") {
		t.Error("before the first drill there is a due time, and nothing else")
	}

	file, err := result.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Now().Unix() - 60
	file.Add("home", "qemu/100", result.Drill{
		Start: end - 300, End: end, Verdict: result.Success, Proof: plan.Agent,
		Stages: []result.Timing{{Stage: result.Prepare, Seconds: 3}, {Stage: result.Restore, Seconds: 80}, {Stage: result.Prove, Seconds: 20}},
	})
	file.Add("home", "lxc/101", result.Drill{End: end, Verdict: result.Failed, Proof: plan.Started, Stage: result.Start, Reason: "no"})
	file.Add("home", "lxc/101", result.Drill{End: end + 9, Verdict: result.Inconclusive, Stage: result.Prepare, Reason: "no room"})
	file.Add("away", "lxc/103", result.Drill{End: end, Verdict: result.Failed})
	if err := file.Save(path); err != nil {
		t.Fatal(err)
	}
	shown, again := once()
	wantLines(t, shown,
		fmt.Sprintf(`pve_backup_drill_last_success_timestamp_seconds{cluster="home",environment="prod",id="qemu/100",proof="agent"} %s`, number(end)),
		`pve_backup_drill_last_duration_seconds{cluster="home",environment="prod",id="qemu/100",proof="agent"} 100`,
		`pve_backup_drill_last_failed{cluster="home",environment="prod",id="qemu/100",proof="agent"} 0`,
		`pve_backup_drill_last_failed{cluster="home",environment="prod",id="lxc/101",proof="started"} 1`,
		fmt.Sprintf(`pve_backup_drill_last_run_timestamp_seconds{cluster="home",environment="prod",id="lxc/101",proof="started"} %s`, number(end)),
	)
	if strings.Contains(shown, `id="lxc/103",proof`) || fmt.Sprint(calls) != fmt.Sprint(again) {
		t.Error("results of another cluster are shown, or results cost calls")
	}

	b.put("drills.json", `{"version":1,"clus`)
	shown, _ = once()
	wantLines(t, shown, `pve_backup_source_up{cluster="home",node="",source="drills",storage="",store=""} 0`, `pve_backup_up{cluster="home"} 1`)
	if strings.Contains(shown, "pve_backup_drill_last") {
		t.Error("a file that cannot be read has results")
	}
}

// number writes a figure as the metrics do.
func number(value int64) string { return strconv.FormatFloat(float64(value), 'g', -1, 64) }
