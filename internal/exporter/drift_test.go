package exporter

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// everyGuest declares the simulated cluster's nightly job and its storage as they are.
const everyGuest = `environments:
  prod:
    guests: {all: true}
    backup: {id: nightly, adopt: true, profile: prod, storage: backup-nfs, notes-template: "{{guestname}} [job nightly]"}
storages:
  backup-nfs: {type: nfs, server: 192.0.2.200, export: /backup, retention: {keep-daily: 7, keep-weekly: 4}}
`

// once reads a cluster a single time, by the file and what is added to it.
func (b *bench) once(more string) (shown string, calls map[string]int) {
	b.t.Helper()
	b.declare("home")
	file := filepath.Join(b.dir, "config.yml")
	text, err := os.ReadFile(file)
	if err != nil {
		b.t.Fatal(err)
	}
	b.put("config.yml", string(text)+more)
	e := b.new()
	b.cluster.Requests.Reset()
	if err := e.Once(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return metrics(b.t, e), b.cluster.Requests.Counts()
}

func TestDriftIsMeasuredWithoutFurtherCalls(t *testing.T) {
	b := newBench(t)
	b.cluster.Change(func(m *pvesim.Model) { m.Jobs[0].Options["notes-template"] = "{{guestname}} [job nightly]" })
	plain, want := b.once("")
	if strings.Contains(plain, "pve_backup_drift") {
		t.Error("nothing is declared, and compared all the same")
	}
	shown, calls := b.once(everyGuest)
	wantLines(t, shown, `pve_backup_drift{cluster="home",kind="guest_disk",store=""} 0`, `pve_backup_drift{cluster="home",kind="job",store=""} 0`, `pve_backup_drift{cluster="home",kind="storage",store=""} 0`)
	if !maps.Equal(calls, want) {
		t.Errorf("with something to compare there were the calls %v, without %v", calls, want)
	}
}

func TestAnEditByHandIsDrift(t *testing.T) {
	b := newBench(t)
	b.cluster.Change(func(m *pvesim.Model) {
		m.Jobs[0].Schedule = "04:00"
		m.Storages[2].Retention = "keep-last=1"
		m.Guests[100].Config["scsi0"] += ",backup=0"
	})
	shown, _ := b.once(everyGuest)
	wantLines(t, shown, `pve_backup_drift{cluster="home",kind="guest_disk",store=""} 1`, `pve_backup_drift{cluster="home",kind="job",store=""} 1`, `pve_backup_drift{cluster="home",kind="storage",store=""} 1`)
}
