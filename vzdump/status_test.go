package vzdump

import "testing"

func TestParseStatus(t *testing.T) {
	tests := []struct {
		text          string
		kind          StatusKind
		warnings      int
		ended, failed bool
	}{
		{"", StatusRunning, 0, false, false},
		{"RUNNING", StatusRunning, 0, false, false},
		{"OK", StatusOK, 0, true, false},
		{"WARNINGS: 3", StatusWarnings, 3, true, false},
		{"WARNINGS: many", StatusError, 0, true, true},
		{"WARNINGS: 99999999999", StatusError, 0, true, true},
		{"unexpected status", StatusUnexpected, 0, true, true},
		{"job errors", StatusError, 0, true, true},
		{"interrupted by signal", StatusError, 0, true, true},
		{"unable to get last line from task log - No such file or directory", StatusError, 0, true, true},
		{"ok", StatusError, 0, true, true},
	}
	for _, test := range tests {
		got := ParseStatus(test.text)
		want := Status{Kind: test.kind, Warnings: test.warnings, Text: test.text}
		if got != want {
			t.Errorf("%q: got %+v, want %+v", test.text, got, want)
		}
		if got.Ended() != test.ended || got.Failed() != test.failed {
			t.Errorf("%q: ended %t, failed %t, want %t, %t", test.text, got.Ended(), got.Failed(), test.ended, test.failed)
		}
	}
}
