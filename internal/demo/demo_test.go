package demo

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/exporter-toolkit/web"
	"go.uber.org/goleak"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// runDemo runs a demo until the test ends, and returns its address.
func runDemo(t *testing.T, options Options) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	none := ""
	no := false
	options.Web = &web.FlagConfig{WebListenAddresses: &[]string{address}, WebSystemdSocket: &no, WebConfigFile: &none}
	options.Talk, options.Logger, options.Now = io.Discard, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, options) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the demo ended with %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return "http://" + address
}

// waitFor asks until the answer is as wanted.
func waitFor(t *testing.T, url string, wanted func(string) bool) string {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for {
		if reply, err := http.Get(url); err == nil {
			body, _ := io.ReadAll(reply.Body)
			reply.Body.Close()
			if reply.StatusCode == http.StatusOK && wanted(string(body)) {
				return string(body)
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s never answered as wanted", url)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func read(body string) bool {
	return strings.Contains(body, collector.TargetObserved) && strings.Contains(body, `source="archives"`)
}

func TestEveryFamilyIsThere(t *testing.T) {
	url := runDemo(t, Options{Scenario: "home"})
	body := waitFor(t, url+"/metrics", func(body string) bool {
		return read(body) && strings.Contains(body, collector.TerraformStateSerial+"{")
	})
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, definition := range collector.Definitions() {
		if families[definition.Name] == nil {
			t.Errorf("%s is not there", definition.Name)
		}
	}
	for _, want := range []string{
		`pve_backup_guest_last_attempt_failed{cluster="home",environment="prod",id="qemu/100",storage="backup-nfs"} 0`,
		`pve_backup_guest_last_failure_reason{cluster="home",environment="prod",id="qemu/104",reason="qmp_timeout",storage="backup-nfs"} 1`,
		`pve_backup_guest_uncovered{cluster="home",environment="unassigned",id="lxc/401",reason="job_disabled"} 1`,
		`pve_backup_guest_uncovered{cluster="home",environment="unassigned",id="lxc/403",reason="storage_unusable"} 1`,
		`pve_backup_guest_uncovered{cluster="home",environment="unassigned",id="qemu/400",reason="no_job"} 1`,
		`pve_backup_guest_uncovered{cluster="home",environment="unassigned",id="qemu/402",reason="never_runs"} 1`,
		`pve_backup_guest_uncovered{cluster="home",environment="unassigned",id="qemu/404",reason="other_node"} 1`,
		`pve_backup_guest_exempt{cluster="home",environment="unassigned",id="qemu/900",note="scratch machine"} 1`,
		`pve_backup_guest_exempt{cluster="home",environment="unassigned",id="qemu/9000",note="template"} 1`,
		`pve_backup_drift{cluster="home",kind="guest_disk",store=""} 2`,
		`pve_backup_drift{cluster="home",kind="job",store=""} 1`,
		`pve_backup_drift{cluster="home",kind="storage",store=""} 0`,
		`pve_backup_s3_up{store="minio"} 1`,
		`pve_backup_s3_bucket_up{bucket="tfstate-monitoring",store="minio"} 1`,
		`pve_backup_s3_bucket_versioning_enabled{bucket="tfstate-prod",store="minio"} 1`,
		`pve_backup_s3_bucket_versioning_enabled{bucket="tfstate-lab",store="minio"} 0`,
		`pve_backup_s3_bucket_objects{bucket="tfstate-lab",store="minio"} 2`,
		`pve_backup_terraform_state_versions{bucket="tfstate-prod",environment="prod",key="terraform.tfstate",store="minio"} 9`,
		`pve_backup_terraform_state_serial{bucket="tfstate-prod",environment="prod",key="terraform.tfstate",store="minio"} 9`,
		`pve_backup_terraform_state_locked_since_timestamp_seconds{bucket="tfstate-lab",environment="lab",key="terraform.tfstate",store="minio"}`,
		`pve_backup_drill_last_failed{cluster="home",environment="prod",id="qemu/114",proof="agent"} 1`,
		`pve_backup_drill_last_duration_seconds{cluster="home",environment="prod",id="qemu/100",proof="agent"} 180`,
		`pve_backup_drill_due_timestamp_seconds{cluster="home",environment="prod",id="lxc/116"}`,
		`pve_backup_guest_running{cluster="home",environment="monitoring",id="qemu/301"} 1`,
		`pve_backup_guest_last_success_timestamp_seconds{cluster="home",environment="prod",id="qemu/100",storage="pbs-remote"}`,
		`pve_backup_guest_last_success_timestamp_seconds{cluster="home",environment="prod",id="qemu/100",storage="backup-nfs"}`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("not there: %s", want)
		}
	}
	observed := values(families[collector.TargetObserved])
	overdue := 0
	for labels, due := range values(families[collector.TargetDue]) {
		if due < observed[labels] {
			overdue++
		}
	}
	if overdue == 0 {
		t.Error("no guest is overdue")
	}
}

// values returns the values of a family by the labels of each series.
func values(family *dto.MetricFamily) map[string]float64 {
	result := map[string]float64{}
	for _, metric := range family.Metric {
		var labels []string
		for _, label := range metric.Label {
			labels = append(labels, label.GetName()+"="+label.GetValue())
		}
		slices.Sort(labels)
		result[strings.Join(labels, ",")] = metric.GetGauge().GetValue()
	}
	return result
}

func TestTheDeclaredFileServesOtherCommands(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.yml")
	url := runDemo(t, Options{Scenario: "home", ConfigOut: path})
	waitFor(t, url+"/metrics", read)
	file, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	cluster, found := file.Cluster("home")
	if !found || cluster.Exporter == nil || cluster.Provisioner == nil {
		t.Fatalf("got %+v", file.Clusters)
	}
	if _, err := cluster.Exporter.Secret(); err != nil {
		t.Error(err)
	}
	var plan, talk bytes.Buffer
	err = drill.Run(t.Context(), drill.Options{
		ConfigFile: path, StoragePath: t.TempDir(), Root: os.DevNull, DryRun: true, Guests: []string{"100", "lxc/101"}, Data: &plan, Talk: &talk, Now: time.Now,
	})
	if err != nil || !strings.Contains(plan.String(), "storage local-zfs, as guest 990000") || !strings.Contains(plan.String(), "proof    started") {
		t.Errorf("a drill would go so: %v\n%s\n%s", err, plan.String(), talk.String())
	}
	if info, err := os.Stat(filepath.Join(filepath.Dir(path), "home.exporter")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret file: %v, %v", info, err)
	}
}

func TestAFileOfSomebodyElseIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yml")
	if err := os.WriteFile(path, []byte("version: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Run(context.Background(), Options{Scenario: "small", ConfigOut: path, Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), "not written by a demo") {
		t.Errorf("got %v", err)
	}
	if content, _ := os.ReadFile(path); string(content) != "version: 1\n" {
		t.Errorf("the file was changed: %q", content)
	}
}

func TestAScenarioThatIsNotThere(t *testing.T) {
	err := Run(context.Background(), Options{Scenario: "nowhere.yml", Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), "nowhere.yml") {
		t.Errorf("got %v", err)
	}
}

func TestEveryScenarioRuns(t *testing.T) {
	url := runDemo(t, Options{Scenario: "small"})
	body := waitFor(t, url+"/metrics", read)
	if strings.Contains(body, "pve_backup_up{cluster=\"home\"} 0") {
		t.Error("the simulated cluster is not read")
	}
}

func TestAStoryIsShownWhereItIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.yml")
	text := `
cluster: office
history: 3d
length: 5d
nodes: [{name: pve1}]
storages: [{id: nas, type: nfs, content: [backup], retention: keep-last=3, size: 1T}]
guests:
  - {id: 100, type: qemu, name: web, node: pve1, size: 16G}
  - {id: 900, type: qemu, name: scratch, node: pve1, size: 16G}
jobs: [{id: nightly, schedule: "01:00", options: {storage: nas, vmid: "100", mode: snapshot}}]
declared:
  environments: {prod: {guests: {vmids: [100]}}}
  exempt: [{vmid: 900, note: for a while, until: 30d}]
outcomes: [{guest: 100, in: 2d, for: 1d, outcome: io_error}]
expect: [{alert: BackupJobFailed, labels: {id: qemu/100}, since: 2d1h, by: 2d2h, clear: 3d2h}]
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	url := runDemo(t, Options{Scenario: path})
	body := waitFor(t, url+"/metrics", read)
	for _, want := range []string{
		`pve_backup_guest_last_failure_reason{cluster="home",environment="prod",id="qemu/100",reason="io_error",storage="nas"} 1`,
		`pve_backup_guest_exempt{cluster="home",environment="unassigned",id="qemu/900",note="for a while"} 1`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("not there: %s", want)
		}
	}
}

// TestAnOutageIsSeen shows the stories that the suite plays in the middle of their outage: in words and in figures.
func TestAnOutageIsSeen(t *testing.T) {
	for file, test := range map[string]struct {
		metric string
		page   string
	}{
		"storage-unmounted-over-night": {`pve_backup_source_up{cluster="home",node="",source="archives",storage="nas",store=""} 0`, "nas"},
		"node-off-for-three-days":      {`pve_backup_storage_up{cluster="home",node="pve2",storage="nas"} 0`, "pve2"},
		"job-disabled":                 {`pve_backup_guest_uncovered{cluster="home",environment="prod",id="qemu/102",reason="job_disabled"} 1`, "disabled"},
	} {
		t.Run(file, func(t *testing.T) {
			url := runDemo(t, Options{Scenario: filepath.Join("../../scenarios/stories", file+".yml")})
			waitFor(t, url+"/metrics", func(body string) bool { return strings.Contains(body, test.metric) })
			waitFor(t, url+"/", func(body string) bool {
				return strings.Contains(body, `<ul class="problems">`) && strings.Contains(body, test.page)
			})
		})
	}
}

func TestAStoryWithAMistake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.yml")
	text := "history: 3d\nlength: 5d\nnodes: [{name: pve1}]\nexpect:\n  - {alert: BackupJobFialed, by: 1d}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Run(context.Background(), Options{Scenario: path, Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), `story.yml:5: expectation 1: unknown alert "BackupJobFialed"`) || !strings.Contains(strings.Join(ui.Hints(err), ""), "BackupJobFailed?") {
		t.Errorf("got %v, hints %q", err, ui.Hints(err))
	}
}
