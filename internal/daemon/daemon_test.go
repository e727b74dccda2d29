package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func TestServesWhatTheClusterHas(t *testing.T) {
	_, _, configFile := simulate(t)
	run := options(configFile, t.TempDir())
	run.Privileged = true
	s := start(t, run)
	s.get("/-/ready", 200)
	s.get("/metrics", 200, `pve_backup_up{cluster="home"} 1`, "pve_backup_guest_last_success_timestamp_seconds{", "go_goroutines", "pve_backup_exporter_build_info{")
	s.get("/", 200, "Cluster home", "answers")
	s.end()
	for _, want := range []string{`"msg":"starting","version":"1.2.3"`, `"msg":"ended"`, "running as root is not needed"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, s.log)
		}
	}
	if strings.Contains(s.log.String(), pvesim.ExporterSecret) {
		t.Error("the log contains the token's secret")
	}
}

func TestRemembersOverARestart(t *testing.T) {
	_, node, configFile := simulate(t)
	storage := t.TempDir()
	s := start(t, options(configFile, storage))
	s.get("/metrics", 200, "pve_backup_guest_observed_timestamp_seconds{")
	s.end()
	if _, err := os.Stat(filepath.Join(storage, "state.json")); err != nil {
		t.Fatal(err)
	}

	node.Close() // what is known must not depend on the cluster
	s = start(t, options(configFile, storage))
	s.get("/-/ready", 200)
	s.get("/metrics", 200, `pve_backup_up{cluster="home"} 0`, "pve_backup_guest_last_success_timestamp_seconds{")
	s.get("/", 200, "Cluster home does not answer, what is shown is as of")
	s.end()
}

func TestReloadsOnASignal(t *testing.T) {
	_, node, configFile := simulate(t)
	s := start(t, options(configFile, ""))
	s.get("/metrics", 200, `pve_backup_up{cluster="home"} 1`, "pve_backup_exporter_config_last_reload_successful 1")

	put(t, configFile, "version: 1\nclustres: {}\n", 0o600)
	s.reload <- syscall.SIGHUP
	s.get("/metrics", 200, "pve_backup_exporter_config_last_reload_successful 0", `pve_backup_up{cluster="home"} 1`)
	s.get("/", 200, "The declared file could not be loaded", "`clusters` is missing", "clustres")

	put(t, configFile, declare("office", node.URL), 0o600)
	s.reload <- syscall.SIGHUP
	after := s.get("/metrics", 200, "pve_backup_exporter_config_last_reload_successful 1", `pve_backup_up{cluster="office"} 1`)
	if strings.Contains(after, `cluster="home"`) {
		t.Error("a cluster that is no longer declared keeps its series")
	}
	s.end()
}

// A cluster that hangs keeps neither the start nor the end of the service waiting.
func TestEndsAtOnceWhileTheClusterHangs(t *testing.T) {
	cluster, _, configFile := simulate(t)
	cluster.Faults.Add(wire.Fault{Hang: true})
	s := start(t, options(configFile, t.TempDir()))
	s.get("/-/healthy", 200)
	s.get("/-/ready", 503, "not read yet: cluster home")
	s.get("/metrics", 200, "pve_backup_exporter_build_info{")
	s.get("/", 200, "Cluster home is being read for the first time")
	s.end() // the test would run into its timeout if the end waited for the cluster
}

func TestWhatKeepsTheServiceFromStarting(t *testing.T) {
	_, _, good := simulate(t)
	folder := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(folder, name)
		put(t, path, content, mode)
		return path
	}
	secret := func(name string) string {
		return file(name+".yml", strings.ReplaceAll(declare("home", "https://192.0.2.1:8006"), "home.exporter", name), 0o600)
	}
	put(t, filepath.Join(folder, "ca.pem"), "", 0o600)
	file("open", "canary-secret", 0o644)
	file("empty", "", 0o600)
	file("lines", "canary-secret\nsecond", 0o600)
	for _, test := range []struct {
		name   string
		change func(*Options)
		says   []string
	}{
		{"missing file", func(o *Options) { o.ConfigFile = filepath.Join(folder, "nowhere.yml") }, []string{"nowhere.yml: no such file or directory"}},
		{"malformed file", func(o *Options) { o.ConfigFile = file("bad.yml", "version: 1\nclusters: [\n", 0o600) }, []string{"bad.yml:"}},
		{"unknown key", func(o *Options) { o.ConfigFile = file("key.yml", "version: 1\nclustres: {}\n", 0o600) }, []string{"key.yml:2:1", "clustres"}},
		{"no token", func(o *Options) {
			o.ConfigFile = file("tokenless.yml", "version: 1\nclusters:\n  home: {endpoints: [https://192.0.2.1:8006]}\n", 0o600)
		}, []string{"cluster `home` has no token"}},
		{"missing secret", func(o *Options) { o.ConfigFile = secret("nosecret") }, []string{"cluster home: secret file", "nosecret", "no such file"}},
		{"secret open to all", func(o *Options) { o.ConfigFile = secret("open") }, []string{"cluster home: secret file", "too open"}},
		{"empty secret", func(o *Options) { o.ConfigFile = secret("empty") }, []string{"is empty"}},
		{"secret of two lines", func(o *Options) { o.ConfigFile = secret("lines") }, []string{"more than one line"}},
		{"missing storage path", func(o *Options) { o.StoragePath = filepath.Join(folder, "none") }, []string{"storage path", "none: no such file"}},
		{"storage path is a file", func(o *Options) { o.StoragePath = filepath.Join(folder, "empty") }, []string{"storage path", "is not a folder"}},
		{"storage path and secret", func(o *Options) { o.StoragePath, o.ConfigFile = "/proc/self", secret("gone") }, []string{"storage path /proc/self", "secret file"}},
		{"telemetry path", func(o *Options) { o.TelemetryPath = "metrics" }, []string{"telemetry path 'metrics'"}},
		{"address", func(o *Options) { o.Web.WebListenAddresses = &[]string{"192.0.2.1:1"} }, []string{"listen tcp 192.0.2.1:1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			log := &logWatch{address: make(chan string, 1)}
			run := options(good, "")
			run.Logger = logger(log)
			test.change(&run)
			err := Run(t.Context(), run)
			if err == nil {
				t.Fatal("it started")
			}
			for _, want := range test.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if len(ui.Hints(err)) == 0 {
				t.Errorf("%q has no hint", err)
			}
			if strings.Contains(err.Error()+strings.Join(ui.Hints(err), " ")+log.String(), "canary") {
				t.Errorf("a secret is shown: %q, %q, %s", err, ui.Hints(err), log)
			}
		})
	}
}
