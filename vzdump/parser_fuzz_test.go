package vzdump

import (
	"reflect"
	"testing"
	"unicode/utf8"
)

// FuzzParser feeds anything: the parser must not fall over, must not depend on how the bytes are cut, and must keep its promises about
// what it reports. The golden logs are seeds besides the corpus in testdata/fuzz.
func FuzzParser(f *testing.F) {
	for _, log := range testLogs(f) {
		f.Add(log, uint16(7))
	}
	f.Fuzz(func(t *testing.T, log []byte, cut uint16) {
		whole := parseBytes(log)
		p := NewParser()
		at := min(int(cut), len(log))
		feed(p, log[:at])
		checkPromises(t, p.Report())
		feed(p, log[at:])
		if got := p.Report(); !reflect.DeepEqual(got, whole) {
			t.Fatalf("cut at %d: got %+v, want %+v", at, got, whole)
		}
		checkPromises(t, whole)
		for _, status := range []string{"", "OK", "WARNINGS: 1", "job errors", "unexpected status", "interrupted by signal"} {
			ended := whole.WithStatus(ParseStatus(status))
			checkPromises(t, ended)
			if status != "" && ended.Result == ResultUnknown {
				t.Fatalf("the task ended %q and its result is unknown", status)
			}
		}
	})
}

func checkPromises(t *testing.T, report Report) {
	t.Helper()
	if report.Result == "" || report.Warnings < 0 || !utf8.ValidString(report.Command) || !utf8.ValidString(report.Error) {
		t.Fatalf("report %+v", report)
	}
	if report.Result == ResultRunning && report.Complete {
		t.Fatal("a complete log of a running task")
	}
	for _, guest := range report.Guests {
		if guest.VMID < 1 || guest.Result == "" {
			t.Fatalf("guest %+v", guest)
		}
		if unhappy := guest.Result == GuestFailed || guest.Result == GuestInterrupted; unhappy != (guest.Reason != "") {
			t.Fatalf("guest %d is %s for the reason %q", guest.VMID, guest.Result, guest.Reason)
		}
		if guest.Result == GuestRunning && report.Result != ResultUnknown && report.Result != ResultRunning {
			t.Fatalf("guest %d runs in a task that is %s", guest.VMID, report.Result)
		}
		for _, text := range []string{guest.Type, guest.Name, guest.Message, guest.Cause, guest.Archive} {
			if !utf8.ValidString(text) || len(text) > maxMessage+8 {
				t.Fatalf("guest %d says %q", guest.VMID, text)
			}
		}
		if utf8.RuneCountInString(guest.Name) > maxName {
			t.Fatalf("a name of %d runes", utf8.RuneCountInString(guest.Name))
		}
		if seconds, known := guest.Duration.Get(); known && seconds < 0 {
			t.Fatalf("guest %d took %d s", guest.VMID, seconds)
		}
		if share, known := guest.Progress.Get(); known && (share < 0 || share > 1 || guest.Result != GuestRunning) {
			t.Fatalf("guest %d is %s and %v done", guest.VMID, guest.Result, share)
		}
	}
}
