package endtoend

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

// slow skips a test where only quick ones are wanted. Those that run mostly wait: they do it together.
func slow(t *testing.T) {
	t.Helper()
	t.Parallel()
	if testing.Short() {
		t.Skip("it starts servers")
	}
}

// demo is a running demo of the exporter.
type demo struct {
	address  string // host:port
	declared string // the declared file that it reads
}

// startDemo shows a scenario until the test ends, and waits until everything of the cluster was read.
func startDemo(t *testing.T, exporter, scenario string) demo {
	t.Helper()
	running := demo{testprogram.FreeAddress(t), filepath.Join(t.TempDir(), "demo.yml")}
	testprogram.Start(t, exporter, "demo", "--scenario="+scenario, "--web.listen-address="+running.address, "--config.out="+running.declared)
	testprogram.Until(t, "http://"+running.address+"/metrics", func(body string) bool {
		return strings.Contains(body, collector.TargetDue) && strings.Contains(body, `source="archives"`)
	})
	return running
}

// declare adds a line to the declared file and has it read.
func (d demo) declare(t *testing.T, line string) {
	t.Helper()
	file, err := os.OpenFile(d.declared, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(line + "\n"); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+d.address+"/-/reload", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		t.Fatalf("reload answers %s", reply.Status)
	}
}

// startPrometheus starts a Prometheus with a configuration until the test ends, and returns its URL.
func startPrometheus(t *testing.T, config, data string) string {
	t.Helper()
	address := testprogram.FreeAddress(t)
	testprogram.Start(t, testprogram.Path(t, "prometheus"), "--web.listen-address="+address, "--config.file="+config,
		"--storage.tsdb.path="+data, "--storage.tsdb.retention.time=100y")
	ready(t, "http://"+address)
	return "http://" + address
}

// startAlertmanager starts an Alertmanager with a configuration until the test ends, and returns its address.
func startAlertmanager(t *testing.T, config string) string {
	t.Helper()
	address := testprogram.FreeAddress(t)
	testprogram.Start(t, testprogram.Path(t, "alertmanager"), "--cluster.listen-address=", "--web.listen-address="+address,
		"--storage.path="+t.TempDir(), "--config.file="+config)
	ready(t, "http://"+address)
	return address
}

func ready(t *testing.T, server string) {
	t.Helper()
	testprogram.Until(t, server+"/-/ready", func(string) bool { return true })
}

// example writes an example of deploy/ with some texts replaced, such as addresses and waits, and returns its path. A text that is not there
// is an error.
func example(t *testing.T, name string, replace ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testprogram.Root(t), "deploy", name))
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
