package vzdump

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

var (
	startedLines = []string{
		"INFO: starting new backup job: vzdump 100 200 201 300 --storage nas", "INFO: skip external VMs: 300",
		"INFO: Starting Backup of VM 100 (lxc)", "INFO: Backup started at 2026-01-01 00:00:00",
		"INFO: creating vzdump archive '/x.tar'", "INFO: archive file size: 3MB",
		"INFO: Finished Backup of VM 100 (00:00:01)", "INFO: Backup finished at 2026-01-01 00:00:01",
		"INFO: Starting Backup of VM 200 (qemu)", "INFO: Backup started at 2026-01-01 00:00:01",
		"INFO:  15% (19.2 MiB of 128.0 MiB) in 6s, read: 3.2 MiB/s, write: 1.3 MiB/s",
	}
	lockFailure = []string{"INFO: trying to get global lock - waiting...", "ERROR: can't acquire lock '/var/run/vzdump.lock' - got timeout"}
)

func TestWhatTheStatusAdds(t *testing.T) {
	tests := map[string]struct {
		lines  []string
		status string
		result Result
		reason Reason
		guests []string // vmid result reason
	}{
		"nothing is known": {
			startedLines, "none", ResultUnknown, "", []string{"100 success ", "200 running "},
		},
		"it runs": {
			startedLines, "RUNNING", ResultRunning, "", []string{"100 success ", "200 running "},
		},
		"it crashed": {
			startedLines, "unexpected status", ResultInterrupted, ReasonCrashed,
			[]string{"100 success ", "200 interrupted crashed", "201 not_run "},
		},
		"it was stopped": {
			startedLines, "interrupted by signal", ResultInterrupted, ReasonInterrupted,
			[]string{"100 success ", "200 interrupted interrupted", "201 not_run "},
		},
		"guests failed, which ones was cut off": {
			startedLines, "job errors", ResultFailed, "", []string{"100 success ", "200 interrupted unknown"},
		},
		"an OK is no proof of a success that was not seen": {
			startedLines, "OK", ResultOK, "", []string{"100 success ", "200 interrupted unknown"},
		},
		"warnings": {
			startedLines[:8], "WARNINGS: 3", ResultWarnings, "", []string{"100 success "},
		},
		"the lock was not free": {
			lockFailure, "unexpected status", ResultFailed, ReasonLockTimeout, nil,
		},
		"the storage was not there, and the log is gone": {
			nil, "could not activate storage 'nas': storage 'nas' is not online", ResultFailed, ReasonStorageUnavailable, nil,
		},
		"crashed while it told of its end": {
			append(slices.Clone(startedLines[:8]), "INFO: Backup job finished successfully"), "unexpected status",
			ResultInterrupted, ReasonCrashed,
			[]string{"100 success "},
		},
		"the log knows better": {
			append(slices.Clone(startedLines[:8]), "TASK OK"), "unexpected status", ResultOK, "", []string{"100 success "},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := parseLines(test.lines...)
			got := before
			if test.status != "none" {
				got = before.WithStatus(ParseStatus(test.status))
			}
			if got.Result != test.result || got.Reason != test.reason {
				t.Errorf("got %s, %s, want %s, %s", got.Result, got.Reason, test.result, test.reason)
			}
			if results := guestResults(got); !slices.Equal(results, test.guests) {
				t.Errorf("got guests %q, want %q", results, test.guests)
			}
			if test.status == "WARNINGS: 3" && got.Warnings != 3 {
				t.Errorf("got %d warnings", got.Warnings)
			}
			if again := parseLines(test.lines...); !slices.Equal(guestResults(before), guestResults(again)) {
				t.Error("WithStatus changed the report that it was called on")
			}
		})
	}
}

// A log that is cut within its last line does not turn failed guests into a failed job.
func TestTaskLinesThatAreCut(t *testing.T) {
	for _, line := range []string{"TASK ERROR: job errors", "TASK ERROR: job err", "TASK ERROR: j", "TASK ERROR: "} {
		p := NewParser()
		feed(p, []byte(strings.Join(startedLines, "\n")+"\n"+line))
		if got := p.Report(); got.Result == ResultOK || got.Reason != "" || len(got.Guests) != 2 {
			t.Errorf("%q: got %s, %s, guests %q", line, got.Result, got.Reason, guestResults(got))
		}
	}
}

func TestProgressIsOfRunningGuestsOnly(t *testing.T) {
	report := parseLines(startedLines...)
	if share, known := report.Guests[1].Progress.Get(); !known || share != 0.15 {
		t.Errorf("got %v, %t, want 0.15", share, known)
	}
	if report.WithStatus(ParseStatus("unexpected status")).Guests[1].Progress.Known() {
		t.Error("an interrupted guest makes progress")
	}
	for _, line := range []string{
		"INFO: status: 15% (19585105920/34359738368), sparse 2% (812345344), duration 120, read/write 286/218 MB/s",
		"INFO: progress 15% 10995187712/549756354560 9787478016", "INFO: progress 15% (read 1073741824 bytes, duration 3 sec)",
		"INFO: 15% (1.7 GiB of 8.0 GiB) in  1m  0s, read: 577.3 MiB/s, write: 106.7 MiB/s",
	} {
		report := parseLines("INFO: Starting Backup of VM 200 (qemu)", line)
		if share, known := report.Guests[0].Progress.Get(); !known || share != 0.15 {
			t.Errorf("%s: got %v, %t", line, share, known)
		}
	}
	for _, line := range []string{"INFO: 15% of the hook is done", "INFO: 150% (x of y) in 1s", "INFO:   ", "INFO: 15", "INFO: 15% "} {
		report := parseLines("INFO: Starting Backup of VM 200 (qemu)", line)
		if report.Guests[0].Progress.Known() {
			t.Errorf("%q is taken for progress", line)
		}
	}
}

func TestWaitingForTheLock(t *testing.T) {
	waits := "INFO: trying to get global lock - waiting..."
	if !parseLines(waits).WaitingForLock {
		t.Error("it waits")
	}
	for name, lines := range map[string][]string{
		"it got the lock":     {waits, "INFO: got global lock"},
		"it began":            {waits, "INFO: starting new backup job: vzdump 100"},
		"it gave up":          lockFailure,
		"a hook says so":      {"INFO: starting new backup job: vzdump 100", waits},
		"the task has ended":  {waits, "TASK ERROR: interrupted by signal"},
		"a guest was started": {waits, "INFO: Starting Backup of VM 100 (qemu)"},
	} {
		if parseLines(lines...).WaitingForLock {
			t.Errorf("%s, and it still waits", name)
		}
	}
	if parseLines(waits).WithStatus(ParseStatus("unexpected status")).WaitingForLock {
		t.Error("an ended task waits")
	}
}

func TestLogsThatAreNone(t *testing.T) {
	for text, want := range map[string]bool{
		"no content": true, "unable to open file - No such file or directory": true, "no content\nINFO: starting new backup job: vzdump 100": false,
		"": false, "INFO: no content": false, "INFO: x\nno content": false,
	} {
		if got := parseBytes([]byte(text)).NoLog; got != want {
			t.Errorf("%q: got %t", text, got)
		}
	}
}

func guestResults(report Report) (results []string) {
	for _, g := range report.Guests {
		results = append(results, fmt.Sprintf("%d %s %s", g.VMID, g.Result, g.Reason))
	}
	return results
}
