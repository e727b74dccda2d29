package exporter

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/s3sim"
)

// declareStores writes a file with the cluster home and these stores, each with the state of one environment.
func (b *bench) declareStores(stores map[string]string) {
	b.t.Helper()
	b.put("key", "observer")
	b.put("key.secret", "hunter2-of-the-store")
	text := fmt.Sprintf("version: 1\nclusters:\n  home: {endpoints: [%q], ca_file: ca.pem, exporter: {token_id: %q, token_secret_file: secret}}\nstores:\n", b.server.URL, pvesim.ExporterToken)
	environments := "environments:\n"
	vmid := 100
	for name, further := range stores {
		text += fmt.Sprintf("  %s: {kind: s3, access_key_file: key, secret_key_file: key.secret, %s}\n", name, further)
		environments += fmt.Sprintf("  of-%[1]s: {guests: {vmids: [%[2]d]}, terraform_state: {store: %[1]s, bucket: tfstate, read_serial: true}}\n", name, vmid)
		vmid++
	}
	b.put("config.yml", text+environments)
}

// stateStore serves an object store with a state.
func stateStore(t *testing.T) string {
	t.Helper()
	store := s3sim.New(time.Now)
	if err := store.MakeBucket("tfstate", true); err != nil {
		t.Fatal(err)
	}
	if err := store.Put(time.Now().Add(-time.Hour), "tfstate", "terraform.tfstate", `{"version": 4, "terraform_version": "1.11.4", "serial": 41, "lineage": "3f9a0f6e"}`); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	return server.URL
}

func TestOnceReadsEveryStore(t *testing.T) {
	b := newBench(t)
	b.declareStores(map[string]string{"minio": fmt.Sprintf("endpoint: %q", stateStore(t))})
	e := b.new()
	if err := e.Once(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantLines(t, metrics(t, e), `pve_backup_up{cluster="home"} 1`, `pve_backup_s3_up{store="minio"} 1`,
		`pve_backup_terraform_state_serial{bucket="tfstate",environment="of-minio",key="terraform.tfstate",store="minio"} 41`)
	if got := e.ObjectStores(); len(got) != 1 || got[0].Name != "minio" {
		t.Errorf("got %v", got)
	}
}

// Whatever is wrong with a store, the exporter starts, the cluster and the other store are read, and what is wrong is told without the secret.
func TestAStoreThatCannotBeUsedHoldsNothingUp(t *testing.T) {
	for name, test := range map[string]struct {
		further, want string
	}{
		"nobody there":                     {further: `endpoint: "http://127.0.0.1:1"`, want: "connection refused"},
		"no authority's file":              {further: `endpoint: "https://127.0.0.1:1", ca_file: missing.pem`, want: "missing.pem"},
		"an authority's file that is none": {further: `endpoint: "https://127.0.0.1:1", ca_file: config.yml`, want: "no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.declareStores(map[string]string{"good": fmt.Sprintf("endpoint: %q", stateStore(t)), "bad": test.further})
			e := b.new()
			err := e.Once(context.Background())
			if err == nil || !strings.Contains(err.Error(), "store bad: ") || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %s", err, test.want)
			}
			text := metrics(t, e)
			wantLines(t, text, `pve_backup_up{cluster="home"} 1`, `pve_backup_s3_up{store="good"} 1`, `pve_backup_source_up{cluster="",node="",source="health",storage="",store="bad"} 0`)
			if strings.Contains(text, `pve_backup_s3_up{store="bad"} 1`) {
				t.Error("it is up")
			}
		})
	}
}

func TestAStoreThatIsNoLongerDeclaredLeavesNoSeries(t *testing.T) {
	b := newBench(t)
	address := stateStore(t)
	b.declareStores(map[string]string{"minio": fmt.Sprintf("endpoint: %q", address), "other": fmt.Sprintf("endpoint: %q", stateStore(t))})
	e := b.new()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	shows := func(line string) func() bool {
		return func() bool { return strings.Contains(metrics(t, e), line) }
	}
	until(t, shows(`pve_backup_s3_up{store="other"} 1`))
	until(t, shows(`pve_backup_s3_up{store="minio"} 1`))
	b.declareStores(map[string]string{"minio": fmt.Sprintf("endpoint: %q", address)})
	if err := e.Reload(); err != nil {
		t.Fatal(err)
	}
	if text := metrics(t, e); strings.Contains(text, `store="other"`) || !strings.Contains(text, `pve_backup_s3_up{store="minio"} 1`) {
		t.Error("the series are not those of the new file")
	}
}
