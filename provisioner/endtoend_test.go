package provisioner

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

const threeKept = `
environments:
  prod:
    guests: {vmids: [100, 102]}
    backup: {schedule: "01:00", storage: nas, retention: {keep-last: 3}, offsite: {storage: pbs, schedule: "sun 04:00", retention: {keep-last: 2}}}
  lab:
    guests: {pools: [lab]}
    backup: {profile: lab, storage: nas}
`

// archives counts the archives of a guest on a storage.
func (b *bench) archives(storage string, vmid int) (count int) {
	b.cluster.Change(func(m *pvesim.Model) {
		for _, archive := range m.Archives(storage, "pve1") {
			if archive.VMID == vmid {
				count++
			}
		}
	})
	return count
}

// TestJobsRunAsDeclared is the way from a file to archives: the jobs are there with storage, schedule and next run; they run; and one run more
// than a rule keeps leaves what the rule keeps.
func TestJobsRunAsDeclared(t *testing.T) {
	b := newBench(t)
	b.declare(threeKept)
	b.mustRun(func(o *Options) { o.JSON = true })
	var document struct {
		Result string
		Jobs   []struct {
			Cluster, ID, Environment, Storage, Schedule string
			Enabled                                     bool
			NextRun                                     time.Time `json:"next_run"`
		}
	}
	if err := json.Unmarshal([]byte(b.printed), &document); err != nil {
		t.Fatalf("%v:\n%s", err, b.printed)
	}
	got := map[string]string{}
	for _, job := range document.Jobs {
		got[job.ID] = fmt.Sprint(job.Cluster, job.Environment, job.Storage, job.Schedule, job.Enabled, job.NextRun.UTC().Format(time.DateTime))
	}
	want := map[string]string{ // it is Friday noon
		"backup-prod":         fmt.Sprint("home", "prod", "nas", "01:00", true, "2026-11-21 01:00:00"),
		"backup-prod-offsite": fmt.Sprint("home", "prod", "pbs", "sun 04:00", true, "2026-11-22 04:00:00"),
		"backup-lab":          fmt.Sprint("home", "lab", "nas", "sun 03:00", true, "2026-11-22 03:00:00"),
	}
	if document.Result != "applied" || !maps.Equal(got, want) {
		t.Errorf("%s: got %v\nwant %v", document.Result, got, want)
	}

	for day := 1; day <= 4; day++ {
		b.clock.Advance(24 * time.Hour)
		if got, want := b.archives("nas", 100), min(day, 3); got != want {
			t.Errorf("day %d: %d archives of 100, want %d", day, got, want)
		}
	}
	b.clock.Advance(3 * 7 * 24 * time.Hour)
	for _, c := range []struct {
		storage string
		vmid    int
		want    int
	}{{"nas", 100, 3}, {"nas", 102, 3}, {"pbs", 100, 2}, {"pbs", 102, 2}, {"nas", 101, 3}, {"nas", 103, 3}, {"pbs", 101, 0}} {
		if got := b.archives(c.storage, c.vmid); got != c.want {
			t.Errorf("%d archives of %d on %s, want %d", got, c.vmid, c.storage, c.want)
		}
	}
	b.settled()
}

// TestArchivesAreNotDeletedUnasked makes rules stricter once there are archives.
func TestArchivesAreNotDeletedUnasked(t *testing.T) {
	b := newBench(t)
	b.declare(threeKept)
	b.mustRun(nil)
	b.clock.Advance(10 * 24 * time.Hour)
	less := strings.Replace(threeKept, "{keep-last: 3}", "{keep-last: 1}", 1)
	for name, file := range map[string]string{
		"another rule":     less,
		"another profile":  strings.Replace(threeKept, `retention: {keep-last: 3}`, `retention: {keep-weekly: 1}`, 1),
		"the storage's":    "storages:\n  nas: {type: nfs, server: 192.0.2.200, export: /backup, retention: {keep-last: 1}, adopt: true}\n" + strings.TrimLeft(strings.Replace(threeKept, "retention: {keep-last: 3}, ", "", 1), "\n"),
		"by another job":   strings.Replace(strings.Replace(threeKept, "storage: nas,", "storage: nas, id: other,", 1), "{keep-last: 3}", "{keep-last: 1}", 1),
		"in both the jobs": strings.Replace(less, "{keep-last: 2}", "{keep-last: 1}", 1),
	} {
		b.declare(file)
		b.cluster.Requests.Reset()
		b.fails(nil, "deletes ", "at the next run", "2 of guest 100", "--accept-risk=delete-archives", "config.yml:")
		if writes := b.writes(); len(writes) > 0 {
			t.Errorf("%s: wrote %v", name, writes)
		}
		if !strings.Contains(b.printed, "4 archives") {
			t.Errorf("%s: not how many:\n%s", name, b.printed)
		}
	}
	b.cluster.Requests.Reset()
	b.declare(strings.Replace(threeKept, "{keep-last: 3}", "{keep-last: 5}", 1))
	b.mustRun(nil)
	b.declare(less)
	b.mustRun(func(o *Options) { o.Accepted = []string{plan.DeleteArchives} })
	if !strings.Contains(b.printed, "accepted by --accept-risk=delete-archives") {
		t.Errorf("the warning is gone:\n%s", b.printed)
	}
	b.clock.Advance(24 * time.Hour)
	if got := b.archives("nas", 100); got != 1 {
		t.Errorf("%d archives", got)
	}
}

func TestArchivesThatCannotBeLookedAt(t *testing.T) {
	b := newBench(t)
	b.declare(threeKept)
	b.mustRun(nil)
	b.cluster.Faults.Add(broken("/nodes/{node}/storage/{storage}/prunebackups", "unable to activate storage 'nas'"))
	b.declare(strings.Replace(threeKept, "{keep-last: 3}", "{keep-last: 1}", 1))
	b.fails(nil, "cannot be found out: unable to activate storage 'nas'", "goes on without knowing")
	b.mustRun(func(o *Options) { o.Accepted = []string{plan.DeleteArchives} })
}

// TestWhatADumpPrintsNeedsNothing: save it, try it: nothing to do, and nothing refused.
func TestWhatADumpPrintsNeedsNothing(t *testing.T) {
	b := newBench(t)
	b.declare(twoTargets)
	b.mustRun(nil)
	b.cluster.Change(func(m *pvesim.Model) {
		m.Jobs = append(m.Jobs, &pvesim.Job{ID: "hand-made", Schedule: "mon..fri 05:00", Options: map[string]string{"storage": "local", "all": "1", "exclude": "101,103", "bwlimit": "77"}})
	})
	var text, said strings.Builder
	options := DumpOptions{ConfigFile: filepath.Join(b.folder, "config.yml"), Root: b.folder, Data: &text, Talk: &said, Logger: b.options(nil).Logger}
	if options.Logger == nil {
		t.Fatal("no logger")
	}
	if err := Dump(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	if writes := b.writes(); strings.Contains(strings.Join(writes, " "), "dump") {
		t.Errorf("wrote %v", writes)
	}
	b.put("config.yml", text.String())
	b.cluster.Requests.Reset()
	b.storage = t.TempDir()
	if err := b.run(nil); err != nil {
		t.Fatalf("%s\n%s\n%s", text.String(), b.printed, withoutLog(b.said))
	}
	if writes := b.writes(); len(writes) > 0 {
		t.Errorf("wrote %v:\n%s\n%s", writes, text.String(), b.printed)
	}
	if strings.Contains(text.String(), canary) || !strings.Contains(text.String(), "hand-made") || !strings.Contains(said.String(), "dry-run") {
		t.Errorf("%s\n%s", text.String(), said.String())
	}
}

// TestTheCallsOfALargePlan: two thousand volumes, 201 jobs or 1, and 5 storages, all as declared: the calls do not grow with the objects, but
// for one for each job that tells of volumes; no other call does for several guests.
func TestTheCallsOfALargePlan(t *testing.T) {
	for _, c := range []struct {
		environments int // each with as many guests of the 2,000
		included     int // calls for the volumes of jobs
	}{{1, 1}, {200, 200}} {
		t.Run(fmt.Sprintf("%d environments", c.environments), func(t *testing.T) {
			b := newBench(t)
			b.inProcess = true
			b.cluster.Change(func(m *pvesim.Model) {
				for i := range 2000 {
					vmid := 1000 + i
					m.AddGuest(&pvesim.Guest{VMID: vmid, Type: "qemu", Node: fmt.Sprintf("pve%d", i%2+1), Config: map[string]string{
						"name": fmt.Sprintf("vm%d", vmid), "scsi0": fmt.Sprintf("local-zfs:vm-%d-disk-0,size=8G", vmid),
					}})
				}
			})
			var file strings.Builder
			file.WriteString("storages:\n  nas: {type: nfs, server: 192.0.2.200, export: /backup}\nenvironments:\n")
			each := 2000 / c.environments
			for i := range c.environments {
				ids := make([]string, each)
				for j := range each {
					ids[j] = fmt.Sprint(1000 + i*each + j)
				}
				fmt.Fprintf(&file, "  e%d: {guests: {vmids: [%s]}, backup: {profile: prod, storage: nas}}\n", i, strings.Join(ids, ", "))
			}
			b.declare(file.String())
			b.mustRun(nil)
			b.cluster.Requests.Reset()
			b.mustRun(dryRun)
			want := map[string]int{
				"GET /version": 1, "GET /cluster/resources": 1, "GET /storage": 1, "GET /cluster/backup": 1,
				"GET /cluster/backup/{id}/included_volumes": c.included,
			}
			if got := b.cluster.Requests.Counts(); !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if b.changes {
				t.Errorf("something is to be done:\n%.2000s", b.printed)
			}
		})
	}
}

func TestJSONIsAllThatIsPrinted(t *testing.T) {
	b := newBench(t)
	result := func(edit func(*Options)) string {
		t.Helper()
		_ = b.run(func(o *Options) {
			o.JSON = true
			if edit != nil {
				edit(o)
			}
		})
		var document struct{ Result string }
		if err := json.Unmarshal([]byte(b.printed), &document); err != nil {
			t.Fatalf("%v:\n%s", err, b.printed)
		}
		return document.Result
	}
	b.declare("nonsense: true\n")
	if got := result(nil); got != "failed" {
		t.Errorf("a bad file: %s", got)
	}
	b.declare(minimal)
	for _, c := range []struct {
		want string
		edit func(*Options)
	}{{"planned", dryRun}, {"applied", nil}, {"no_changes", nil}, {"no_changes", dryRun}} {
		if got := result(c.edit); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	b.declare(strings.Replace(minimal, "[100, 102]", "[100]", 1))
	if got := result(nil); got != "refused" {
		t.Errorf("got %s", got)
	}
	if err := os.WriteFile(filepath.Join(b.folder, "home.provisioner"), []byte("wrong"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := result(nil); got != "failed" {
		t.Errorf("got %s", got)
	}
}

// drift is what the exporter says by kind, after one refresh of all.
func (b *bench) drift() map[string]float64 {
	b.t.Helper()
	watching, err := exporter.New(exporter.Options{
		ConfigFile: filepath.Join(b.folder, "config.yml"), Root: b.folder, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: b.clock.Now,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := watching.Once(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	families, err := watching.Gatherer().Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	found := map[string]float64{}
	for _, family := range families {
		if family.GetName() != "pve_backup_drift" {
			continue
		}
		for _, metric := range family.Metric {
			for _, label := range metric.Label {
				if label.GetName() == "kind" {
					found[label.GetValue()] = metric.GetGauge().GetValue()
				}
			}
		}
	}
	return found
}

// TestAnEditByHandIsDriftUntilItIsHealed: what provisioning finds to do is what the exporter, with its own token, counts.
func TestAnEditByHandIsDriftUntilItIsHealed(t *testing.T) {
	b := newBench(t)
	b.put("home.exporter", pvesim.ExporterSecret)
	b.cluster.Change(func(m *pvesim.Model) {
		m.Access.Users["backup-exporter@pve"] = &access.User{}
		m.Access.Tokens[pvesim.ExporterToken] = &access.Token{Secret: pvesim.ExporterSecret}
		m.Access.Grants = append(m.Access.Grants,
			access.Grant{Path: "/", Who: "backup-exporter@pve", Role: "PVEAuditor"}, access.Grant{Path: "/", Who: pvesim.ExporterToken, Role: "PVEAuditor"})
	})
	b.declare(fmt.Sprintf("    exporter: {token_id: %q, token_secret_file: home.exporter}\n", pvesim.ExporterToken) + strings.TrimLeft(minimal, "\n"))
	want := func(when string, want map[string]float64) {
		t.Helper()
		if got := b.drift(); !maps.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", when, got, want)
		}
	}
	b.mustRun(nil)
	want("provisioned", map[string]float64{"job": 0, "guest_disk": 0})
	b.cluster.Change(func(m *pvesim.Model) {
		m.Job("backup-prod").Schedule = "03:00"
		m.Guests[100].Config["scsi0"] += ",backup=0"
	})
	want("edited", map[string]float64{"job": 1, "guest_disk": 1})
	b.mustRun(nil)
	want("healed", map[string]float64{"job": 0, "guest_disk": 0})
}

// TestAClusterThatIsDownStopsAll: nothing is written to the other one either, and the error names which.
func TestAClusterThatIsDownStopsAll(t *testing.T) {
	b := newBench(t)
	b.declare(`  office:
    endpoints: ["https://127.0.0.1:1"]
    provisioner: {token_id: "backup-admin@pve!provision", token_secret_file: home.provisioner}
environments:
  prod: {cluster: home, guests: {vmids: [100, 102]}, backup: {profile: prod, storage: nas}}
  desk: {cluster: office, guests: {vmids: [100]}, backup: {profile: prod, storage: nas}}
`)
	b.fails(nil, "cluster office: ", "connection refused", "nothing listens there")
	if writes := b.writes(); len(writes) > 0 {
		t.Errorf("wrote %v", writes)
	}
	b.mustRun(func(o *Options) { o.Environments = []string{"prod"} }) // which asks the other cluster nothing
	if got := b.jobIDs(); got != "backup-prod" {
		t.Errorf("got %s", got)
	}
}
