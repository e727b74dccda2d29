package refresh

import (
	"slices"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// withhold takes privileges from the exporter's token.
func withhold(privileges ...string) func(*pvesim.Model) {
	return func(m *pvesim.Model) {
		m.Access.Roles["PVEAuditor"] = slices.DeleteFunc(m.Access.Roles["PVEAuditor"], func(one string) bool { return slices.Contains(privileges, one) })
	}
}

func grant(privilege string) func(*pvesim.Model) {
	return func(m *pvesim.Model) { m.Access.Roles["PVEAuditor"] = append(m.Access.Roles["PVEAuditor"], privilege) }
}

func TestATokenThatMayNotListArchivesStillKnowsTheResults(t *testing.T) {
	b := newStory(t, setting{days: 2, build: withhold("Datastore.Audit")})
	b.slow()
	b.wantTime("last success out of the history", b.target("qemu/100", nfs).LastSuccess, "2026-07-15 01:")
	b.watch(utc("2026-07-19 12:00"), 6*time.Hour, b.nobodyMissing)
	for _, id := range []string{"qemu/100", "lxc/101", "qemu/102", "lxc/103"} {
		one := b.target(id, nfs)
		b.wantTime(id+" last success", one.LastSuccess, "2026-07-19 01:")
		if one.Attempts != 4 || one.Archives.Known() || one.Expected.Known() || one.Excess.Known() || !one.Due.Known() {
			t.Errorf("results are known, archives are not: %+v", one)
		}
	}
	b.wantSeries(map[string]float64{
		"up": 1,
		`permission_missing{path="/storage/backup-nfs",privilege="Datastore.Audit"}`: 1,
		`permission_missing{path="/storage/pbs-remote",privilege="Datastore.Audit"}`: 1,
	})
	b.wantNoSeries("pve_backup_archive")
}

func TestATokenThatMayNoLongerListArchivesKeepsTheLastFigures(t *testing.T) {
	b := newStory(t, setting{days: 2})
	b.slow()
	before := b.target("qemu/100", nfs)
	b.cluster.Change(withhold("Datastore.Audit"))
	b.watch(utc("2026-07-18 12:00"), 6*time.Hour, b.nobodyMissing)
	after := b.target("qemu/100", nfs)
	b.wantTime("last success", after.LastSuccess, "2026-07-18 01:")
	if after.Archives != before.Archives || after.Expected != before.Expected {
		t.Errorf("archives as of the last listing: got %+v, want %+v", after, before)
	}
	if b.sourceUp(snapshot.SourceArchives, "", nfs) {
		t.Error("the archives cannot be read: their source is down")
	}
	b.cluster.Change(grant("Datastore.Audit"))
	b.slow()
	if archives, _ := b.target("qemu/100", nfs).Archives.Get(); archives.Count != 5 || !b.sourceUp(snapshot.SourceArchives, "", nfs) {
		t.Errorf("with the privilege back: %+v", archives)
	}
}

func TestATokenWithoutSysAuditLivesOnArchives(t *testing.T) {
	b := newStory(t, setting{days: 2, build: withhold("Sys.Audit")})
	b.slow()
	one := b.target("qemu/100", nfs)
	b.wantTime("last success", one.LastSuccess, "2026-07-15 01:00")
	b.wantTime("due two days later, as the jobs cannot be read", one.Due, "2026-07-17 01:00")
	if one.LastAttempt.Known() || one.Duration.Known() {
		t.Errorf("nobody saw a task: %+v", one)
	}
	if b.guest("qemu/100").Covered.Known() || len(b.picture.Jobs) != 0 {
		t.Error("cover is unknown while the jobs cannot be read")
	}
	if b.sourceUp(snapshot.SourceTasks, "pve1", "") || b.sourceUp(snapshot.SourceJobs, "", "") {
		t.Error("neither tasks nor jobs can be read")
	}
	b.watch(utc("2026-07-18 12:00"), 6*time.Hour, b.nobodyMissing)
	b.wantSeries(map[string]float64{
		"up": 1,
		`permission_missing{path="/",privilege="Sys.Audit"}`:                                       1,
		`permission_missing{path="/nodes/pve1",privilege="Sys.Audit"}`:                             1,
		`archives{environment="unassigned",id="qemu/100",storage="backup-nfs"}`:                    5,
		`guest_attempts_total{environment="unassigned",id="qemu/100",storage="backup-nfs"}`:        0,
		`guest_due_timestamp_seconds{environment="unassigned",id="qemu/100",storage="backup-nfs"}`: float64(b.target("qemu/100", nfs).LastSuccess.Or(0) + 48*3600),
	})
	b.wantNoSeries("guest_covered")
	b.wantNoSeries("guest_uncovered")

	b.cluster.Change(func(m *pvesim.Model) { m.Job("nightly").Disabled = true })
	b.watch(utc("2026-07-20 12:00"), 6*time.Hour, func() {})
	if !b.missing("qemu/100", nfs) {
		t.Errorf("two days without an archive must be seen: %+v", b.target("qemu/100", nfs))
	}
	b.cluster.Change(grant("Sys.Audit"))
	b.slow()
	if got := b.guest("lxc/101"); got.Uncovered != snapshot.UncoveredJobDisabled || b.target("lxc/101", nfs).Due.Known() {
		t.Errorf("with the jobs readable the guest is uncovered: %+v", got)
	}
	b.wantTime("the log tells the end", b.target("qemu/100", nfs).LastAttempt, "2026-07-18 01:")
}
