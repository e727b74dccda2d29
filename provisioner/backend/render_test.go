package backend

import (
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	text := rapid.StringMatching(`[ -~]{1,40}`)
	rapid.Check(t, func(t *rapid.T) {
		settings := []Setting{{"bucket", quote(text.Draw(t, "bucket"))}, {"custom_ca_bundle", quote(text.Draw(t, "ca"))}, {"use_lockfile", "true"}}
		environment := rapid.StringMatching(`[a-z0-9_.-]{1,20}`).Draw(t, "environment")
		read, whole := read(environment, Render(environment, settings))
		if !whole || len(read) != len(settings) {
			t.Fatalf("read %q", read)
		}
		for i := range read {
			if read[i] != settings[i] {
				t.Fatalf("wrote %q, read %q", settings[i], read[i])
			}
		}
	})
}

func TestTextsOfTerraformsLanguage(t *testing.T) {
	for text, want := range map[string]string{`a"b\c`: `"a\"b\\c"`, "${x}": `"$${x}"`, "%{x}": `"%%{x}"`, "line\nline": `"line\nline"`} {
		if got := quote(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// The file for environments that are not provisioned has the same settings.
func TestTheExampleHasTheSameSettings(t *testing.T) {
	example, err := os.ReadFile(filepath.Join(testprogram.Root(t), "examples", "terraform", "backend.tf"))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := read("", string(example))
	names := map[string]bool{}
	for _, setting := range got {
		names[setting.Name] = true
	}
	for _, want := range Settings(config.Store{}, config.TerraformState{}) {
		if !names[want.Name] {
			t.Errorf("the example lacks %s", want.Name)
		}
		delete(names, want.Name)
	}
	if len(names) > 0 {
		t.Errorf("the example has more: %v", names)
	}
}
