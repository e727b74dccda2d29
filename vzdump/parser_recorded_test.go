package vzdump

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/sharedtest"
)

// Every recorded log of a real vzdump must agree with the status that Proxmox VE gave its task, and with what a person reads in it.
func TestRecordedTaskLogs(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "task-logs")
	statuses, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(statuses) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, path := range statuses {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		t.Run(name, func(t *testing.T) {
			upid, status := recordedTask(t, path)
			report := parseFile(t, strings.TrimSuffix(path, ".json")+".log")
			checkAgainstStatus(t, report, status)
			if upid.Type != "vzdump" {
				if len(report.Guests) > 0 {
					t.Errorf("a %s task has guests: %+v", upid.Type, report.Guests)
				}
				return
			}
			if id, err := strconv.Atoi(upid.ID); err == nil && len(report.Guests) > 0 && report.Guests[0].VMID != id {
				t.Errorf("the task is about guest %d, the log about %d", id, report.Guests[0].VMID)
			}
			if want, known := recordedGuests[name]; known {
				compareDigests(t, report, want)
			} else if len(report.Guests) > 0 {
				t.Logf("guests that nobody wrote down: %+v", report.Guests)
			}
		})
	}
}

func checkAgainstStatus(t *testing.T, report Report, status Status) {
	t.Helper()
	ended := report.WithStatus(status)
	switch status.Kind {
	case StatusOK:
		if report.Result != ResultOK {
			t.Errorf("the task was OK, the log says %s", report.Result)
		}
	case StatusWarnings:
		if report.Result != ResultWarnings || report.Warnings != status.Warnings {
			t.Errorf("%d warnings, the log says %s, %d", status.Warnings, report.Result, report.Warnings)
		}
	case StatusError:
		if report.Error != status.Text || ended.Result != ResultFailed && ended.Result != ResultInterrupted {
			t.Errorf("the task failed with %q, the log says %s, %q", status.Text, report.Result, report.Error)
		}
		if status.Text != jobErrors && (report.Reason == "" || report.Reason == ReasonUnknown) && strings.HasPrefix(report.Command, "vzdump") {
			t.Errorf("no reason for %q", status.Text)
		}
	case StatusUnexpected:
		if report.Complete || ended.Result != ResultFailed && ended.Result != ResultInterrupted {
			t.Errorf("no TASK line, and the log says %s, with the status %s", report.Result, ended.Result)
		}
	}
	for _, guest := range ended.Guests {
		if guest.Result == GuestRunning {
			t.Errorf("guest %d runs in a task that has ended", guest.VMID)
		}
	}
}

// Logs from the field, PVE 1 to 9. What is wanted stands in the .meta file beside each.
func TestFieldLogs(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "vzdump-logs")
	for name, want := range fieldLogs {
		t.Run(name, func(t *testing.T) {
			report := parseFile(t, filepath.Join(dir, name+".log"))
			if report.Result != want.result {
				t.Errorf("result %s, want %s", report.Result, want.result)
			}
			compareDigests(t, report, want.guests)
		})
	}
}

// The log files beside archives carry timestamps, and neither the job's frame nor the lines with the times of beginning and end.
func TestLogFilesBesideArchives(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "guest-logs")
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".log")
		t.Run(name, func(t *testing.T) {
			report := parseFile(t, path)
			if report.Result != ResultUnknown || len(report.Guests) != 1 {
				t.Fatalf("got %+v", report)
			}
			guest := report.Guests[0]
			// vzdump-TYPE-VMID-YYYY_MM_DD-HH_MM_SS
			parts := strings.SplitN(name, "-", 4)
			began := strings.NewReplacer("_", "-").Replace(parts[3][:10]) + " " + strings.ReplaceAll(parts[3][11:], "_", ":")
			if guest.Type != parts[1] || strconv.Itoa(guest.VMID) != parts[2] || guest.Started.String() != began {
				t.Errorf("got %s/%d at %s", guest.Type, guest.VMID, guest.Started)
			}
			failed := strings.Contains(string(mustRead(t, path)), "ERROR: Backup of VM")
			if failed != (guest.Result == GuestFailed) || !guest.Duration.Known() || guest.Ended.IsZero() {
				t.Errorf("got %+v", guest)
			}
			if want, known := recordedFiles[name]; known {
				compareDigests(t, report, []string{want})
			}
		})
	}
}

// compareDigests compares guests by the facts that the log states: see digest.
func compareDigests(t *testing.T, report Report, want []string) {
	t.Helper()
	var got []string
	for _, guest := range report.Guests {
		got = append(got, digest(guest))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// digest writes a guest's facts in one line; what is not known is left out. Of the archive the last part of the path stands for all.
func digest(g Guest) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d %s", g.VMID, g.Result)
	for _, word := range []string{g.Type, g.Name, g.Mode, string(g.Reason)} {
		if word != "" {
			out.WriteString(" " + word)
		}
	}
	number := func(name string, value optional.Value[int64]) {
		if n, known := value.Get(); known {
			fmt.Fprintf(&out, " %s=%d", name, n)
		}
	}
	number("took", g.Duration)
	if g.Archive != "" {
		out.WriteString(" archive=" + filepath.Base(g.Archive))
	}
	if g.ArchiveStored {
		out.WriteString(" stored")
	}
	number("size", g.ArchiveBytes)
	number("transferred", g.TransferredBytes)
	number("tar", g.TarBytes)
	number("sparse", g.SparseBytes)
	number("reused", g.ReusedBytes)
	number("compressed", g.CompressedBytes)
	number("down", g.DowntimeSeconds)
	number("pruned", g.Pruned)
	if len(g.ExcludedDisks) > 0 {
		fmt.Fprintf(&out, " without=%s", strings.Join(g.ExcludedDisks, ","))
	}
	if len(g.BindMounts) > 0 {
		fmt.Fprintf(&out, " binds=%s", strings.Join(g.BindMounts, ","))
	}
	if g.FreezeSkipped {
		out.WriteString(" unfrozen")
	}
	return out.String()
}

func recordedTask(t *testing.T, path string) (UPID, Status) {
	t.Helper()
	var recorded struct {
		UPID   string `json:"upid"`
		Status struct {
			Data struct {
				ExitStatus string `json:"exitstatus"`
			} `json:"data"`
		} `json:"status_api"`
	}
	if err := json.Unmarshal(mustRead(t, path), &recorded); err != nil {
		t.Fatal(err)
	}
	upid, err := ParseUPID(recorded.UPID)
	if err != nil {
		t.Fatal(err)
	}
	return upid, ParseStatus(recorded.Status.Data.ExitStatus)
}

func parseFile(t testing.TB, path string) Report {
	t.Helper()
	return parseBytes(mustRead(t, path))
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
