package config_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

func TestResolve(t *testing.T) {
	nightly := config.Retention{KeepDaily: 7, KeepWeekly: 4}
	for _, test := range []struct {
		name string
		file config.Backup
		want config.Backup
	}{
		{"profile prod", config.Backup{Profile: "prod"}, config.Backup{Profile: "prod", Schedule: "01:00", JobOptions: config.JobOptions{Mode: "snapshot", Compress: "zstd", Retention: &nightly}}},
		{"profile lab", config.Backup{Profile: "lab"}, config.Backup{Profile: "lab", Schedule: "sun 03:00", JobOptions: config.JobOptions{Mode: "snapshot", Compress: "zstd", Retention: &config.Retention{KeepLast: 3}}}},
		{"profile monitoring", config.Backup{Profile: "monitoring"}, config.Backup{Profile: "monitoring", Schedule: "02:00", JobOptions: config.JobOptions{Mode: "snapshot", Compress: "zstd", Retention: &config.Retention{KeepDaily: 7}}}},
		{
			"the file wins",
			config.Backup{Profile: "prod", Schedule: "05:00", JobOptions: config.JobOptions{Mode: "stop", Compress: "gzip", Retention: &config.Retention{KeepAll: true}}},
			config.Backup{Profile: "prod", Schedule: "05:00", JobOptions: config.JobOptions{Mode: "stop", Compress: "gzip", Retention: &config.Retention{KeepAll: true}}},
		},
		{"no profile: the storage decides what is kept", config.Backup{Schedule: "05:00"}, config.Backup{Schedule: "05:00", JobOptions: config.JobOptions{Mode: "snapshot", Compress: "zstd"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.file.Resolve(); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestRetentionString(t *testing.T) {
	for _, test := range []struct {
		retention config.Retention
		want      string
	}{
		{config.Retention{}, ""},
		{config.Retention{KeepAll: true}, "keep-all=1"},
		{config.Retention{KeepLast: 3, KeepDaily: 7}, "keep-daily=7,keep-last=3"},
		{config.Retention{1 == 2, 1, 2, 3, 4, 5, 6}, "keep-daily=3,keep-hourly=2,keep-last=1,keep-monthly=5,keep-weekly=4,keep-yearly=6"},
	} {
		if got := test.retention.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// A day ends when the next one begins, which is not always 24 hours later.
func TestDateEnd(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2027-01-31": "2027-02-01T00:00:00+01:00",
		"2026-03-29": "2026-03-30T00:00:00+02:00",
		"2026-12-31": "2027-01-01T00:00:00+01:00",
	} {
		date, err := config.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := date.End(zone).Format(time.RFC3339); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if date, err := config.ParseDate("2027-02-29"); err == nil || !date.IsZero() {
		t.Errorf("a day that does not exist: %v, %v", date, err)
	}
}
