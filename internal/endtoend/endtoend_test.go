package endtoend

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/exporter-toolkit/web"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/demo"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/rules"
)

// patience is how long anything may take on a busy machine.
const patience = 3 * time.Minute

// program finds the first of the commands that is installed, or skips the test.
func program(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed (make deps)", names[0])
	return ""
}

// freeAddress is one of this machine that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// start runs a program until the test ends, and shows what it said if the test failed.
func start(t *testing.T, path string, arguments ...string) {
	t.Helper()
	var said strings.Builder
	command := exec.CommandContext(t.Context(), path, arguments...)
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(path), said.String())
		}
	})
}

// until asks an address until its answer is as wanted, and returns it.
func until(t *testing.T, url string, wanted func(body string) bool) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	last := ""
	for {
		if request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil); err != nil {
			t.Fatal(err)
		} else if reply, err := http.DefaultClient.Do(request); err == nil {
			body, _ := io.ReadAll(reply.Body)
			reply.Body.Close()
			if last = string(body); reply.StatusCode == http.StatusOK && wanted(last) {
				return last
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s never answered as wanted, last:\n%s", url, last)
		case <-again.C:
		}
	}
}

// runDemo shows the story until the test ends, and returns the exporter's address.
func runDemo(t *testing.T, scenario string) string {
	t.Helper()
	address := freeAddress(t)
	none, no := "", false
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- demo.Run(ctx, demo.Options{
			Scenario: scenario, Talk: io.Discard, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now,
			Web: &web.FlagConfig{WebListenAddresses: &[]string{address}, WebSystemdSocket: &no, WebConfigFile: &none},
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	})
	until(t, "http://"+address+"/metrics", func(body string) bool {
		return strings.Contains(body, collector.TargetDue) && strings.Contains(body, `source="archives"`)
	})
	return address
}

// message is what Alertmanager sends to a webhook.
type message struct {
	path        string
	Receiver    string
	Status      string
	GroupLabels map[string]string
	Alerts      []struct{ Labels, Annotations map[string]string }
}

// receiver takes messages until the test ends.
func receiver(t *testing.T) (address string, messages <-chan message) {
	t.Helper()
	received := make(chan message, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		one := message{path: request.URL.Path}
		if err := json.NewDecoder(request.Body).Decode(&one); err != nil {
			t.Errorf("no message: %v", err)
		}
		received <- one
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), received
}

// example reads an example of deploy/ with other addresses and shorter waits.
func example(t *testing.T, name string, replace ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(string(text), replace[i]) {
			t.Fatalf("%s no longer says %q", name, replace[i])
		}
	}
	path := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(path, []byte(strings.NewReplacer(replace...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ruleFile writes the rules without their waits. All of them fire by their own conditions: that Alertmanager holds some back is to be seen.
func ruleFile(t *testing.T) string {
	t.Helper()
	cfg := mixin.Default()
	cfg.OneAlertPerCause = false
	groups, err := rules.Groups(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i := range groups {
		groups[i].Interval = 0
		for j := range groups[i].Rules {
			groups[i].Rules[j].For = 0
		}
	}
	text, err := rules.YAML(groups)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAnAlertReachesAPerson: from the cluster's API through the exporter, Prometheus and Alertmanager to a webhook.
func TestAnAlertReachesAPerson(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a Prometheus and an Alertmanager")
	}
	prometheus, alertmanager := program(t, "prometheus"), program(t, "alertmanager", "prometheus-alertmanager")
	exporter, alerts, server := runDemo(t, filepath.Join("testdata", "story.yml")), freeAddress(t), freeAddress(t)
	webhook, messages := receiver(t)
	start(t, alertmanager, "--cluster.listen-address=", "--web.listen-address="+alerts, "--storage.path="+t.TempDir(),
		"--config.file="+example(t, "alertmanager/alertmanager.yml", "localhost:8080", webhook, "group_wait: 1m", "group_wait: 5s"))
	until(t, "http://"+alerts+"/-/ready", func(string) bool { return true })
	start(t, prometheus, "--web.listen-address="+server, "--storage.tsdb.path="+t.TempDir(),
		"--config.file="+example(t, "prometheus/prometheus.yml", "localhost:10221", exporter, "localhost:9093", alerts,
			"rules/*.yml", ruleFile(t), "scrape_interval: 1m", "scrape_interval: 1s", "evaluation_interval: 1m", "evaluation_interval: 1s"))

	heard := await(t, messages, "BackupJobFailed", "BackupStorageDown")
	failed, down := heard["BackupJobFailed"], heard["BackupStorageDown"]
	var names []string
	for _, alert := range failed.Alerts {
		names = append(names, alert.Labels["id"])
		for text, want := range map[string]string{
			"summary": "backup", "description": "in environment prod of cluster home", "runbook_url": "/runbooks/BackupJobFailed.md",
		} {
			if !strings.Contains(alert.Annotations[text], want) {
				t.Errorf("%s of %s: %q, want something with %q", text, alert.Labels["id"], alert.Annotations[text], want)
			}
		}
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "lxc/101 qemu/102" {
		t.Errorf("one message with both guests, and none of those whose storage is down: got %s", got)
	}
	if failed.GroupLabels["environment"] != "prod" {
		t.Errorf("grouped by %v", failed.GroupLabels)
	}
	if len(down.Alerts) != 1 || down.Alerts[0].Labels["storage"] != "usb" {
		t.Errorf("the storage that is down: %+v", down.Alerts)
	}
	inhibited(t, alerts)
}

// await waits for the messages on some alerts, and fails for one that nobody should have got.
func await(t *testing.T, messages <-chan message, alerts ...string) map[string]message {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	heard := map[string]message{}
	for len(heard) < len(alerts) {
		select {
		case one := <-messages:
			for _, each := range one.Alerts {
				if each.Labels["alertname"] == "BackupJobFailed" && each.Labels["storage"] == "usb" {
					t.Errorf("a storage that is down has told it: %v", each.Labels)
				}
			}
			name := one.GroupLabels["alertname"]
			if _, twice := heard[name]; twice || !slices.Contains(alerts, name) {
				continue
			}
			heard[name] = one
			if one.Receiver != "pager" || one.path != "/pager" || one.Status != "firing" {
				t.Errorf("%s went to %s (%s), %s", name, one.Receiver, one.path, one.Status)
			}
		case <-late.C:
			t.Fatalf("no messages but %v", heard)
		}
	}
	return heard
}

// inhibited waits until Alertmanager itself says that it holds the failures on the storage back.
func inhibited(t *testing.T, alerts string) {
	t.Helper()
	until(t, "http://"+alerts+"/api/v2/alerts?filter=alertname%3D%22BackupJobFailed%22&filter=storage%3D%22usb%22", func(body string) bool {
		var list []struct {
			Status struct{ InhibitedBy []string }
		}
		if json.Unmarshal([]byte(body), &list) != nil || len(list) != 3 {
			return false
		}
		for _, one := range list {
			if len(one.Status.InhibitedBy) == 0 {
				return false
			}
		}
		return true
	})
}
