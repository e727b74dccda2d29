package vzdump

import (
	"strings"
	"testing"
)

func TestParseRetention(t *testing.T) {
	for text, want := range map[string]struct {
		rule      Retention
		canonical string
	}{
		"":                          {Retention{}, ""},
		"keep-last=3":               {Retention{Last: 3}, "keep-last=3"},
		"keep-last=3,keep-daily=7":  {Retention{Last: 3, Daily: 7}, "keep-daily=7,keep-last=3"},
		"keep-daily=7, keep-last=3": {Retention{Last: 3, Daily: 7}, "keep-daily=7,keep-last=3"},
		"keep-last=2,keep-weekly=0": {Retention{Last: 2}, "keep-last=2"},
		"keep-all=1":                {Retention{KeepAll: true}, "keep-all=1"},
		"keep-all=yes":              {Retention{KeepAll: true}, "keep-all=1"},
		"keep-all=0,keep-last=2":    {Retention{Last: 2}, "keep-last=2"},
		"keep-all=0":                {Retention{KeepAll: true}, "keep-all=1"},
		"keep-last=0,keep-daily=0":  {Retention{KeepAll: true}, "keep-all=1"},
		"keep-yearly=1,,":           {Retention{Yearly: 1}, "keep-yearly=1"},
		"keep-yearly=1,keep-monthly=2,keep-weekly=3,keep-hourly=5,keep-daily=4,keep-last=6": {
			Retention{Last: 6, Hourly: 5, Daily: 4, Weekly: 3, Monthly: 2, Yearly: 1},
			"keep-daily=4,keep-hourly=5,keep-last=6,keep-monthly=2,keep-weekly=3,keep-yearly=1",
		},
	} {
		got, err := ParseRetention(text)
		if err != nil || got != want.rule || got.String() != want.canonical {
			t.Errorf("%q: got %+v %q %v, want %+v %q", text, got, got, err, want.rule, want.canonical)
		}
	}
}

func TestParseRetentionErrorsNameThePart(t *testing.T) {
	for text, part := range map[string]string{
		"keep-lst=3":                        `"keep-lst"`,
		"keep-last=-1":                      `not "-1"`,
		"keep-last=2.5":                     `not "2.5"`,
		"keep-last=99999999999999999999":    `not "99999999999999999999"`,
		"keep-last":                         `"keep-last" has no value`,
		"keep-yearly=1,keep-hourly=":        `keep-hourly must be a whole number of at least 0, not ""`,
		"keep-all=maybe":                    `not "maybe"`,
		"keep-all=1,keep-last=2":            "keep-all cannot be set together",
		"keep-daily=1,keep-daily=2":         `"keep-daily" is stated twice`,
		"keep-daily=7,keep-weekly=4,days=2": `"days"`,
	} {
		_, err := ParseRetention(text)
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: got error %v, want one that contains %s", text, err, part)
		}
	}
}

func TestRetentionThatKeepsAll(t *testing.T) {
	for _, rule := range []Retention{{}, {KeepAll: true}, {KeepAll: true, Last: 1}} {
		if !rule.KeepsAll() {
			t.Errorf("%+v must keep all", rule)
		}
	}
	if (Retention{Yearly: 1}).KeepsAll() {
		t.Error("keep-yearly=1 does not keep all")
	}
	if !(Retention{}).IsZero() || (Retention{KeepAll: true}).IsZero() {
		t.Error("only the rule that states nothing is zero")
	}
}
