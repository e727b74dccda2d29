package vzdump

import (
	"slices"
	"strings"
	"testing"
)

// Inside of the block of guest 101, a hook script prints INFO lines of its choice, and a guest can choose texts on ERROR lines (by the
// errors of its agent). Whatever they say, only vzdump's own lines may decide about 101 and nobody else may appear.
func TestWhatHookScriptsAndGuestsMaySay(t *testing.T) {
	begin := []string{
		"INFO: starting new backup job: vzdump 101", "INFO: Starting Backup of VM 101 (qemu)", "INFO: Backup started at 2026-01-01 00:00:00",
		"INFO: status = running", "INFO: VM Name: real", "INFO: backup mode: snapshot",
	}
	write := []string{"INFO: creating vzdump archive '/real.vma'", "INFO: archive file size: 3MB"}
	success := []string{"INFO: Finished Backup of VM 101 (00:00:07)", "INFO: Backup finished at 2026-01-01 00:00:07", "INFO: Backup job finished successfully", "TASK OK"}
	failure := []string{"ERROR: Backup of VM 101 failed - No space left on device", "INFO: Failed at 2026-01-01 00:00:09", "INFO: Backup job finished with errors", "TASK ERROR: job errors"}
	imitations := map[string][]string{
		"another guest's end":           {"INFO: Finished Backup of VM 999 (00:00:01)", "INFO: Backup finished at 2026-01-01 00:00:01"},
		"another guest's beginning":     {"INFO: Starting Backup of VM 999 (qemu)", "INFO: something else"},
		"another guest's block":         {"INFO: Starting Backup of VM 999 (qemu)", "INFO: Backup started at 2026-01-01 00:00:00", "INFO: VM Name: fake", "INFO: Finished Backup of VM 999 (00:00:01)", "INFO: Backup finished at 2026-01-01 00:00:01"},
		"another guest's endless block": {"INFO: Starting Backup of VM 999 (qemu)", "INFO: status = running", "INFO: creating vzdump archive '/fake.vma'"},
		"another guest's failure":       {"ERROR: Backup of VM 999 failed - fake", "INFO: something else"},
		"its own beginning":             {"INFO: Starting Backup of VM 101 (lxc)", "INFO: VM Name: fake", "INFO: backup mode: stop"},
		"its own end":                   {"INFO: Finished Backup of VM 101 (00:00:01)"},
		"its own end without a figure":  {"INFO: Finished Backup of VM 101", "INFO: Finished Backup of VM 101 (soon)"},
		"its own failure":               {"ERROR: Backup of VM 101 failed - fake"},
		"failure of the wrong level":    {"INFO: ERROR: Backup of VM 101 failed - fake", "INFO: Backup of VM 101 failed - fake"},
		"end of the job":                {"INFO: Backup job finished successfully", "INFO: Backup job finished with errors"},
		"failure of the job":            {"ERROR: Backup job failed - fake"},
		"a task line":                   {"TASK OK", "INFO: TASK ERROR: fake"},
		"a failing task line":           {"TASK ERROR: fake"},
		"another job":                   {"INFO: starting new backup job: vzdump 999", "INFO: skip external VMs: 101"},
		"lock trouble":                  {"INFO: trying to get global lock - waiting...", "ERROR: can't acquire lock '/var/run/vzdump.lock' - got timeout"},
		"timestamps":                    {"INFO: Backup started at 2020-01-01 00:00:00", "INFO: Backup finished at 2020-01-01 00:00:00", "INFO: Failed at 2020-01-01 00:00:00"},
		"a second prefix":               {"INFO: 101: 2024-11-20 01:30:58 INFO: Finished Backup of VM 101 (00:00:01)", "INFO: INFO: Finished Backup of VM 999 (00:00:01)"},
	}
	for name, lines := range imitations {
		for ending, end := range map[string][]string{"success": success, "failure": failure} {
			t.Run(name+"/"+ending, func(t *testing.T) {
				report := parseLines(slices.Concat(begin, lines, write, end)...)
				if len(report.Guests) != 1 || report.Command != "vzdump 101" {
					t.Fatalf("got %+v", report)
				}
				got := report.Guests[0]
				wantResult, wantTask, wantSeconds := GuestSuccess, ResultOK, int64(7)
				if ending == "failure" {
					wantResult, wantTask, wantSeconds = GuestFailed, ResultFailed, 9
				}
				if got.Result != wantResult || report.Result != wantTask || got.Duration.Or(-1) != wantSeconds {
					t.Errorf("guest %s in %d s, task %s", got.Result, got.Duration.Or(-1), report.Result)
				}
				if got.VMID != 101 || got.Type != "qemu" || got.Name != "real" || got.Mode != "snapshot" || got.Started.String() != "2026-01-01 00:00:00" {
					t.Errorf("facts of somebody else: %+v", got)
				}
				// A block inside of the block takes the lines after it along, until it turns out to be none.
				if got.Archive != "/real.vma" && !strings.Contains(name, "endless") {
					t.Errorf("archive %q", got.Archive)
				}
				if ending == "failure" && got.Reason != ReasonStorageFull {
					t.Errorf("reason %s", got.Reason)
				}
			})
		}
	}
}

// After the end of a block come the hook phases backup-abort and log-end.
func TestWhatHookScriptsMaySayAfterTheEnd(t *testing.T) {
	begin := []string{"INFO: starting new backup job: vzdump 101 102", "INFO: Starting Backup of VM 101 (qemu)", "INFO: Backup started at 2026-01-01 00:00:00", "INFO: VM Name: real"}
	after := []string{"INFO: Finished Backup of VM 101 (99:00:00)", "INFO: Backup finished at 2027-01-01 00:00:00", "INFO: VM Name: fake", "INFO: archive file size: 9TB"}
	next := []string{"INFO: Starting Backup of VM 102 (qemu)", "INFO: Finished Backup of VM 102 (00:00:02)", "TASK ERROR: job errors"}
	failed := parseLines(slices.Concat(begin, []string{"ERROR: Backup of VM 101 failed - x", "INFO: Failed at 2026-01-01 00:00:09"}, after, next)...)
	if got := guestResults(failed); !slices.Equal(got, []string{"101 failed unknown", "102 success "}) {
		t.Errorf("after a failure: %q", got)
	}
	good := parseLines(slices.Concat(begin, []string{"INFO: Finished Backup of VM 101 (00:00:03)", "INFO: Backup finished at 2026-01-01 00:00:03"}, after, next)...)
	if got := good.Guests[0]; got.Duration.Or(-1) != 3 || got.Name != "real" || got.ArchiveBytes.Known() {
		t.Errorf("after a success: %+v", got)
	}
}

// ERROR lines cannot come from a hook script: a failure stands, even where the script imitated a sealed success before it.
func TestAFailureOutranksAnImitatedSuccess(t *testing.T) {
	report := parseLines("INFO: starting new backup job: vzdump 101", "INFO: Starting Backup of VM 101 (qemu)", "INFO: Backup started at 2026-01-01 00:00:00",
		"INFO: Finished Backup of VM 101 (00:00:01)", "INFO: Backup finished at 2026-01-01 00:00:01",
		"ERROR: Backup of VM 101 failed - command '/hook backup-end snapshot 101' failed: exit code 1", "INFO: Failed at 2026-01-01 00:00:05")
	if got := report.Guests[0]; got.Result != GuestFailed || got.Reason != ReasonHookFailed || got.Duration.Or(-1) != 5 {
		t.Errorf("got %+v", got)
	}
}

// A log from which lines were lost shows blocks that never end; the blocks after them are vzdump's all the same.
func TestBlocksWithoutEnd(t *testing.T) {
	report := parseLines("INFO: starting new backup job: vzdump 101 102 103", "INFO: Starting Backup of VM 101 (qemu)", "INFO: Backup started at 2026-01-01 00:00:00",
		"......",
		"INFO: Starting Backup of VM 102 (lxc)", "INFO: Backup started at 2026-01-01 00:00:10", "INFO: CT Name: b",
		"INFO: Finished Backup of VM 102 (00:00:01)", "INFO: Backup finished at 2026-01-01 00:00:11",
		"ERROR: Backup of VM 103 failed - unable to find VM '103'", "INFO: Failed at 2026-01-01 00:00:11", "TASK ERROR: job errors")
	want := []string{"101 interrupted unknown", "102 success ", "103 failed guest_missing"}
	if got := guestResults(report); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := report.Guests[1].Name; got != "b" {
		t.Errorf("name %q", got)
	}
}

// The end of the job inside of a block is believed as the last that the log says, for then the end of the block was lost.
func TestTheJobEndsInsideOfABlock(t *testing.T) {
	begin := []string{
		"INFO: starting new backup job: vzdump 101 102", "INFO: Starting Backup of VM 101 (qemu)", "INFO: Backup started at 2026-01-01 00:00:00",
		"INFO: Finished Backup of VM 101 (00:00:01)", "INFO: Starting Backup of VM 102 (lxc)", "ERROR: Backup of VM 102 failed - x",
		"INFO: Starting Backup of VM 103 (lxc)", "INFO: Backup job finished with errors",
	}
	for name, test := range map[string]struct {
		more   []string
		result Result
		last   GuestResult
	}{
		"nothing follows":       {nil, ResultFailed, GuestInterrupted},
		"notifications":         {[]string{"INFO: notified via target `a`", "ERROR: could not notify via target `b`: x"}, ResultFailed, GuestInterrupted},
		"the block goes on":     {[]string{"INFO: backup mode: stop"}, ResultUnknown, GuestRunning},
		"a hook script goes on": {[]string{"INFO: HOOK: pre-stop"}, ResultUnknown, GuestRunning},
		"the block ends":        {[]string{"INFO: Finished Backup of VM 103 (00:00:02)"}, ResultUnknown, GuestSuccess},
		"it makes progress":     {[]string{"INFO:  46% (59.9 MiB of 128.0 MiB) in 3s"}, ResultUnknown, GuestRunning},
	} {
		t.Run(name, func(t *testing.T) {
			report := parseLines(slices.Concat(begin, test.more)...)
			if len(report.Guests) != 3 || report.Result != test.result || report.Guests[2].Result != test.last {
				t.Fatalf("got %s, %q", report.Result, guestResults(report))
			}
			if got := report.Guests[1]; got.Type != "lxc" || got.Result != GuestFailed {
				t.Errorf("a failure directly after the beginning: %+v", got)
			}
		})
	}
}

func TestHookScriptsBeforeTheJob(t *testing.T) {
	report := parseLines("INFO: HOOK: job-init", "INFO: Starting Backup of VM 900 (qemu)", "INFO: Backup started at 2026-01-01 00:00:00",
		"INFO: Finished Backup of VM 900 (00:00:01)", "INFO: Finished Backup of VM 901 (00:00:01)", "INFO: starting new backup job: vzdump 101",
		"INFO: HOOK: job-start", "INFO: Finished Backup of VM 902 (00:00:01)", "INFO: Starting Backup of VM 101 (qemu)", "INFO: Finished Backup of VM 101 (00:00:02)")
	if got := guestResults(report); !slices.Equal(got, []string{"101 success "}) {
		t.Errorf("got %q", got)
	}
}

// A log whose last lines were lost must not turn an imitated end into a success.
func TestACrashAfterAnImitatedEnd(t *testing.T) {
	report := parseLines("INFO: starting new backup job: vzdump 101", "INFO: Starting Backup of VM 101 (qemu)", "INFO: Backup started at 2026-01-01 00:00:00",
		"INFO: Finished Backup of VM 101 (00:00:01)", "INFO: creating vzdump archive '/x.vma'", "INFO:  15% (1.7 GiB of 8.0 GiB) in 3s, read: 1 B/s, write: 1 B/s")
	if got := guestResults(report.WithStatus(ParseStatus("unexpected status"))); !slices.Equal(got, []string{"101 interrupted crashed"}) {
		t.Errorf("got %q", got)
	}
}

func TestTrimmedLogsStillCount(t *testing.T) {
	// People cut lines out of the logs that they publish, timestamps above all.
	report := parseLines("INFO: starting new backup job: vzdump 1001 --storage pbs", "INFO: Starting Backup of VM 1001 (qemu)", "INFO: Backup started at 2026-01-16 10:26:33",
		"INFO: creating Proxmox Backup Server archive 'vm/1001/2026-01-16T16:26:33Z'", "INFO: transferred 628.00 MiB in 4 seconds (157.0 MiB/s)",
		"INFO: Finished Backup of VM 1001 (00:00:05)", "INFO: Starting Backup of VM 1002 (qemu)", "INFO: VM Name: b", "INFO: Finished Backup of VM 1002 (00:00:06)",
		"INFO: Backup job finished successfully")
	if got := guestResults(report); !slices.Equal(got, []string{"1001 success ", "1002 success "}) || report.Result != ResultOK {
		t.Errorf("got %q, %s", got, report.Result)
	}
	tail := parseLines("INFO: archive file size: 3MB", "INFO: Finished Backup of VM 1001 (00:00:05)", "TASK OK")
	if got := tail.Guests; len(got) != 1 || got[0].Result != GuestSuccess || got[0].ArchiveBytes.Or(0) != 3<<20 {
		t.Errorf("got %+v", got)
	}
}

func TestOldLogsWithoutTimestamps(t *testing.T) {
	report := parseLines("INFO: starting new backup job: vzdump 100 101 102", "INFO: Starting Backup of VM 100 (qemu)", "ERROR: Backup of VM 100 failed - VM is locked (backup)",
		"ERROR: Backup of VM 101 failed - There is a max backup limit of (1) enforced by the", "ERROR: target storage or the vzdump parameters.",
		"INFO: Starting Backup of VM 102 (lxc)", "INFO: Finished Backup of VM 102 (00:00:01)", "INFO: Backup job finished with errors", "TASK ERROR: job errors")
	want := []string{"100 failed guest_locked", "101 failed backup_limit", "102 success "}
	if got := guestResults(report); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if report.Guests[0].Duration.Known() || !report.Guests[0].Ended.IsZero() {
		t.Error("times out of nothing")
	}
}

func TestLogFilesOneAfterTheOther(t *testing.T) {
	report := parseLines("2017-09-05 11:45:02 INFO: Starting Backup of VM 100 (qemu)", "2017-09-05 11:45:02 INFO: status = stopped", "2017-09-05 11:45:02 INFO: VM Name: cut",
		"2017-09-06 11:45:02 INFO: Starting Backup of VM 100 (qemu)", "2017-09-06 11:45:02 INFO: status = stopped", "2017-09-06 11:45:09 ERROR: Backup of VM 100 failed - VM is locked (backup)",
		"2017-09-07 11:45:02 INFO: Starting Backup of VM 100 (qemu)", "2017-09-07 11:45:02 INFO: status = stopped", "2017-09-07 11:45:36 INFO: Finished Backup of VM 100 (00:00:34)")
	want := []string{"100 running ", "100 failed guest_locked", "100 success "}
	if got := guestResults(report); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := report.Guests[1].Duration.Or(-1); got != 7 {
		t.Errorf("the failure took %d s", got)
	}
}

func TestAGuestFailsOnce(t *testing.T) {
	report := parseLines("INFO: starting new backup job: vzdump 100", "ERROR: Backup of VM 100 failed - unable to find VM '100'", "INFO: Failed at 2026-01-01 00:00:00",
		"ERROR: Backup of VM 100 failed - fake", "ERROR: No space left on device", "INFO: Failed at 2027-01-01 00:00:00")
	if got := report.Guests; len(got) != 1 || got[0].Reason != ReasonGuestMissing || got[0].Message != "unable to find VM '100'" || got[0].Ended.String() != "2026-01-01 00:00:00" {
		t.Errorf("got %+v", got)
	}
}

func TestGuestsOfOtherNodes(t *testing.T) {
	report := parseLines("INFO: starting new backup job: vzdump 100 101 102 103", "INFO: skip external VMs: 100, 102, and more", "ERROR: Backup job failed - interrupted by signal")
	if got := guestResults(report); !slices.Equal(got, []string{"101 not_run ", "103 not_run "}) {
		t.Errorf("got %q", got)
	}
	all := parseLines("INFO: starting new backup job: vzdump --all 1 --storage nas", "INFO: skip external VMs: 100, 102", "ERROR: Backup job failed - interrupted by signal")
	if len(all.Guests) != 0 || all.Result != ResultInterrupted {
		t.Errorf("got %+v", all)
	}
}

func TestClocksThatGoBackGiveNoDuration(t *testing.T) {
	report := parseLines("INFO: Starting Backup of VM 100 (qemu)", "INFO: Backup started at 2026-10-25 02:59:50", "ERROR: Backup of VM 100 failed - x", "INFO: Failed at 2026-10-25 02:00:10")
	if report.Guests[0].Duration.Known() {
		t.Errorf("got %v", report.Guests[0].Duration)
	}
}
