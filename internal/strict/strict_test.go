package strict

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

type inner struct {
	Name string            `yaml:"name"`
	Wait model.Duration    `yaml:"wait"`
	More map[string]string `yaml:"more"`
}

type outer struct {
	inner_ `yaml:",inline"`
	List   []inner   `yaml:"list"`
	One    *inner    `yaml:"one"`
	Start  time.Time `yaml:"start"`
	Free   yaml.Node `yaml:"free"`
	On     *bool     `yaml:"on"`
	Part   float64   `yaml:"part"`
	Seed   uint64    `yaml:"seed"`
}

type inner_ struct { //nolint:revive // an inlined struct of the test
	Count int `yaml:"count"`
}

func TestWhatIsRight(t *testing.T) {
	var got outer
	text := "count: 3\nlist:\n- {name: a, wait: 1d12h, more: {x: 1, y: text}}\none: {name: 100}\nstart: 2026-03-02T00:00:00Z\nfree: {anything: [1]}\non: false\npart: 1\nseed:\n"
	if _, err := Read("f.yml", []byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Count != 3 || got.List[0].Wait.String() != "1d12h" || got.List[0].More["x"] != "1" || got.One.Name != "100" || got.Start.IsZero() || *got.On || got.Free.IsZero() {
		t.Errorf("got %+v", got)
	}
	if _, err := Read("f.yml", []byte("\n \n"), &got); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}

func TestWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct{ text, want, hint string }{
		"unknown key":         {"count: 1\nlist:\n- name: a\n  wiat: 1d", `f.yml:4: unknown key "wiat" in a member of list`, "did you mean wait? the keys here are name, wait, more"},
		"no time":             {"one:\n  wait: yesterday", `f.yml:2: wait: "yesterday" is no time`, "3d12h"},
		"negative time":       {"one: {wait: -1d}", `f.yml:1: wait: "-1d" is no time`, "never negative"},
		"no number":           {"count: many", `count: "many" is no whole number`, "digits"},
		"no moment":           {"start: monday", `start: "monday" is no moment`, "2026-03-02T00:00:00Z"},
		"no truth":            {"on: perhaps", `"perhaps" is neither true nor false`, "true or false"},
		"no part":             {"part: half", `"half" is no number`, "0.5"},
		"no list":             {"list: {name: a}", "list must be a list", "[{...}]"},
		"no keys":             {"one: [1]", "one must have keys", "name, wait, more"},
		"no keys of a map":    {"one: {more: text}", "more must have keys", "{key: text}"},
		"a list for a word":   {"one: {name: [a]}", "name must be one value", "write one text"},
		"a key twice":         {"count: 1\ncount: 2", `f.yml:2: "count" is stated twice`, "in line 1 already"},
		"no YAML":             {"list: [", "f.yml: line 1", "this is no YAML"},
		"two documents":       {"count: 1\n---\ncount: 2", "f.yml: holds two documents", "a file of its own"},
		"the file is no file": {"- a", "the file must have keys", "count, list"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read("f.yml", []byte(test.text), &outer{})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(strings.Join(ui.Hints(err), "\n"), test.hint) {
				t.Errorf("got %v, hints %q, want %q and %q", err, ui.Hints(err), test.want, test.hint)
			}
		})
	}
}

func TestAllMistakesAreFoundAtOnce(t *testing.T) {
	_, err := Read("f.yml", []byte("count: many\npart: half\nnope: 1"), &outer{})
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 3 {
		t.Errorf("got %q", lines)
	}
}

func TestPlaces(t *testing.T) {
	file, err := Read("f.yml", []byte("count: 1\nlist:\n- name: a\n- name: b\n  wait: 1d\n"), &outer{})
	if err != nil {
		t.Fatal(err)
	}
	wrong := errors.New("wrong")
	for want, err := range map[string]error{
		"f.yml:5: wrong":            At(wrong, "list", 1, "wait"),
		"f.yml:5: second: wrong":    At(fmt.Errorf("second: %w", At(wrong, "wait")), "list", 1),
		"f.yml:4: a missing: wrong": At(fmt.Errorf("a missing: %w", wrong), "list", 1, "more", "x"),
		"f.yml:2: wrong":            At(wrong, "list", 7),
		"f.yml: wrong":              At(wrong, "nope"),
	} {
		if got := file.Locate(err); got.Error() != want || !errors.Is(got, wrong) {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	if At(nil, "list") != nil || file.Locate(nil) != nil {
		t.Error("no error has no place")
	}
}
