package vzdump

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestTheReportDoesNotDependOnTheChunks(t *testing.T) {
	for name, log := range testLogs(t) {
		t.Run(name, func(t *testing.T) {
			want := parseBytes(log)
			rapid.Check(t, func(t *rapid.T) {
				p := NewParser()
				for rest := log; len(rest) > 0; {
					n := rapid.IntRange(1, min(len(rest), 200)).Draw(t, "chunk")
					if written, err := p.Write(rest[:n]); written != n || err != nil {
						t.Fatalf("Write(%d bytes) = %d, %v", n, written, err)
					}
					if rapid.Bool().Draw(t, "ask") {
						p.Report() // asking must not change anything
					}
					rest = rest[n:]
				}
				if got := p.Report(); !reflect.DeepEqual(got, want) {
					t.Fatalf("got %+v, want %+v", got, want)
				}
			})
		})
	}
}

// Of a log that was cut, or that is still being written, every success must be one whose line was read: "Finished Backup of VM N" for a
// guest, a TASK line or the end of the job for the task.
func TestACutLogNeverShowsMoreThanItHas(t *testing.T) {
	for name, log := range testLogs(t) {
		t.Run(name, func(t *testing.T) {
			whole := parseBytes(log)
			p := NewParser()
			for i := range log {
				feed(p, log[i:i+1])
				checkCut(t, log[:i+1], p.Report(), whole)
			}
			if got := p.Report(); !reflect.DeepEqual(got, whole) {
				t.Fatalf("byte by byte: got %+v, want %+v", got, whole)
			}
		})
	}
}

func checkCut(t *testing.T, read []byte, report, whole Report) {
	t.Helper()
	good := report.Result == ResultOK || report.Result == ResultWarnings
	if good && !bytes.Contains(read, []byte("TASK OK")) && !bytes.Contains(read, []byte("TASK WARNINGS: ")) &&
		!bytes.Contains(read, []byte("Backup job finished successful")) {
		t.Fatalf("%s after %q", report.Result, tail(read))
	}
	for _, guest := range report.Guests {
		if guest.Result != GuestSuccess && guest.Result != GuestWarning {
			continue
		}
		if !bytes.Contains(read, fmt.Appendf(nil, "Finished Backup of VM %d (", guest.VMID)) {
			t.Fatalf("guest %d is a success after %q", guest.VMID, tail(read))
		}
		same := func(g Guest) bool { return g.VMID == guest.VMID }
		if i := slices.IndexFunc(whole.Guests, same); i >= 0 && report.Result != ResultUnknown && whole.Guests[i].Result == GuestFailed {
			t.Fatalf("guest %d was taken for a success at the end of the job", guest.VMID)
		}
	}
}

// testLogs are the golden logs.
func testLogs(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/logs/*.log")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden logs: %v", err)
	}
	logs := map[string][]byte{}
	for _, path := range paths {
		log, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		logs[filepath.Base(path)] = log
	}
	return logs
}

// feed writes to a parser, which must take everything.
func feed(p *Parser, log []byte) {
	if n, err := p.Write(log); n != len(log) || err != nil {
		panic(fmt.Sprintf("Write(%d bytes) = %d, %v", len(log), n, err))
	}
}

func parseBytes(log []byte) Report {
	p := NewParser()
	feed(p, log)
	return p.Report()
}

func tail(read []byte) []byte { return read[max(0, len(read)-80):] }
