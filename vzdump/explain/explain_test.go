package explain_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
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
			if err := explain.Text(&got, report); err != nil {
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

func TestEveryReasonIsExplained(t *testing.T) {
	unknown := explain.Of(vzdump.ReasonUnknown)
	for _, reason := range vzdump.AllReasons() {
		got := explain.Of(reason)
		if got.Meaning == "" || got.Advice == "" {
			t.Errorf("%s: %+v", reason, got)
		}
		if reason != vzdump.ReasonUnknown && got == unknown {
			t.Errorf("%s has no explanation of its own", reason)
		}
	}
	if explain.Of("brand_new") != unknown {
		t.Error("a reason that does not exist must read as unknown")
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
	if err := explain.JSON(&got, report); err != nil || got.String() != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, got.String(), want)
	}
	got.Reset()
	if err := explain.JSON(&got, vzdump.Report{Result: vzdump.ResultUnknown}); err != nil || !strings.Contains(got.String(), `"guests": []`) {
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
	if err := explain.Text(&got, report); err != nil {
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
	if err := explain.Text(&got, report); err != nil {
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
	if err := explain.Text(&got, report); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.String(), "command 'tar x") || !strings.Contains(got.String(), "failed: exit code 2") || got.Len() > 2000 {
		t.Errorf("got %d bytes:\n%s", got.Len(), got.String())
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrorsArePassedOn(t *testing.T) {
	if err := explain.JSON(brokenWriter{}, vzdump.Report{}); err == nil {
		t.Error("JSON hid the error")
	}
	if err := explain.Text(brokenWriter{}, vzdump.Report{}); err == nil {
		t.Error("Text hid the error")
	}
}
