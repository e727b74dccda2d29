package cluster

import (
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// dumpOf prints a cluster and loads what was printed.
func dumpOf(t testing.TB, client Reader) (text string, file *config.File) {
	t.Helper()
	dumped, err := Dump(load(t, "").Clusters[0], read(t, client, NeedForDump("home")))
	if err != nil {
		t.Fatal(err)
	}
	file, err = config.LoadBytes("dump.yml", dumped)
	if err != nil {
		t.Fatalf("a dump must load: %v\n%s", err, dumped)
	}
	return string(dumped), file
}

// TestADumpReads shows the form of a dump: what is the default is not in it, guests are named as closely as jobs name them, the same guests onto
// two storages are one environment, and volumes that are left out are declared with the environment of their guest.
func TestADumpReads(t *testing.T) {
	_, client := simulate(t, pvesim.Options{}, func(m *pvesim.Model) {
		m.Storages = slices.DeleteFunc(m.Storages, func(storage *pvesim.Storage) bool { return storage.ID == "local" })
		m.Guests[100].Config["scsi1"] = "a:b,backup=0"
		m.Guests[101].Config["mp0"] = "a:b,mp=/x"
		m.Jobs = []*pvesim.Job{
			{ID: "nightly", Schedule: "01:00", Options: map[string]string{"all": "1", "storage": "backup-nfs", "mode": "snapshot", "ionice": "3"}},
			{ID: "three", Schedule: "02:00", Disabled: true, Options: map[string]string{"vmid": "102,100", "storage": "backup-nfs", "compress": "1", "node": "pve1"}},
			{ID: "weekly", Schedule: "sun 05:00", Options: map[string]string{"all": "1", "storage": "pbs-remote", "prune-backups": "keep-weekly=8", "comment": "far"}},
		}
	})
	text, _ := dumpOf(t, client)
	const want = `environments:
  three:
    cluster: home
    guests:
      vmids: [100, 102]
    backup:
      storage: backup-nfs
      schedule: "02:00"
      mode: default
      compress: lzo
      id: three
      enabled: false
      adopt: true
      node: pve1
      excluded_disks:
        - vmid: 100
          disks: [scsi1]
  # job nightly has more, for which this file has no keys; it is left as it is: ionice="3"
  nightly:
    cluster: home
    guests:
      all: true
    backup:
      storage: backup-nfs
      schedule: "01:00"
      mode: snapshot
      compress: default
      id: nightly
      adopt: true
      excluded_disks:
        - vmid: 101
          disks: [mp0]
      offsite:
        storage: pbs-remote
        schedule: "sun 05:00"
        mode: default
        compress: default
        retention:
          keep-weekly: 8
        id: weekly
        adopt: true
        comment: far
storages:
  backup-nfs:
    cluster: home
    type: nfs
    adopt: true
    content: [backup]
    retention:
      keep-daily: 7
      keep-weekly: 4
    server: 192.0.2.200
    export: /backup
  # its password cannot be read; the storage keeps it unless password_file is named
  pbs-remote:
    cluster: home
    type: pbs
    adopt: true
    content: [backup]
    retention:
      keep-weekly: 8
    server: 192.0.2.201
    datastore: main
    username: sync@pbs
`
	if _, got, _ := strings.Cut(text, "home.provisioner\n"); got != want {
		t.Errorf("got\n%s", text)
	}
}

func TestADumpSaysWhatItLeavesOut(t *testing.T) {
	job := func(id string, options map[string]string) *pvesim.Job {
		return &pvesim.Job{ID: id, Schedule: "01:00", Options: options}
	}
	ok := map[string]string{"vmid": "100", "storage": "local"}
	for _, test := range []struct {
		what   string
		job    *pvesim.Job
		inFile bool
		remark string
	}{
		{"an id that is too long", job(strings.Repeat("x", 51), ok), false, "can neither show nor change nor remove it"},
		{"no storage", job("jj", map[string]string{"vmid": "100"}), false, "job jj is not in this file: it leaves the storage to each node's vzdump.conf"},
		{"a folder", job("jj", map[string]string{"vmid": "100", "dumpdir": "/old"}), false, "it writes to a folder (dumpdir) instead of a storage"},
		{"nobody", job("jj", map[string]string{"storage": "local"}), false, "it selects no guest"},
		{"a job of the old file", job("da39a3ee5e6b4b0d3255bfef95601890afd80709:1", ok), true, "every edit of that file gives its jobs new ids"},
		{"other properties", job("jj", map[string]string{"vmid": "100", "storage": "local", "exclude-path": "/a\n/b", "script": "/x"}), true, `exclude-path="/a\n/b" script="/x"`},
		{"notes that the file refuses", job("jj", map[string]string{"vmid": "100", "storage": "local", "notes-template": "{{who}}", "mode": "stop"}), true, `job jj: notes-template "{{who}}" is left as it is`},
	} {
		_, client := simulate(t, pvesim.Options{}, func(m *pvesim.Model) { m.Jobs = []*pvesim.Job{test.job} })
		text, file := dumpOf(t, client)
		if !strings.Contains(text, test.remark) {
			t.Errorf("%s: no remark in\n%s", test.what, text)
		}
		if in := len(file.Jobs()) == 1; in != test.inFile {
			t.Errorf("%s: in the file %v, want %v", test.what, in, test.inFile)
		}
	}
	_, client := simulate(t, pvesim.Options{}, func(m *pvesim.Model) {
		m.Storages = append(m.Storages, &pvesim.Storage{ID: "ceph", Type: "cephfs", Content: []string{"backup"}})
	})
	if text, _ := dumpOf(t, client); !strings.Contains(text, "storage ceph is not in this file: it has no keys for the type cephfs") {
		t.Errorf("got\n%s", text)
	}
}

// TestADumpedJobOfOurOwnStaysOurs: its mark is neither written into the file nor taken from the job.
func TestADumpedJobOfOurOwnStaysOurs(t *testing.T) {
	_, client := simulate(t, pvesim.Options{}, func(m *pvesim.Model) {
		m.Jobs = []*pvesim.Job{{ID: "backup-prod", Schedule: "01:00", Options: map[string]string{
			"vmid": "100", "storage": "local", "comment": "nightly [pve-backup-exporter environment=prod]",
		}}}
	})
	text, file := dumpOf(t, client)
	if strings.Contains(text, "[pve-backup-exporter") || file.Environments[0].Name != "prod" {
		t.Errorf("got\n%s", text)
	}
	if made, _ := planOf(t, file, read(t, client, NeedOf(file, "home", nil))); len(made.Changes)+len(made.Refusals) > 0 {
		t.Errorf("got %+v", made)
	}
}

// TestADumpNeverShowsWhatItCannotPrint: names and comments may hold anything.
func TestADumpNeverShowsWhatItCannotPrint(t *testing.T) {
	inv := inventory(t, stored("jj", map[string]string{"vmid": "100", "storage": "local", "script": "a\nversion: 2\x1b[2J", "comment": "one\nclusters: {}"}))
	dumped, err := Dump(load(t, "").Clusters[0], inv)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsRune(string(dumped), '\x1b') || strings.Count(string(dumped), "\nclusters:") != 1 || strings.Contains(string(dumped), "\nversion: 2") {
		t.Errorf("got\n%s", dumped)
	}
}

// TestVolumesThatCouldNotBeReadAreLeftAsTheyAre: else a plan by the dump would change what nobody saw.
func TestVolumesThatCouldNotBeReadAreLeftAsTheyAre(t *testing.T) {
	inv := inventory(t, stored("jj", map[string]string{"pool": "prod", "storage": "local"}))
	inv.Volumes = map[int][]pve.IncludedVolume{100: {{Key: "scsi1"}}}
	dumped, err := Dump(load(t, "").Clusters[0], inv)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(dumped), "disks: unmanaged") || strings.Contains(string(dumped), "excluded_disks") ||
		!strings.Contains(string(dumped), "the volumes of guest 101 could not be read") {
		t.Errorf("got\n%s", dumped)
	}
}
