package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/rules"
)

func stories(t *testing.T) map[string]*story.Story {
	t.Helper()
	files, err := yamlFiles("stories")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*story.Story{}
	for _, file := range files {
		told, err := story.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		all[bare(file)] = told
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "# ") || told.Description == "" || told.Length == 0 {
			t.Errorf("%s: a story begins with words about it and has a description and a length", file)
		}
	}
	return all
}

// TestEveryAlertHasAStory: an alert that no story expects is one of which nobody knows whether it can fire.
func TestEveryAlertHasAStory(t *testing.T) {
	groups, err := rules.Groups(mixin.Default())
	if err != nil {
		t.Fatal(err)
	}
	exists, expected := map[string]bool{}, map[string]bool{}
	for _, group := range groups {
		for _, rule := range group.Rules {
			exists[rule.Alert] = rule.Alert != ""
		}
	}
	quiet := 0
	for name, told := range stories(t) {
		for _, one := range told.Expect {
			expected[one.Alert] = true
			if !exists[one.Alert] {
				t.Errorf("%s expects %s, which is no alert", name, one.Alert)
			}
		}
		if len(told.Expect) == 0 {
			quiet++
		}
	}
	for alert, real := range exists {
		if real && !expected[alert] {
			t.Errorf("no story expects %s", alert)
		}
	}
	if quiet < 10 {
		t.Errorf("only %d stories in which nothing may fire", quiet)
	}
}

const small = `# one night
description: a failure
history: 1d
length: 1d
step: 1h
nodes: [{name: pve1}]
storages: [{id: nas, type: nfs, content: [backup], size: 1T}]
guests: [{id: 100, type: qemu, node: pve1, size: 8G}]
jobs: [{id: nightly, schedule: "01:00", options: {storage: nas, all: "1"}}]
outcomes: [{in: 0s, for: 1d, outcome: io_error}]
expect: [{alert: Failed, labels: {id: qemu/100}, since: 1h, by: 2h}]
`

// suiteOf writes a story and a rule into a folder, and returns what the command needs to find them.
func suiteOf(t *testing.T, expression string) []string {
	t.Helper()
	dir := t.TempDir()
	rule := "groups: [{name: test, rules: [{alert: %s, expr: 'max by (id, storage) (" + expression + ")'}]}]\n"
	for name, text := range map[string]string{
		"stories/small.yml": small, "rules/rules.yml": strings.Replace(rule, "%s", "Failed", 1), "baseline/other.yml": strings.Replace(rule, "%s", "Other", 1),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"-stories=" + dir + "/stories", "-rules=" + dir + "/rules", "-baseline=" + dir + "/baseline"}
}

func TestTheScoreIsPrinted(t *testing.T) {
	var out, talk bytes.Buffer
	if err := run(context.Background(), suiteOf(t, "pve_backup_guest_last_attempt_failed == 1"), &out, &talk); err != nil {
		t.Fatalf("%v\n%s", err, talk.String())
	}
	for _, want := range []string{"this project  2  2  0  0  100.0 %  0", "other  2  2", "1 stories under two levels of rights"} {
		if got := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(got, strings.Join(strings.Fields(want), " ")) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if talk.Len() > 0 {
		t.Errorf("nothing is to be told of a good story: %s", talk.String())
	}
}

func TestAStoryThatGoesOtherwiseFails(t *testing.T) {
	var out, talk bytes.Buffer
	err := run(context.Background(), suiteOf(t, "pve_backup_guest_last_attempt_failed == 2"), &out, &talk)
	if !errors.Is(err, errNotAsTold) || !strings.Contains(talk.String(), "small (audit)\n    missed: Failed{id=qemu/100}") {
		t.Errorf("got %v\n%s", err, talk.String())
	}
}

func TestWhatCannotBePlayed(t *testing.T) {
	for _, arguments := range [][]string{{"-stories=nowhere"}, {"-rules=nowhere"}, {"-run=("}, {"-at=soon"}, {"stories"}, {"-no-such-flag"}, {"-stories=" + t.TempDir()}} {
		var out, talk bytes.Buffer
		if err := run(context.Background(), arguments, &out, &talk); err == nil {
			t.Errorf("%v passes", arguments)
		}
	}
}

func TestMistakesInStoriesAreTold(t *testing.T) {
	arguments := suiteOf(t, "pve_backup_guest_last_attempt_failed == 1")
	folder := strings.TrimPrefix(arguments[0], "-stories=")
	for name, text := range map[string]string{
		"alert.yml": strings.Replace(small, "alert: Failed", "alert: Faild", 1), "event.yml": small + "events: [{in: 2d, destroy: {guest: 100}}]\n",
		"guest.yml": small + "events: [{in: 2h, destroy: {guest: 10}}]\n", "end.yml": strings.Replace(small, "length: 1d\n", "", 1),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, talk bytes.Buffer
	err := run(context.Background(), arguments, &out, &talk)
	if err == nil {
		t.Fatal("they pass")
	}
	ui.PrintError(&talk, "scenarios", err)
	for _, want := range []string{
		"alert.yml:11: expectation 1: unknown alert \"Faild\"\nhint: did you mean Failed?", "event.yml:12: event 1: happens at 2d, and the story ends at 1d\nhint: ",
		"guest.yml:12: event 1: unknown guest 10\nhint: ", "end.yml:10: alerts are expected, and the story has no length\nhint: add length",
	} {
		if !strings.Contains(talk.String(), folder+"/"+want) {
			t.Errorf("no %q in\n%s", want, talk.String())
		}
	}
}

func TestAQuestionIsAnswered(t *testing.T) {
	var out, talk bytes.Buffer
	arguments := append(suiteOf(t, "pve_backup_guest_last_attempt_failed == 1"), "-at=2h", "-query=count(pve_backup_guest_info)", "-v")
	if err := run(context.Background(), arguments, &out, &talk); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"small (audit): {} 1\n", "this project   Failed{id=qemu/100, storage=nas} from 2h"} {
		if !strings.Contains(talk.String(), want) {
			t.Errorf("no %q in\n%s", want, talk.String())
		}
	}
}
