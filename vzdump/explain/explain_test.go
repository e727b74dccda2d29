package explain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump/explain"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The logs are those of the parser's own tests; here they are read with the eyes of the user.
func TestGoldenTexts(t *testing.T) {
	logs, err := filepath.Glob("../testdata/logs/*.log")
	if err != nil || len(logs) == 0 {
		t.Fatalf("no logs: %v", err)
	}
	for _, path := range logs {
		name := strings.TrimSuffix(filepath.Base(path), ".log")
		t.Run(name, func(t *testing.T) {
			log, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			report, err := vzdump.Parse(log)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := explain.Text(&got, explain.Answer{Report: report}); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("the text changed (-update takes it over); got\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}

func TestEveryReasonHasACompleteDiagnosis(t *testing.T) {
	unknown := explain.Of(vzdump.ReasonUnknown)
	for _, reason := range vzdump.AllReasons() {
		got := explain.Of(reason)
		if got.Meaning == "" || got.Advice == "" || got.Prevent == "" || len(got.Confirm) == 0 {
			t.Errorf("%s lacks a part: %+v", reason, got)
		}
		if reason != vzdump.ReasonUnknown && got.Meaning == unknown.Meaning {
			t.Errorf("%s has no explanation of its own", reason)
		}
		for _, command := range got.For(explain.Place{VMID: 104, Type: "qemu", Storage: "nas", Node: "pve1", UPID: "UPID:pve1:00001878:0003F603:6B038787:vzdump:104:root@pam:"}).Confirm {
			if strings.ContainsAny(command, "{}") {
				t.Errorf("%s: %q cannot be pasted", reason, command)
			}
		}
		for _, text := range []string{got.Meaning, got.Advice, got.Prevent} {
			if strings.HasSuffix(text, ".") || strings.ToLower(text[:1]) != text[:1] && !strings.HasPrefix(text, "QEMU") {
				t.Errorf("%s: %q has a capital at its beginning or a full stop", reason, text)
			}
		}
	}
	if explain.Of("brand_new").Meaning != unknown.Meaning {
		t.Error("a reason that does not exist must read as unknown")
	}
}

// The storage's name comes from a log, and logs say what guests' owners and hooks make them say.
func TestCommandsTakeNothingThatAShellWouldRun(t *testing.T) {
	for _, name := range []string{"x; rm -rf /", "$(id)", "a b", "-x", "`id`", "a'b", ""} {
		for _, command := range explain.Of(vzdump.ReasonStorageFull).For(explain.Place{Storage: name}).Confirm {
			if strings.HasPrefix(command, "pvesm status") && command != "pvesm status --storage STORAGE" {
				t.Errorf("%q went into %q", name, command)
			}
		}
	}
	both := explain.Of(vzdump.ReasonGuestLocked).For(explain.Place{VMID: 7}).Confirm
	if !slices.Contains(both, "qm config 7 | grep ^lock") || !slices.Contains(both, "pct config 7 | grep ^lock") {
		t.Errorf("a guest of unknown type needs the commands of both: %q", both)
	}
}

func TestAnswersAboutOneGuest(t *testing.T) {
	task := explain.Task{Cluster: "home", Node: "pve1", UPID: "UPID:pve1:00001878:0003F603:6B038787:vzdump::root@pam:", Started: 1795393415}
	answer := explain.Answer{
		Report: vzdump.Report{Result: vzdump.ResultFailed, Command: "vzdump 101 104 --storage nas", Guests: []vzdump.Guest{
			{VMID: 101, Type: "lxc", Result: vzdump.GuestSuccess},
			{VMID: 104, Result: vzdump.GuestFailed, Reason: vzdump.ReasonGuestLocked, Message: "VM is locked (backup)"},
		}},
		Task: task,
		Guest: &explain.Guest{VMID: 104, Type: "qemu", Name: "crm", Node: "pve1", NotAsked: []string{"pve3"}, Attempts: []explain.Attempt{
			{Task: explain.Task{Cluster: "home", Node: "pve2", UPID: "UPID:x", Started: 1795479815}, Storage: "pbs", Result: vzdump.GuestSuccess},
			{Task: task, Storage: "nas", Result: vzdump.GuestFailed, Reason: vzdump.ReasonGuestLocked, Explained: true},
		}},
	}
	var text, js strings.Builder
	if err := errors.Join(explain.Text(&text, answer), explain.JSON(&js, answer)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"guest:       qemu/104 \"crm\" on node pve1\n", "attempts:    2026-11-24 00:23:35 UTC  on pve2 to pbs: ok\n",
		"             2026-11-23 00:23:35 UTC  on pve1 to nas: failed (guest_locked), explained below\n", "not asked:   node pve3",
		"task:        " + task.UPID, "guests:      1 failed, 1 ok\n", "confirm:     qm config 104 | grep ^lock\n", "\nprevent:     schedule of the job",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "lxc/101") || strings.Contains(text.String(), "pct config") {
		t.Errorf("the text tells of another guest:\n%s", text.String())
	}
	var got struct {
		Guests []struct {
			VMID      int
			Diagnosis struct{ Meaning, Fix, Prevent string }
		}
		Task  struct{ Cluster, UPID string }
		Asked struct {
			Attempts []struct {
				Node, Result string
				Explained    bool
			}
			NodesNotAsked []string `json:"nodes_not_asked"`
		}
	}
	if err := json.Unmarshal([]byte(js.String()), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Guests) != 1 || got.Guests[0].VMID != 104 || got.Guests[0].Diagnosis.Prevent == "" || got.Task.UPID != task.UPID ||
		len(got.Asked.Attempts) != 2 || !got.Asked.Attempts[1].Explained || got.Asked.Attempts[0].Node != "pve2" || len(got.Asked.NodesNotAsked) != 1 {
		t.Errorf("got %+v of\n%s", got, js.String())
	}
}

func TestACommonCauseIsToldOnce(t *testing.T) {
	var guests []vzdump.Guest
	for vmid := 100; vmid < 150; vmid++ {
		guests = append(guests, vzdump.Guest{VMID: vmid, Type: "qemu", Result: vzdump.GuestFailed, Reason: vzdump.ReasonStorageFull})
	}
	var got strings.Builder
	if err := explain.Text(&got, explain.Answer{Report: vzdump.Report{Guests: guests}}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(got.String(), explain.Of(vzdump.ReasonStorageFull).Prevent[:20]); n != 1 {
		t.Errorf("told %d times", n)
	}
	if n := strings.Count(got.String(), "as for qemu/100, above"); n != 49 {
		t.Errorf("%d guests refer to the first", n)
	}
}

func TestJSONLeavesOutWhatIsNotKnown(t *testing.T) {
	report := vzdump.Report{Result: vzdump.ResultUnknown, Guests: []vzdump.Guest{
		{VMID: 100, Result: vzdump.GuestRunning},
		{
			VMID: 101, Type: "lxc", Result: vzdump.GuestSuccess, Duration: optional.Some[int64](0),
			DowntimeSeconds: optional.Some[int64](0), Pruned: optional.Some[int64](0), ExcludedDisks: []string{"mp0"},
		},
	}}
	want := `{
  "result": "unknown",
  "warnings": 0,
  "error": "",
  "guests": [
    {
      "vmid": 100,
      "result": "running"
    },
    {
      "vmid": 101,
      "type": "lxc",
      "result": "success",
      "duration_seconds": 0,
      "downtime_seconds": 0,
      "excluded_disks": [
        "mp0"
      ],
      "pruned": 0
    }
  ]
}
`
	var got strings.Builder
	if err := explain.JSON(&got, explain.Answer{Report: report}); err != nil || got.String() != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, got.String(), want)
	}
	got.Reset()
	if err := explain.JSON(&got, explain.Answer{Report: vzdump.Report{Result: vzdump.ResultUnknown}}); err != nil || !strings.Contains(got.String(), `"guests": []`) {
		t.Errorf("no guests must be an empty list, got %v\n%s", err, got.String())
	}
}

func TestTextDoesNotPlayWithTheTerminal(t *testing.T) {
	hostile := "\x1b[2J\x1b]0;owned\x07\rresult: ok\u202e"
	report := vzdump.Report{
		Result: vzdump.ResultFailed, Command: hostile, Error: hostile, Reason: vzdump.ReasonUnknown,
		Guests: []vzdump.Guest{{VMID: 1, Type: hostile, Name: hostile, Archive: hostile, ArchiveStored: true, Message: hostile, Reason: vzdump.ReasonUnknown, Result: vzdump.GuestFailed}},
	}
	var got strings.Builder
	if err := explain.Text(&got, explain.Answer{Report: report}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(got.String(), "\x1b\x07\r\u202e") {
		t.Errorf("control characters in %q", got.String())
	}
}

func TestProblemsComeFirst(t *testing.T) {
	report := vzdump.Report{Guests: []vzdump.Guest{
		{VMID: 1, Result: vzdump.GuestSuccess}, {VMID: 2, Result: vzdump.GuestFailed, Reason: vzdump.ReasonUnknown},
	}}
	var got strings.Builder
	if err := explain.Text(&got, explain.Answer{Report: report}); err != nil {
		t.Fatal(err)
	}
	if strings.Index(got.String(), "guest 2") > strings.Index(got.String(), "guest 1") {
		t.Errorf("the success stands first:\n%s", got.String())
	}
	if report.Guests[0].VMID != 1 {
		t.Error("the report itself was reordered")
	}
}

func TestLongMessagesKeepBothEnds(t *testing.T) {
	report := vzdump.Report{Guests: []vzdump.Guest{
		{VMID: 1, Result: vzdump.GuestFailed, Reason: vzdump.ReasonArchiveWrite, Message: "command 'tar " + strings.Repeat("x", 5000) + "' failed: exit code 2"},
	}}
	var got strings.Builder
	if err := explain.Text(&got, explain.Answer{Report: report}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.String(), "command 'tar x") || !strings.Contains(got.String(), "failed: exit code 2") || got.Len() > 2000 {
		t.Errorf("got %d bytes:\n%s", got.Len(), got.String())
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrorsArePassedOn(t *testing.T) {
	if err := explain.JSON(brokenWriter{}, explain.Answer{}); err == nil {
		t.Error("JSON hid the error")
	}
	if err := explain.Text(brokenWriter{}, explain.Answer{}); err == nil {
		t.Error("Text hid the error")
	}
}
