package story

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const head = "history: 3d\nlength: 10d\nnodes: [{name: pve1}]\npools: {prod: {}, lab: {}}\n"

func parse(t *testing.T, text string) *Story {
	t.Helper()
	s, err := Parse("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatAStoryLeavesOut(t *testing.T) {
	s := parse(t, head+"expect: [{alert: BackupJobFailed, since: 1d, by: 2d, rights: details}]\n")
	if s.Start.Format(time.RFC1123) != "Mon, 02 Mar 2026 00:00:00 UTC" || s.Step.String() != "15m" || len(s.Exporters) != 1 || !s.Scrape.Honor() {
		t.Errorf("got %v, step %s, exporters %v, scrape %v", s.Start, s.Step, s.Exporters, s.Scrape)
	}
	if e := s.Expect[0]; e.Alerts() != 1 || !e.Holds(Details) || e.Holds(Audit) {
		t.Errorf("got %+v", e)
	}
}

func TestBuiltInScenariosAreStoriesWithoutAnEnd(t *testing.T) {
	for _, name := range pvesim.Scenarios() {
		s, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if now := time.Now(); !s.Begin(now).Equal(now) {
			t.Errorf("%s: its history must end now", name)
		}
	}
}

func TestTheDemoBeginsWhereTheStoryIsTold(t *testing.T) {
	now := time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	for text, want := range map[string]string{
		head: "2026-11-13 00:00",
		head + "shown: 2d\nexpect: [{alert: A, since: 1d, by: 5d}]":         "2026-11-21 00:00",
		head + "expect: [{alert: A, since: 1d, by: 5d}]":                    "2026-11-18 00:00",
		head + "expect: [{alert: A, since: 1d, by: 5d16h}]":                 "2026-11-17 00:00",
		head + "start: 2026-01-01T12:00:00Z\nshown: 1d\n":                   "2026-11-22 12:00",
		head + "start: 2026-01-01T16:00:00Z\nshown: 1d\n":                   "2026-11-21 16:00",
		"history: 3d\nnodes: [{name: pve1}]\nstart: 2026-01-01T16:00:00Z\n": "2026-11-23 15:30",
	} {
		if got := parse(t, text).Begin(now).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s: begins %s, want %s", text, got, want)
		}
	}
}

func TestTheDeclaredFileOfAStoryIsOne(t *testing.T) {
	const cluster = "version: 1\nclusters: {home: {endpoints: [https://pve1:8006], exporter: {token_id: a@pve!b, token_secret_file: home.exporter}}}\n"
	begin := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	s := parse(t, head+`
declared:
  environments:
    zoo: {guests: {nodes: [pve1]}}
    all: {guests: {pools: [prod]}}
  exempt: [{vmid: 900, note: scratch, until: 5d}, {vmid: 901, note: old, until: 2026-01-31}, {vmid: 902, note: forever}]
  external_backups: [{vmid: 120, storage: nas, interval: 24h}]
`)
	for range 2 { // the story stays as it was read
		text, err := s.Declaration(begin)
		if err != nil {
			t.Fatal(err)
		}
		file, err := config.LoadBytes("test", []byte(cluster+text))
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if file.Environments[0].Name != "zoo" || file.Exempt[0].Until.String() != "2026-03-07" || file.Exempt[1].Until.String() != "2026-01-31" || !file.Exempt[2].Until.IsZero() {
			t.Errorf("got %+v %+v", file.Environments, file.Exempt)
		}
	}
	text, err := parse(t, head).Declaration(begin)
	if err != nil || !strings.Contains(text, "lab: {guests: {pools: [lab]}}") {
		t.Errorf("every pool is an environment: %q, %v", text, err)
	}
}

func TestMistakesAreFound(t *testing.T) {
	for text, want := range map[string]string{
		"expect: [{alert: A, since: 2d, by: 1d}]":                               "expectation 1: A must fire by 1d, before its trouble begins at 2d",
		"expect: [{alert: A, since: 2d, by: 20d}]":                              "and the story ends at 10d",
		"expect: [{alert: A, since: 2d, by: 3d, until: 1d}]":                    "must not stop until 1d",
		"expect: [{alert: A, since: 2d, by: 4d, clear: 3d}]":                    "must stop by 3d, before it need not fire",
		"expect: [{alert: A, since: 2d, by: 4d, until: 6d, clear: 5d}]":         "must stop by 5d, before it need not fire",
		"expect: [{alert: A, since: 2d, by: 4d, clear: 5w}]":                    "must stop by 5w, and the story ends at 10d",
		"expect: [{alert: A, since: 2d, after: 1d, by: 4d}]":                    "may fire after 1d, which is not between",
		"expect: [{alert: A, rights: root}]":                                    `rights are audit or details, not "root"`,
		"expect: [{since: 2d}]":                                                 "names no alert",
		"expects: []":                                                           "expects",
		"exporters: [{name: a}, {name: a}]":                                     `exporter "a": stated twice`,
		"declared: {clusters: {}}":                                              `"clusters" is none of environments`,
		"declared: [1]":                                                         "sections of the declared file go here",
		"declared:\n  exempt:\n    - {vmid: 900}":                               "test:7: declared: ",
		"declared:\n  environments:\n    prod: {guests: {pool: [prod]}}":        "test:7: declared: ",
		"events: [{in: 20d, destroy: {guest: 100}}]":                            "event 1: unknown guest 100",
		"events: [{in: 20d, quorum_lost: {for: 1h}}]":                           "test:5: event 1: happens at 20d, and the story ends at 10d",
		"events:\n  - {in: -1d, quorum_lost: {}}":                               `test:6: in: "-1d" is no time`,
		"outcomes: [{in: 20d, outcome: io_error}]":                              "outcome 1: begins at 20d, and the story ends at 10d",
		"exporters: [{down: [{in: 20d}]}]":                                      `goes down at 20d, and the story ends at 10d`,
		"shown: 20d":                                                            "the demo begins at 20d",
		"jobs: [{id: j, schedule: daily, options: {all: \"1\", storage: nas}}]": `unknown storage "nas"`,
		"expect: [{alert: A, labels: {vmid: 100}, by: 1d}]":                     `no alert has a label "vmid"`,
		"expect: [{alert: A, labels: {id: \"100\"}, by: 1d}]":                   `nothing of this story has the label id: "100"`,
		"expect: [{alert: A, labels: {environment: test}, by: 1d}]":             `the label environment: "test"`,
		"expect: [{alert: A, labels: {storage: nas}, by: 1d}]":                  `the label storage: "nas"`,
		"expect: [{alert: A, count: -1, by: 1d}]":                               "a count of -1",
		"events: [{in: 1d, node_down: {node: pve9}}]":                           `unknown node "pve9"`,
	} {
		if _, err := Parse("test", []byte(head+text)); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "test:") || len(ui.Hints(err)) == 0 {
			t.Errorf("%s: got %v, hints %q, want an error with %q", text, err, ui.Hints(err), want)
		}
	}
}

func TestAlertsThatDoNotExistAreFound(t *testing.T) {
	s := parse(t, head+"expect:\n  - {alert: BackupJobFailed, by: 1d}\n  - {alert: BackupJobFaild, by: 1d}\n")
	err := s.CheckAlerts([]string{"BackupJobFailed", "BackupJobMissing"})
	if err == nil || err.Error() != `test:7: expectation 2: unknown alert "BackupJobFaild"` || !strings.HasPrefix(ui.Hints(err)[0], "did you mean BackupJobFailed?") {
		t.Errorf("got %v, hints %q", err, ui.Hints(err))
	}
	if err := s.CheckAlerts([]string{"BackupJobFailed", "BackupJobFaild"}); err != nil {
		t.Error(err)
	}
}

func TestAScenarioWithoutAnEndIsNoStory(t *testing.T) {
	if err := parse(t, "nodes: [{name: pve1}]\n").NeedsLength(); err == nil || len(ui.Hints(err)) == 0 {
		t.Errorf("got %v", err)
	}
	if err := parse(t, head).NeedsLength(); err != nil {
		t.Error(err)
	}
}

func parseAge(text string) (time.Duration, error) {
	age, err := model.ParseDuration(text)
	return time.Duration(age), err
}
