package provisioner

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

const minimal = `
environments:
  prod:
    guests: {vmids: [100, 102]}
    backup: {profile: prod, storage: nas}
`

func TestAMinimalFileIsEnough(t *testing.T) {
	b := newBench(t)
	b.declare(minimal)
	b.mustRun(nil)
	if !b.changes {
		t.Error("nothing had to be done")
	}
	want := map[string]string{
		"schedule": "01:00", "enabled": "true", "storage": "nas", "mode": "snapshot", "compress": "zstd", "vmid": "100,102",
		"prune-backups": "keep-daily=7,keep-weekly=4", "comment": "[pve-backup-exporter environment=prod]",
		"notes-template": "{{guestname}} {{vmid}} {{node}} [job backup-prod]",
	}
	if got := b.job("backup-prod"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := b.guest(102, "scsi1"); got != "local-zfs:vm-102-disk-1,backup=1,discard=on,size=8G" {
		t.Errorf("the disk is %s", got)
	}
	b.settled()
}

func TestADryRunChangesNothing(t *testing.T) {
	b := newBench(t)
	b.declare(minimal)
	b.storage = b.folder + "/nowhere"
	b.mustRun(dryRun)
	if writes := b.writes(); len(writes) > 0 || !b.changes {
		t.Errorf("wrote %v, changes %t", writes, b.changes)
	}
	if !strings.Contains(b.printed, "backup-prod") {
		t.Errorf("no plan:\n%s", b.printed)
	}
}

// TestEveryFieldOfAJob sets each field, gives it another value and takes it out again.
func TestEveryFieldOfAJob(t *testing.T) {
	const none = "-"
	for _, c := range []struct {
		name, first, second  string // keys of the file
		one, other, afterOut string // what the job has then
		offsite              bool   // on the second job, onto the Proxmox Backup Server
	}{
		{"schedule", `schedule: "02:30"`, `schedule: "mon..fri 03:00"`, "02:30", "mon..fri 03:00", "01:00", false},
		{"storage", `storage: local`, `storage: pbs`, "local", "pbs", "nas", false},
		{"enabled", `enabled: false`, `enabled: true`, "false", "true", "true", false},
		{"node", `node: pve1`, `node: pve2`, "pve1", "pve2", none, false},
		{"mode", `mode: stop`, `mode: default`, "stop", none, "snapshot", false},
		{"compress", `compress: gzip`, `compress: none`, "gzip", "0", "zstd", false},
		{"zstd", `zstd: 4`, `zstd: 0`, "4", "0", none, false},
		{"bwlimit", `bwlimit: 1024`, `bwlimit: 0`, "1024", none, none, false},
		{"prune-backups", `retention: {keep-last: 5}`, `retention: {keep-all: true}`, "keep-last=5", "keep-all=1", "keep-daily=7,keep-weekly=4", false},
		{"notification-mode", `notification-mode: notification-system`, `notification-mode: legacy-sendmail`, "notification-system", "legacy-sendmail", none, false},
		{"mailto", `mailto: [ops@example.org]`, `mailto: [ops@example.org, dev@example.org]`, "ops@example.org", "ops@example.org,dev@example.org", none, false},
		{"mailnotification", `mailnotification: failure`, `mailnotification: always`, "failure", none, none, false},
		{
			"notes-template", `notes-template: "{{guestname}}"`, `notes-template: "{{vmid}} [job backup-prod]"`,
			"{{guestname}} [job backup-prod]", "{{vmid}} [job backup-prod]", "{{guestname}} {{vmid}} {{node}} [job backup-prod]", false,
		},
		{"protected", `protected: true`, `protected: false`, "1", none, none, false},
		{"repeat-missed", `repeat-missed: true`, `repeat-missed: false`, "1", none, none, false},
		{"fleecing", `fleecing: {storage: local-zfs}`, `fleecing: {storage: local}`, "1,storage=local-zfs", "1,storage=local", none, false},
		{"pbs-change-detection-mode", `pbs-change-detection-mode: data`, `pbs-change-detection-mode: metadata`, "data", "metadata", none, true},
		{
			"comment", `comment: nightly`, `comment: "ask ops: now"`, "nightly [pve-backup-exporter environment=prod]",
			"ask ops: now [pve-backup-exporter environment=prod]", "[pve-backup-exporter environment=prod]", false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.inProcess = true
			id := "backup-prod"
			if c.offsite {
				id = "backup-prod-offsite"
			}
			for _, step := range []struct{ key, want string }{{c.first, c.one}, {c.second, c.other}, {"", c.afterOut}} {
				b.declare(withKey(step.key, c.name, c.offsite))
				b.cluster.Requests.Reset()
				b.mustRun(func(o *Options) { o.Accepted = plan.Risks() })
				got := b.job(id)[c.name]
				if strings.TrimSuffix(got, "0") == "" && step.want == none && got != "" {
					got = none // a default that is spelled out
				}
				if got != step.want && (got != "" || step.want != none) {
					t.Errorf("after %q: got %q, want %q", step.key, got, step.want)
				}
				for _, write := range b.writes() {
					if strings.HasPrefix(write, "PUT /cluster/backup") && strings.HasSuffix(write, "offsite") != c.offsite {
						t.Errorf("after %q: %s", step.key, write)
					}
				}
				b.settled()
			}
		})
	}
}

// withKey is a file with one key of a backup besides what it must have.
func withKey(key, name string, offsite bool) string {
	first, second := []string{"profile: prod", "storage: nas"}, []string{"storage: pbs", `schedule: "sun 04:00"`}
	switch {
	case key == "":
	case offsite:
		second = append(second, key)
	case name == "storage":
		first[1] = key
	default:
		first = append(first, key)
	}
	offsiteKey := ""
	if offsite {
		offsiteKey = ", offsite: {" + strings.Join(second, ", ") + "}"
	}
	return "environments:\n  prod:\n    guests: {vmids: [100, 102]}\n    backup: {" + strings.Join(first, ", ") + offsiteKey + "}\n"
}

// TestEverySelection turns each kind of selection into each other one.
func TestEverySelection(t *testing.T) {
	selections := []struct {
		guests string
		want   map[string]string // of the jobs, by id and property
	}{
		{"{vmids: [100, 102]}", map[string]string{"backup-prod vmid": "100,102", "backup-prod all": "", "backup-prod pool": ""}},
		{"{pools: [lab]}", map[string]string{"backup-prod pool": "lab", "backup-prod vmid": "", "backup-prod all": ""}},
		{"{all: true}", map[string]string{"backup-prod all": "1", "backup-prod vmid": "", "backup-prod pool": "", "backup-prod exclude": ""}},
		{"{all: true, exclude: [101]}", map[string]string{"backup-prod all": "1", "backup-prod exclude": "101"}},
		{"{nodes: [pve1]}", map[string]string{"backup-prod all": "1", "backup-prod node": "pve1", "backup-prod exclude": ""}},
		{"{tags: [prod]}", map[string]string{"backup-prod vmid": "100,102", "backup-prod node": ""}},
	}
	for _, from := range selections {
		for _, to := range selections {
			t.Run(from.guests+" to "+to.guests, func(t *testing.T) {
				b := newBench(t)
				b.inProcess = true
				for _, step := range []struct {
					guests string
					want   map[string]string
				}{from, to} {
					b.declare("environments:\n  prod:\n    guests: " + step.guests + "\n    backup: {profile: prod, storage: nas, disks: unmanaged}\n")
					b.mustRun(func(o *Options) { o.Accepted = plan.Risks() })
					for what, want := range step.want {
						id, name, _ := strings.Cut(what, " ")
						if got := b.job(id)[name]; got != want && got+want != "0" {
							t.Errorf("%s: %s is %q, want %q", step.guests, what, got, want)
						}
					}
					b.settled()
				}
			})
		}
	}
}

const twoTargets = `
environments:
  prod:
    guests: {vmids: [100, 102]}
    backup:
      profile: prod
      storage: nas
      offsite: {storage: pbs, schedule: "sun 04:00", retention: {keep-weekly: 8}}
  lab:
    guests: {pools: [lab]}
    backup: {profile: lab, storage: nas}
`

func TestBothTargetsOfAnEnvironment(t *testing.T) {
	b := newBench(t)
	b.declare(twoTargets)
	b.mustRun(nil)
	if got := b.jobIDs(); got != "backup-lab backup-prod backup-prod-offsite" {
		t.Fatalf("got %s", got)
	}
	far := b.job("backup-prod-offsite")
	if far["storage"] != "pbs" || far["schedule"] != "sun 04:00" || far["prune-backups"] != "keep-weekly=8" || far["vmid"] != "100,102" {
		t.Errorf("got %v", far)
	}
	b.settled()
}

func TestOnlyTheNamedEnvironments(t *testing.T) {
	b := newBench(t)
	b.declare(twoTargets)
	only := func(names ...string) func(*Options) { return func(o *Options) { o.Environments = names } }
	b.mustRun(only("lab"))
	if got := b.jobIDs(); got != "backup-lab" {
		t.Errorf("got %s", got)
	}
	if got := b.guest(102, "scsi1"); !strings.Contains(got, "backup=0") {
		t.Errorf("a disk of another environment was changed: %s", got)
	}
	b.fails(only("lob"), `no environment "lob"`, "did you mean --environment=lab?")
	b.declare(strings.Replace(twoTargets, "  lab:\n    guests: {pools: [lab]}\n    backup: {profile: lab, storage: nas}\n", "", 1))
	b.mustRun(func(o *Options) { o.Environments, o.Policy = []string{"prod"}, plan.Sync })
	if got := b.jobIDs(); got != "backup-lab backup-prod backup-prod-offsite" {
		t.Errorf("a job of another environment was removed, or none made: %s", got)
	}
}

func TestSyncRemovesItsOwnJobsOnly(t *testing.T) {
	b := newBench(t)
	b.cluster.Change(func(m *pvesim.Model) {
		for _, id := range []string{"theirs", "other", "third"} {
			m.Jobs = append(m.Jobs, &pvesim.Job{ID: id, Schedule: "05:00", Options: map[string]string{"storage": "nas", "all": "1"}})
		}
	})
	b.declare(twoTargets)
	b.mustRun(nil)
	less := strings.Replace(twoTargets, `      offsite: {storage: pbs, schedule: "sun 04:00", retention: {keep-weekly: 8}}`+"\n", "", 1)
	b.declare(less)
	b.mustRun(nil)
	if got := b.jobIDs(); got != "backup-lab backup-prod backup-prod-offsite other theirs third" {
		t.Errorf("removed without being told to: %s", got)
	}
	sync := func(o *Options) { o.Policy = plan.Sync }
	b.mustRun(sync)
	if got := b.jobIDs(); got != "backup-lab backup-prod other theirs third" {
		t.Errorf("got %s", got)
	}
	b.declare("environments:\n  new:\n    guests: {vmids: [100]}\n    backup: {profile: prod, storage: nas}\n")
	b.fails(sync, "2 of 5 jobs would be removed", "--accept-risk=remove-many-jobs")
	b.mustRun(func(o *Options) { o.Policy, o.Accepted = plan.Sync, []string{plan.RemoveManyJobs} })
	if got := b.jobIDs(); got != "backup-new other theirs third" {
		t.Errorf("got %s", got)
	}
}

func TestALastCoverIsNotTakenAwayUnasked(t *testing.T) {
	b := newBench(t)
	b.declare(minimal)
	b.mustRun(nil)
	b.declare(strings.Replace(minimal, "[100, 102]", "[100]", 1))
	b.fails(nil, "102", "--accept-risk=uncover-guests")
	if got := b.job("backup-prod")["vmid"]; got != "100,102" {
		t.Errorf("it was changed all the same: %s", got)
	}
	b.mustRun(func(o *Options) { o.Accepted = []string{plan.UncoverGuests} })
	if got := b.job("backup-prod")["vmid"]; got != "100" {
		t.Errorf("got %s", got)
	}
}

func TestAJobIsTakenOverOnlyWhenTold(t *testing.T) {
	b := newBench(t)
	b.cluster.Change(func(m *pvesim.Model) {
		m.Jobs = append(m.Jobs, &pvesim.Job{ID: "nightly", Schedule: "05:00", Options: map[string]string{
			"storage": "nas", "vmid": "102,100", "mode": "stop", "comment": "by hand", "bwlimit": "100", "exclude-path": "/tmp",
		}})
	})
	file := strings.Replace(minimal, "storage: nas", "storage: nas, id: nightly", 1)
	b.declare(file)
	b.fails(nil, "config.yml:", "nightly exists, was not made by this tool", "adopt: true")
	if got := b.job("nightly")["schedule"]; got != "05:00" {
		t.Errorf("it was changed: %s", got)
	}
	b.declare(strings.Replace(file, "id: nightly", "id: nightly, adopt: true", 1))
	b.mustRun(func(o *Options) { o.Accepted = plan.Risks() })
	got := b.job("nightly")
	if got["schedule"] != "01:00" || got["comment"] != "by hand" || got["bwlimit"] != "100" || got["exclude-path"] != "/tmp" || got["mode"] != "snapshot" {
		t.Errorf("got %v", got)
	}
	b.settled()
	b.declare("environments:\n  lab:\n    guests: {vmids: [100, 102]}\n    backup: {profile: prod, storage: nas, disks: unmanaged}\n")
	b.mustRun(func(o *Options) { o.Policy, o.Accepted = plan.Sync, plan.Risks() })
	if got := b.jobIDs(); got != "backup-lab nightly" {
		t.Errorf("an adopted job was removed: %s", got)
	}
}

func TestEditsByHandAreHealed(t *testing.T) {
	b := newBench(t)
	b.declare(minimal)
	b.mustRun(nil)
	b.cluster.Change(func(m *pvesim.Model) {
		job := m.Job("backup-prod")
		job.Schedule, job.Disabled, job.Options["vmid"], job.Options["bwlimit"] = "06:00", true, "100", "5"
		m.Guests[102].Config["scsi1"] = "local-zfs:vm-102-disk-1,discard=on,backup=0,size=8G"
	})
	b.mustRun(nil)
	got := b.job("backup-prod")
	if got["schedule"] != "01:00" || got["enabled"] != "true" || got["vmid"] != "100,102" || got["bwlimit"] != "" {
		t.Errorf("got %v", got)
	}
	b.settled()
}

func TestAMountPointWaitsForTheRestart(t *testing.T) {
	b := newBench(t)
	b.declare("environments:\n  lab:\n    guests: {pools: [lab]}\n    backup: {profile: lab, storage: nas}\n")
	b.mustRun(nil)
	if !strings.Contains(b.said, "pending restart") {
		t.Errorf("not told:\n%s", withoutLog(b.said))
	}
	b.cluster.Requests.Reset()
	b.mustRun(nil)
	if writes := b.writes(); len(writes) > 0 || b.changes || !strings.Contains(b.printed, "1 pending restart") {
		t.Errorf("wrote %v, changes %t:\n%s", writes, b.changes, b.printed)
	}
	b.cluster.Change(func(m *pvesim.Model) {
		guest := m.Guests[101]
		for name, text := range guest.Pending {
			guest.Config[name] = text
		}
		guest.Pending = nil
	})
	b.settled()
}
