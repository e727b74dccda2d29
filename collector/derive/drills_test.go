package derive

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

const month = int64(30 * 24 * 3600)

// drilled is the cluster of the bench, in which guest 100 has a backup and has to be drilled within a month.
func drilled(t *testing.T) *bench {
	b := newBench(t)
	b.settings.DrillPeriod = func(string, int) (time.Duration, bool) { return time.Duration(month) * time.Second, true }
	b.settings.Scratch = func(vmid int) bool { return vmid >= 990000 }
	b.world.Listings[Place{Storage: "nas"}] = NewListing(b.world.Now, []pve.Archive{listed("nas", 100, "2026-07-15 01:00:01", "keep")})
	return b
}

func drillOf(picture *snapshot.Cluster, guest string) (snapshot.Drill, bool) {
	for _, drill := range picture.Drills {
		if drill.Guest == guest {
			return drill, true
		}
	}
	return snapshot.Drill{}, false
}

func TestADrillIsDueAfterTheLastSuccessOrTheFirstBackup(t *testing.T) {
	b := drilled(t)
	began := b.world.Now
	check := func(what string, want int64) {
		t.Helper()
		drill, found := drillOf(b.refresh(), "qemu/100")
		if due, known := drill.Due.Get(); !found || !known || due != want {
			t.Errorf("%s: due at %d, %t, want %d", what, due, known, want)
		}
	}
	check("never drilled", began+month)
	b.world.Now += 3600
	check("an hour later", began+month)
	b.world.Drills = map[string]Drilled{"qemu/100": {Last: &DrillResult{End: began + 60, Failed: true}}}
	check("after a failure", began+month)
	b.world.Drills["qemu/100"] = Drilled{Last: &DrillResult{End: began + 1800, Failed: true}, Success: &DrillResult{End: began + 900}}
	check("after a success before that", began+900+month)
}

func TestWhatADrillFoundOutIsShownWithItsProof(t *testing.T) {
	b := drilled(t)
	b.world.Drills = map[string]Drilled{
		"qemu/100": {
			Last:    &DrillResult{End: b.world.Now - 60, Failed: true, Proof: "agent", Stage: "prove", Reason: "silent"},
			Success: &DrillResult{End: b.world.Now - month, Proof: "started", Duration: 90 * time.Second},
		},
		"lxc/777": {Last: &DrillResult{End: b.world.Now - 60}}, // gone
	}
	picture := b.refresh()
	drill, _ := drillOf(picture, "qemu/100")
	if !drill.Failed || drill.Proof != "agent" || drill.SuccessProof != "started" || drill.Duration.Or(0) != 90 || drill.Reason != "silent" || len(picture.Drills) != 1 {
		t.Errorf("got %+v", picture.Drills)
	}
}

func TestAFormerGuestsDrillsAreNotTheNewOnes(t *testing.T) {
	b := drilled(t)
	b.world.Drills = map[string]Drilled{"qemu/100": {Last: &DrillResult{End: b.world.Now - 3600}, Success: &DrillResult{End: b.world.Now - 3600}}}
	b.refresh()
	FoldDestroy(b.memory, pve.Task{Type: "qmdestroy", ID: "100", Status: "OK", End: b.world.Now - 60})
	b.world.Listings = map[Place]Listing{}
	if drill, found := drillOf(b.judge(), "qemu/100"); found {
		t.Errorf("got %+v", drill)
	}
}

func TestGuestsThatNeedNoDrillHaveNoDueTime(t *testing.T) {
	for name, change := range map[string]func(*bench){
		"nothing declared": func(b *bench) { b.settings.DrillPeriod = nil },
		"left out":         func(b *bench) { b.settings.DrillPeriod = func(string, int) (time.Duration, bool) { return 0, false } },
		"exempt":           func(b *bench) { b.settings.Exemptions = map[int]Exemption{100: {Note: "scratch"}} },
		"no backup yet":    func(b *bench) { b.world.Listings = map[Place]Listing{} },
		"a template":       func(b *bench) { b.world.Guests[0].Template = true },
	} {
		b := drilled(t)
		change(b)
		if drill, found := drillOf(b.refresh(), "qemu/100"); found {
			t.Errorf("%s: got %+v", name, drill)
		}
	}
}

func TestScratchGuestsNeedNoBackup(t *testing.T) {
	b := drilled(t)
	b.world.Guests = append(b.world.Guests, guest("qemu", 990000, "pve1"))
	picture := b.refresh()
	scratch := b.guest(picture, "qemu/990000")
	if !scratch.Exempt || scratch.Note != "drill" || scratch.Uncovered != "" {
		t.Errorf("got %+v", scratch)
	}
	if drill, found := drillOf(picture, "qemu/990000"); found {
		t.Errorf("got %+v", drill)
	}
}
