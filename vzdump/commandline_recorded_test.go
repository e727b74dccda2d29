package vzdump

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/sharedtest"
)

const startOfJob = "INFO: starting new backup job: "

// recordedCommandLines returns the first command line of every log in a folder of the recordings, by the log's name.
func recordedCommandLines(t *testing.T, folder string) map[string]CommandLine {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), folder, "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]CommandLine{}
	for _, path := range logs {
		log, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(log)) {
			command, found := strings.CutPrefix(strings.TrimRight(line, "\r\n"), startOfJob)
			if !found {
				continue
			}
			parsed, err := ParseCommandLine(command)
			if err != nil {
				t.Errorf("%s: %v", filepath.Base(path), err)
			}
			lines[filepath.Base(path)] = parsed
			break
		}
	}
	if len(lines) == 0 {
		t.Fatalf("no log in %s has a command line", folder)
	}
	return lines
}

// What a task was asked through the API is what its log's first line says.
func TestCommandLinesSayWhatWasAsked(t *testing.T) {
	recorded := regexp.MustCompile(`params=(\[.*\])`)
	compared := 0
	for name, line := range recordedCommandLines(t, "task-logs") {
		meta, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "task-logs", strings.TrimSuffix(name, ".log")+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var about struct{ Note string }
		if err := json.Unmarshal(meta, &about); err != nil {
			t.Fatal(err)
		}
		asked := recorded.FindStringSubmatch(about.Note)
		if asked == nil {
			continue
		}
		var parameters [][2]string
		if err := json.Unmarshal([]byte(asked[1]), &parameters); err != nil {
			t.Fatal(err)
		}
		for _, parameter := range parameters {
			if parameter[0] == "vmid" {
				if want, err := parseVMIDList(parameter[1]); err != nil || !slices.Equal(line.VMIDs, want) {
					t.Errorf("%s: got the guests %v, want %v %v", name, line.VMIDs, want, err)
				}
			} else if got := line.Options[parameter[0]]; got != parameter[1] {
				t.Errorf("%s: got --%s %q, want %q", name, parameter[0], got, parameter[1])
			}
			compared++
		}
	}
	if compared == 0 {
		t.Error("no recorded task states what it was asked")
	}
}

func TestCommandLinesFromTheField(t *testing.T) {
	for name, line := range recordedCommandLines(t, "vzdump-logs") {
		if len(line.VMIDs) != 1 {
			t.Errorf("%s: got %+v, want the one guest that each of these logs names", name, line)
		}
	}
}

// Of all recorded tasks only the scheduler's belong to a job, and that one to its own job alone.
func TestOnlyScheduledTasksBelongToAJob(t *testing.T) {
	answer, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "recordings", "0391-job-list-with-scheduled.response.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var body struct{ Data []map[string]any }
	if err := json.Unmarshal(answer[bytes.Index(answer, []byte("\r\n\r\n"))+4:], &body); err != nil {
		t.Fatal(err)
	}
	var jobs []JobSelection
	for _, job := range body.Data {
		selection, err := NewJobSelection(job)
		if err != nil {
			t.Fatalf("%v: %v", job["id"], err)
		}
		jobs = append(jobs, selection)
	}
	for name, line := range recordedCommandLines(t, "task-logs") {
		var got []any
		for _, i := range line.JobsOf(jobs) {
			got = append(got, body.Data[i]["id"])
		}
		var want []any
		if strings.HasPrefix(name, "scheduled-") {
			want = []any{"sched-ct"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got the jobs %v, want %v", name, got, want)
		}
	}
}
