package story

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// keys collects the names that a type's fields have in files.
func keys(kind reflect.Type, into map[string]bool) {
	switch kind.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		keys(kind.Elem(), into)
	case reflect.Struct:
		for i := range kind.NumField() {
			field := kind.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if name == "-" || strings.HasPrefix(kind.PkgPath(), "gopkg.in") {
				continue
			}
			if name != "" {
				into[name] = true
			}
			keys(field.Type, into)
		}
	}
}

// TestThePageNamesEveryKey: what the page does not tell, nobody writes.
func TestThePageNamesEveryKey(t *testing.T) {
	page, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for _, word := range regexp.MustCompile(`[a-z_]+`).FindAllString(string(page), -1) {
		words[word] = true
	}
	wanted := map[string]bool{}
	keys(reflect.TypeFor[Story](), wanted)
	for _, outcome := range runlog.Outcomes() {
		wanted[outcome.String()] = true
	}
	if len(wanted) < 100 {
		t.Fatalf("only %d keys were found", len(wanted))
	}
	for key := range wanted {
		if !words[key] {
			t.Errorf("the page does not tell of %q", key)
		}
	}
}

// TestTheStoryOfThePageIsOne: the example must be understood as it stands.
func TestTheStoryOfThePageIsOne(t *testing.T) {
	page, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	text, _, _ := strings.Cut(rest, "```")
	if told := parse(t, text); len(told.Expect) != 1 || len(told.Outcomes) != 1 {
		t.Errorf("got %+v", told)
	}
}
