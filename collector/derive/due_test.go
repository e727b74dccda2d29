package derive

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

func TestDueTimesFollowTheSchedule(t *testing.T) {
	for _, test := range []struct {
		name, schedule, task, success, end, want string
	}{
		{"a daily job leaves 48 hours and what the last run took", "01:00", "2026-07-15 01:00:02", "2026-07-15 01:10:00", "2026-07-15 01:30:00", "2026-07-17 01:30:00"},
		{"a weekly job about eight days", "sun 04:00", "2026-07-12 04:00:03", "2026-07-12 04:00:05", "2026-07-12 05:00:00", "2026-07-20 05:00:00"},
		{"an hourly job two hours", "hourly", "2026-07-15 11:00:01", "2026-07-15 11:00:03", "2026-07-15 11:00:40", "2026-07-15 13:00:40"},
		{"a job every ten minutes an hour", "*/10", "2026-07-15 11:50:01", "2026-07-15 11:50:02", "2026-07-15 11:50:05", "2026-07-15 13:00:05"},
		{"a weekly job that takes 30 hours", "sun 04:00", "2026-07-12 04:00:03", "2026-07-12 04:00:05", "2026-07-13 10:00:00", "2026-07-21 10:00:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.world.Jobs[0].Schedule = test.schedule
			b.take()
			b.fold(at(test.task), at(test.end)+1, "OK", command, succeeded(100, test.success, test.end))
			one := b.target(b.judge(), "qemu/100", "nas")
			wantTime(t, "due", one.Due, test.want)
		})
	}
}

func TestTheEarliestJobDecides(t *testing.T) {
	b := newBench(t)
	weekly := nightly("weekly", 100)
	weekly.Schedule = "sun 04:00"
	b.world.Jobs = append(b.world.Jobs, weekly)
	b.take()
	b.fold(at("2026-07-15 01:00:01"), at("2026-07-15 01:00:01"), "OK", command, succeeded(100, "2026-07-15 01:00:01", "2026-07-15 01:00:01"))
	wantTime(t, "due", b.target(b.judge(), "qemu/100", "nas").Due, "2026-07-17 01:00:01")
}

func TestAGuestThatIsSeenForTheFirstTimeIsNotOverdue(t *testing.T) {
	b := newBench(t)
	one := b.target(b.refresh(), "qemu/100", "nas")
	wantTime(t, "due", one.Due, "2026-07-17 01:00:00")
	wantTime(t, "last success", one.LastSuccess, "")
}

func TestAnOldBackupIsOverdueAtTheFirstLook(t *testing.T) {
	b := newBench(t)
	b.world.Listings[Place{Storage: "nas"}] = NewListing(b.world.Now, []pve.Archive{listed("nas", 100, "2026-07-08 01:00:02", "keep")})
	one := b.target(b.refresh(), "qemu/100", "nas")
	wantTime(t, "due", one.Due, "2026-07-10 01:00:00")
	if due, observed := one.Due.Or(0), one.Observed.Or(0); due >= observed {
		t.Errorf("due %d must lie before observed %d", due, observed)
	}
}

func TestAnEditOfTheScheduleGivesTimeUntilTheNewRun(t *testing.T) {
	b := newBench(t)
	b.world.Jobs[0].Schedule = "sun 04:00"
	b.take()
	b.fold(at("2026-07-12 04:00:00"), at("2026-07-12 05:00:00"), "OK", command, succeeded(100, "2026-07-12 04:00:00", "2026-07-12 05:00:00"))
	b.judge()
	b.world.Now += hour
	b.world.Jobs[0].Schedule = "daily"
	wantTime(t, "due", b.target(b.refresh(), "qemu/100", "nas").Due, "2026-07-17 01:00:00")
}

func TestAnEditDoesNotExcuseWhatIsOverdue(t *testing.T) {
	b := newBench(t)
	b.take()
	b.fold(at("2026-07-10 01:00:00"), at("2026-07-10 01:05:00"), "OK", command, succeeded(100, "2026-07-10 01:00:00", "2026-07-10 01:05:00"))
	wantTime(t, "due before the edit", b.target(b.judge(), "qemu/100", "nas").Due, "2026-07-12 01:05:00")

	b.world.Jobs[0].Schedule = "02:00"
	wantTime(t, "due after the edit", b.target(b.refresh(), "qemu/100", "nas").Due, "2026-07-12 01:05:00")

	b.world.Jobs[0].Enabled = false
	b.world.Listings[Place{Storage: "nas"}] = NewListing(b.world.Now, []pve.Archive{listed("nas", 100, "2026-07-10 01:00:00", "keep")})
	wantTime(t, "due while disabled", b.target(b.refresh(), "qemu/100", "nas").Due, "")

	b.world.Jobs[0].Enabled = true
	wantTime(t, "due when enabled again", b.target(b.refresh(), "qemu/100", "nas").Due, "2026-07-12 01:05:00")
}

func TestAJobThatWasDisabledInTimeBeginsAnew(t *testing.T) {
	b := newBench(t)
	b.take()
	b.fold(at("2026-07-15 01:00:00"), at("2026-07-15 01:05:00"), "OK", command, succeeded(100, "2026-07-15 01:00:00", "2026-07-15 01:05:00"))
	b.judge()
	b.world.Jobs[0].Enabled = false
	b.refresh()
	b.world.Now += 30 * day
	b.refresh()
	b.world.Jobs[0].Enabled = true
	wantTime(t, "due", b.target(b.refresh(), "qemu/100", "nas").Due, "2026-08-16 01:05:00")
}

func TestUnreadableJobsLeaveTwoDays(t *testing.T) {
	b := newBench(t)
	b.world.Jobs, b.world.JobsKnown = nil, false
	b.world.Listings[Place{Storage: "nas"}] = NewListing(b.world.Now, []pve.Archive{listed("nas", 100, "2026-07-14 01:00:00", "keep")})
	picture := b.refresh()
	wantTime(t, "due", b.target(picture, "qemu/100", "nas").Due, "2026-07-16 01:00:00")
	if b.guest(picture, "qemu/100").Covered.Known() {
		t.Error("cover must be unknown while the jobs cannot be read")
	}
}

func TestExemptGuestsHaveNoDueTime(t *testing.T) {
	b := newBench(t)
	b.settings.Exemptions = map[int]Exemption{100: {Note: "scratch", Until: b.world.Now + 1}}
	wantTime(t, "due", b.target(b.refresh(), "qemu/100", "nas").Due, "")
	b.world.Now += 2
	picture := b.refresh()
	wantTime(t, "due after the exemption", b.target(picture, "qemu/100", "nas").Due, "2026-07-17 01:00:00")
	if one := b.guest(picture, "qemu/100"); one.Exempt || !one.ExemptUntil.Known() {
		t.Errorf("an expired exemption excuses nothing and stays to be seen: %+v", one)
	}
}

func TestExternalBackupsHaveTheirDeclaredInterval(t *testing.T) {
	b := newBench(t)
	b.world.Jobs = nil
	b.world.Guests = append(b.world.Guests, guest("lxc", 200, "pve1"))
	b.settings.External = []External{{VMID: 100, Storage: "nas", Interval: 12 * 3600e9}}
	b.world.Listings[Place{Storage: "nas"}] = NewListing(b.world.Now, []pve.Archive{listed("nas", 100, "2026-07-15 06:00:00", "keep")})
	picture := b.refresh()
	wantTime(t, "due", b.target(picture, "qemu/100", "nas").Due, "2026-07-16 06:00:00")
	for id, want := range map[string]bool{"qemu/100": true, "lxc/200": false} {
		one := b.guest(picture, id)
		if covered, known := one.Covered.Get(); !known || covered != want || (one.Uncovered == "") != want {
			t.Errorf("%s: covered %t (known %t), uncovered %q", id, covered, known, one.Uncovered)
		}
	}
}

func TestNothingIsDueBeforeEverythingWasRead(t *testing.T) {
	b := newBench(t)
	b.take()
	one := b.target(Judge(b.memory, b.world, b.settings, NewRuns(b.world), false), "qemu/100", "nas")
	wantTime(t, "due", one.Due, "")
}

func TestRunsAreTheClustersOwnInItsZone(t *testing.T) {
	b := newBench(t)
	b.world.Analyzed = map[string]AnalyzedRuns{"odd": {From: 0, Runs: []int64{100, 200, 300}}}
	runs := NewRuns(b.world)
	for after, want := range map[int64]int64{50: 100, 100: 200, 250: 300} {
		if got, found := runs.Next("odd", berlin, after); !found || got != want {
			t.Errorf("after %d: got %d, %t, want %d", after, got, found, want)
		}
	}
	if got, found := runs.Next("odd", berlin, 300); found {
		t.Errorf("beyond what the cluster said: got %d, want nothing", got)
	}
	if latest, found := runs.Latest("odd", berlin, 250); !found || latest != 200 {
		t.Errorf("latest at 250: got %d, %t, want 200", latest, found)
	}
}

func TestARunningTaskHoldsBackTheVerdict(t *testing.T) {
	b := newBench(t)
	b.take()
	b.fold(at("2026-07-13 01:00:00"), at("2026-07-13 01:05:00"), "OK", command, succeeded(100, "2026-07-13 01:00:00", "2026-07-13 01:05:00"))
	b.judge()
	running := pve.Task{UPID: "UPID:run", Node: "pve1", Type: "vzdump", Start: at("2026-07-15 01:00:02")}
	b.world.Running = []RunningTask{{Task: running, Report: vzdump.Report{Command: command, Guests: []vzdump.Guest{{
		VMID: 100, Type: "qemu", Result: vzdump.GuestRunning, Started: localTime("2026-07-15 01:00:05"), Progress: optional.Some(0.25),
	}}}}}
	b.memory.Guests["qemu/100"].Targets["nas"].Observed = 0
	picture := b.refresh()
	wantTime(t, "observed", b.target(picture, "qemu/100", "nas").Observed, "2026-07-15 01:00:02")
	one := b.guest(picture, "qemu/100")
	if progress, _ := one.RunningProgress.Get(); !one.Running || progress != 0.25 {
		t.Errorf("running: got %+v", one)
	}
	wantTime(t, "running since", one.RunningSince, "2026-07-15 01:00:05")
}
