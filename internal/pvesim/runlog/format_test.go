package runlog

import "testing"

// The figures are from logs of real runs.
func TestFiguresAreWrittenAsInRealLogs(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{renderBytes(128<<20, 1), "128.0 MiB"},
		{renderBytes(0, 1), "0.0 B"},
		{renderBytes(8<<30, 2), "8.00 GiB"},
		{renderRate(0, 3), "0 B/s"},
		{renderRate(128<<20, 4), "32.0 MiB/s"},
		{renderDuration(0), "0s"},
		{renderDuration(46), "46s"},
		{renderDuration(60), "1m"},
		{renderDuration(3723), "1h 2m 3s"},
		{renderDuration(8*86400 + 5), "1w 1d 5s"},
		{archiveSize(0), "0KB"},
		{archiveSize(300027), "292KB"},
		{archiveSize(4134302), "3MB"},
		{archiveSize(20014595072), "18.64GB"},
		{archiveSize(3 << 40), "3.00TB"},
		{diskSize(32 << 30), "32G"},
		{diskSize(20604 << 20), "20604M"},
		{diskSize(528 << 10), "528K"},
		{tarSize(5171200), "5.0MiB"},
		{tarSize(5089280), "4.9MiB"},
		{tarSize(564357120), "539MiB"},
		{tarSize(1595801600), "1.5GiB"},
		{rsyncSize(0), "0"},
		{rsyncSize(558250000), "558.25M"},
		{pbsSize(561211981), "535.213 MiB"},
		{pbsSize(8 << 30), "8 GiB"},
		{clockDuration(94210), "26:10:10"},
		{clockDuration(443045), "123:04:05"},
		{shellQuote("zstd"), "zstd"},
		{shellQuote("keep-last=2"), "'keep-last=2'"},
		{shellQuote("{{guestname}}"), "'{{guestname}}'"},
		{shellQuote("it's"), `'it'\''s'`},
		{shellQuote(""), "''"},
		{shellQuote("102,103"), "102,103"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestOutcomesHaveNames(t *testing.T) {
	for _, o := range Outcomes() {
		if back, ok := ParseOutcome(o.String()); !ok || back != o {
			t.Errorf("%d is called %q, which is %v", o, o.String(), back)
		}
	}
	if _, ok := ParseOutcome("invalid"); ok || Outcome(200).String() != "invalid" {
		t.Error("an outcome that does not exist must not be found")
	}
}
