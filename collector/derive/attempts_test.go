package derive

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

const both = "vzdump 100 101 --quiet 1 --mode snapshot --storage nas"

func twoGuests(t *testing.T) *bench {
	b := newBench(t)
	b.world.Guests = append(b.world.Guests, guest("qemu", 101, "pve1"))
	b.world.Jobs[0] = nightly("nightly", 100, 101)
	b.take()
	return b
}

func TestOneFailedGuestLeavesTheOthersTheirSuccess(t *testing.T) {
	b := twoGuests(t)
	b.fold(at("2026-07-15 01:00:01"), at("2026-07-15 01:20:01"), "job errors", both,
		failed(100, "2026-07-15 01:00:01", "2026-07-15 01:10:00", vzdump.ReasonStorageFull),
		succeeded(101, "2026-07-15 01:10:00", "2026-07-15 01:20:00"))
	picture := b.judge()
	bad, good := b.target(picture, "qemu/100", "nas"), b.target(picture, "qemu/101", "nas")
	if !bad.LastAttemptFailed || bad.FailureReason != vzdump.ReasonStorageFull || bad.LastSuccess.Known() {
		t.Errorf("the failed guest: %+v", bad)
	}
	if good.LastAttemptFailed {
		t.Errorf("the other guest: %+v", good)
	}
	wantTime(t, "last success", good.LastSuccess, "2026-07-15 01:20:00")
	if len(picture.Jobs) != 1 || !picture.Jobs[0].LastRunFailed.Or(false) {
		t.Errorf("the job's run failed: %+v", picture.Jobs)
	}
}

func TestAStoredArchiveWhosePruneFailedIsBoth(t *testing.T) {
	b := newBench(t)
	b.take()
	one := failed(100, "2026-07-15 01:00:01", "2026-07-15 01:10:00", vzdump.ReasonPruneFailed)
	one.ArchiveStored, one.Archive = true, succeeded(100, "2026-07-15 01:00:01", "2026-07-15 01:10:00").Archive
	b.fold(at("2026-07-15 01:00:01"), at("2026-07-15 01:10:01"), "job errors", command, one)
	got := b.target(b.judge(), "qemu/100", "nas")
	wantTime(t, "last success", got.LastSuccess, "2026-07-15 01:10:00")
	if !got.LastAttemptFailed || got.FailureReason != vzdump.ReasonPruneFailed {
		t.Errorf("the attempt failed: %+v", got)
	}
}

func TestHistoryIsNotCounted(t *testing.T) {
	b := newBench(t)
	b.take()
	b.fold(at("2026-07-14 01:00:00"), at("2026-07-14 01:10:00"), "job errors", command, failed(100, "2026-07-14 01:00:00", "2026-07-14 01:10:00", vzdump.ReasonIOError))
	before := b.target(b.judge(), "qemu/100", "nas")
	if before.Attempts != 0 || before.Failures != 0 || !before.LastAttemptFailed {
		t.Errorf("a failure before the first look is shown and not counted: %+v", before)
	}
	b.world.Now = at("2026-07-16 02:00:00")
	b.fold(at("2026-07-16 01:00:00"), at("2026-07-16 01:10:00"), "job errors", command, failed(100, "2026-07-16 01:00:00", "2026-07-16 01:10:00", vzdump.ReasonIOError))
	after := b.target(b.judge(), "qemu/100", "nas")
	if after.Attempts != 1 || after.Failures != 1 {
		t.Errorf("got %d attempts and %d failures, want one each", after.Attempts, after.Failures)
	}
}

func TestLogTimesAreTheNodesOwn(t *testing.T) {
	for _, zone := range []bool{true, false} {
		b := newBench(t)
		if !zone {
			b.world.Nodes["pve1"] = NodeFacts{} // it must be worked out from the task's end
		}
		b.take()
		b.fold(at("2026-07-15 01:00:00"), at("2026-07-15 01:30:01"), "OK", command, succeeded(100, "2026-07-15 01:10:00", "2026-07-15 01:30:00"))
		if got, want := b.memory.Guests["qemu/100"].Targets["nas"].Success.End, at("2026-07-15 01:30:00"); got != want {
			t.Errorf("zone known %t: got %d, want %d", zone, got, want)
		}
	}
}

func TestTheHourThatComesTwiceIsToldApartByWhatComesBefore(t *testing.T) {
	b := newBench(t)
	b.take()
	start := at("2026-10-25 01:30:00")
	end := start + 3*hour
	first := succeeded(100, "2026-10-25 01:30:00", "2026-10-25 02:20:00")
	first.Duration = optional.Some(int64(3000))
	second := succeeded(101, "2026-10-25 02:20:00", "2026-10-25 02:10:00")
	second.Duration = optional.Some(int64(3000))
	third := succeeded(102, "2026-10-25 02:10:00", "2026-10-25 03:30:00")
	third.Duration = optional.Some(int64(4800))
	task := pve.Task{Start: start, End: end}
	place := newPlacer(task, &vzdump.Report{}, berlin)
	at := start
	for _, one := range []vzdump.Guest{first, second, third} {
		began, ended := span(place, task, one)
		if began != at || ended != at+one.Duration.Or(0) {
			t.Errorf("guest %d: from %d to %d s after the start, want %d to %d", one.VMID, began-start, ended-start, at-start, at-start+one.Duration.Or(0))
		}
		at += one.Duration.Or(0)
	}

	late := pve.Task{Start: start + 20*60, End: end}
	place = newPlacer(late, &vzdump.Report{}, berlin)
	began, ended := span(place, late, failed(103, "2026-10-25 02:50:00", "2026-10-25 02:45:00", vzdump.ReasonIOError))
	if began != start+80*60 || ended != start+135*60 {
		t.Errorf("a failure goes forward in time: from %d to %d s after the start, want 4800 to 8100", began-start, ended-start)
	}
}

func TestTheHourThatComesTwiceIsToldApartByTheTask(t *testing.T) {
	b := newBench(t)
	b.take()
	first := at("2026-10-25 02:30:00")
	if again := first + hour; !sameWallClock(first, again, berlin) {
		first -= hour
	}
	for _, start := range []int64{first, first + hour} {
		task := pve.Task{Node: "pve1", Start: start - 60, End: start + 60}
		place := newPlacer(task, &vzdump.Report{}, berlin)
		if got, _ := place.at(localTime("2026-10-25 02:30:00")); got != start {
			t.Errorf("got %d, want %d", got, start)
		}
	}
}

func TestAGuestThatMigratedKeepsItsNewestResult(t *testing.T) {
	b := newBench(t)
	b.take()
	b.fold(at("2026-07-15 01:00:01"), at("2026-07-15 01:10:01"), "OK", command, succeeded(100, "2026-07-15 01:00:01", "2026-07-15 01:10:00"))
	b.world.NodeStates = append(b.world.NodeStates, pve.NodeResource{Node: "pve2", Online: true})
	b.world.Guests[0].Node = "pve2"
	picture := b.refresh()
	wantTime(t, "last success", b.target(picture, "qemu/100", "nas").LastSuccess, "2026-07-15 01:10:00")
	if got := b.guest(picture, "qemu/100").Node; got != "pve2" {
		t.Errorf("node: got %s, want pve2", got)
	}
}

func TestATaskThatNamesNoGuest(t *testing.T) {
	unreachable := "could not activate storage 'nas': storage 'nas' is not online"
	nothing := func(b *bench, start int64) {
		task := pve.Task{UPID: "UPID:none", Node: "pve1", Type: "vzdump", User: "root@pam", Status: unreachable, Start: start, End: start + 5}
		report := vzdump.Report{Error: unreachable, Reason: vzdump.ReasonStorageUnavailable}
		FoldTask(b.memory, b.world, task, report, NewRuns(b.world))
	}
	t.Run("belongs to the guests of the job that was due", func(t *testing.T) {
		b := twoGuests(t)
		nothing(b, at("2026-07-15 01:00:03"))
		picture := b.judge()
		for _, id := range []string{"qemu/100", "qemu/101"} {
			one := b.target(picture, id, "nas")
			if !one.LastAttemptFailed || one.FailureReason != vzdump.ReasonStorageUnavailable {
				t.Errorf("%s: %+v", id, one)
			}
		}
		if picture.Nodes[0].UnattributedFailure {
			t.Error("the failure was attributed")
		}
	})
	t.Run("is the node's where no job was due", func(t *testing.T) {
		b := twoGuests(t)
		nothing(b, at("2026-07-15 09:00:03"))
		picture := b.judge()
		if !picture.Nodes[0].UnattributedFailure {
			t.Error("somebody must be told of the failure")
		}
		if b.target(picture, "qemu/100", "nas").LastAttemptFailed {
			t.Error("no guest is to be blamed")
		}
		b.fold(at("2026-07-15 10:00:00"), at("2026-07-15 10:10:00"), "OK", both, succeeded(100, "2026-07-15 10:00:00", "2026-07-15 10:10:00"))
		if b.judge().Nodes[0].UnattributedFailure {
			t.Error("a later task that ended well clears it")
		}
	})
	t.Run("is the node's where two jobs were due", func(t *testing.T) {
		b := twoGuests(t)
		b.world.Jobs = append(b.world.Jobs, nightly("another", 100))
		nothing(b, at("2026-07-15 01:00:03"))
		if !b.judge().Nodes[0].UnattributedFailure {
			t.Error("with two candidates nobody is to be blamed")
		}
	})
	t.Run("belongs to the job that was due last before it began", func(t *testing.T) {
		b := twoGuests(t)
		second := nightly("second", 101)
		second.Schedule = "01:01"
		b.world.Jobs = append(b.world.Jobs, second)
		nothing(b, at("2026-07-15 01:01:02"))
		picture := b.judge()
		if !b.target(picture, "qemu/101", "nas").LastAttemptFailed || b.target(picture, "qemu/100", "nas").LastAttemptFailed {
			t.Errorf("the first job had begun a minute before: %+v", picture.Targets)
		}
	})
	t.Run("is the guest's whose id the task carries", func(t *testing.T) {
		b := twoGuests(t)
		task := pve.Task{UPID: "UPID:one", ID: "101", Node: "pve1", Type: "vzdump", User: "root@pam", TokenID: "t", Status: unreachable, Start: at("2026-07-15 09:00:00"), End: at("2026-07-15 09:00:02")}
		FoldTask(b.memory, b.world, task, vzdump.Report{Error: unreachable, Reason: vzdump.ReasonStorageUnavailable}, NewRuns(b.world))
		picture := b.judge()
		if !b.target(picture, "qemu/101", "nas").LastAttemptFailed || b.target(picture, "qemu/100", "nas").LastAttemptFailed {
			t.Errorf("only 101 failed: %+v", picture.Targets)
		}
	})
}

func TestAFailureWithoutAStorageIsClearedByAnySuccess(t *testing.T) {
	for _, order := range []string{"failure first", "success first", "success by an archive"} {
		b := twoGuests(t)
		crash := func() {
			task := pve.Task{UPID: "UPID:crash", ID: "100", Node: "pve1", Type: "vzdump", User: "root@pam", TokenID: "t", Status: "unexpected status", Start: at("2026-07-14 09:00:00"), End: at("2026-07-14 09:00:02")}
			FoldTask(b.memory, b.world, task, vzdump.Report{NoLog: true}, NewRuns(b.world))
		}
		if order != "success first" {
			crash()
			if one := b.target(b.judge(), "qemu/100", ""); !one.LastAttemptFailed || one.FailureReason != vzdump.ReasonCrashed {
				t.Errorf("the failure must be seen: %+v", one)
			}
		}
		if order == "success by an archive" {
			b.list(listed("nas", 100, "2026-07-15 01:00:01", "keep"))
			b.judge() // in which the failure is told once more
		} else {
			b.fold(at("2026-07-15 01:00:01"), at("2026-07-15 01:10:01"), "OK", both, succeeded(100, "2026-07-15 01:00:01", "2026-07-15 01:10:00"))
		}
		if order == "success first" {
			crash()
		}
		if one, found := target(b.judge(), "qemu/100", ""); found {
			t.Errorf("%s: still there: %+v", order, one)
		}
	}
}

func TestTwoJobsFiveMinutesApart(t *testing.T) {
	b := twoGuests(t)
	first, second := nightly("first", 100, 101), nightly("second", 100, 101)
	second.Schedule = "01:05"
	b.world.Jobs = []pve.Job{first, second}
	b.fold(at("2026-07-15 01:00:02"), at("2026-07-15 01:20:00"), "OK", both, succeeded(100, "2026-07-15 01:00:02", "2026-07-15 01:20:00"))
	b.fold(at("2026-07-15 01:05:02"), at("2026-07-15 01:40:00"), "job errors", both, failed(100, "2026-07-15 01:20:00", "2026-07-15 01:40:00", vzdump.ReasonIOError))
	for _, job := range b.judge().Jobs {
		wantStart, wantFailed := "2026-07-15 01:00:02", false
		if job.ID == "second" {
			wantStart, wantFailed = "2026-07-15 01:05:02", true
		}
		wantTime(t, job.ID+" last run", job.LastRun, wantStart)
		if got := job.LastRunFailed.Or(!wantFailed); got != wantFailed {
			t.Errorf("%s: failed %t, want %t", job.ID, got, wantFailed)
		}
	}
}

func TestAJobsRunIsTheTasksOfAllNodes(t *testing.T) {
	b := twoGuests(t)
	b.world.NodeStates = append(b.world.NodeStates, pve.NodeResource{Node: "pve2", Online: true})
	b.world.Nodes["pve2"] = NodeFacts{Zone: berlin}
	b.fold(at("2026-07-15 01:00:02"), at("2026-07-15 01:20:00"), "OK", both, succeeded(100, "2026-07-15 01:00:02", "2026-07-15 01:20:00"))
	other := pve.Task{UPID: "UPID:pve2", Node: "pve2", Type: "vzdump", User: "root@pam", Status: "job errors", Start: at("2026-07-15 01:00:09"), End: at("2026-07-15 02:00:00")}
	FoldTask(b.memory, b.world, other, vzdump.Report{Command: both, Guests: []vzdump.Guest{failed(101, "2026-07-15 01:00:10", "2026-07-15 02:00:00", vzdump.ReasonIOError)}}, NewRuns(b.world))
	job := b.judge().Jobs[0]
	if !job.LastRunFailed.Or(false) || job.LastRunDuration.Or(0) != at("2026-07-15 02:00:00")-at("2026-07-15 01:00:02") {
		t.Errorf("one run of both nodes: %+v", job)
	}
}

func TestAGuestThatIsGoneIsNoFailureOfAnybody(t *testing.T) {
	b := newBench(t)
	b.world.Jobs[0] = nightly("nightly", 100, 999)
	b.take()
	b.fold(at("2026-07-15 01:00:02"), at("2026-07-15 01:20:00"), "job errors", "vzdump 100 999 --quiet 1 --mode snapshot --storage nas",
		succeeded(100, "2026-07-15 01:00:02", "2026-07-15 01:20:00"),
		vzdump.Guest{VMID: 999, Result: vzdump.GuestFailed, Reason: vzdump.ReasonGuestMissing, Ended: localTime("2026-07-15 01:20:00")})
	picture := b.judge()
	if len(picture.Targets) != 1 || picture.Targets[0].LastAttemptFailed || picture.Nodes[0].UnattributedFailure {
		t.Errorf("%+v", picture.Targets)
	}
	if got := picture.Jobs[0].MissingGuests; got != 1 {
		t.Errorf("the job names %d missing guests, want 1", got)
	}
}
