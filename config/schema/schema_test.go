package schema_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config/schema"
)

var update = flag.Bool("update", false, "rewrite the generated files")

// TestGeneratedFilesAreFresh fails when a committed file is not what the types generate now.
func TestGeneratedFilesAreFresh(t *testing.T) {
	for name, generate := range map[string]func() ([]byte, error){
		"config.schema.json": schema.JSON,
		"configuration.md":   schema.Markdown,
	} {
		t.Run(name, func(t *testing.T) {
			want, err := generate()
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("..", "..", "docs", name)
			if *update {
				if err := os.WriteFile(path, want, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("docs/%s is stale: run go test ./config/schema -update", name)
			}
		})
	}
}

// compile reads the committed schema as an editor does.
func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", "config.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// parse reads YAML as editors do, dates as texts.
func parse(t *testing.T, path string) any {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil
	}
	datesAreTexts(&document)
	var decoded any
	if err := document.Decode(&decoded); err != nil {
		return nil
	}
	return decoded
}

func datesAreTexts(node *yaml.Node) {
	if node.ShortTag() == "!!timestamp" {
		node.Tag = "!!str"
	}
	for _, child := range node.Content {
		datesAreTexts(child)
	}
}

func TestExamplesFitTheSchema(t *testing.T) {
	compiled := compile(t)
	paths, err := filepath.Glob("../../examples/*.yml")
	if err != nil || len(paths) < 4 {
		t.Fatalf("%d examples, %v", len(paths), err)
	}
	for _, path := range paths {
		if err := compiled.Validate(parse(t, path)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestSchemaFindsMistakesOfForm: what is wrong with a single value, an editor marks while it is typed. Only what values mean together is left to
// the loader.
func TestSchemaFindsMistakesOfForm(t *testing.T) {
	leftToTheLoader := map[string]bool{
		"bad_environments": true, "bad_jobs": true, "bad_long_texts": true, "bad_selectors": true, "bad_storages": true, "bad_stores": true, "bad_containers": true, "no_stores": true, "no_token": true, "no_cluster": true, "two_clusters": true,
		"custom_tag": true, "merge_key": true, "second_document": true, "syntax_in_second_document": true, // YAML that JSON does not have
	}
	compiled := compile(t)
	paths, err := filepath.Glob("../testdata/bad/*.yml")
	if err != nil || len(paths) < 30 {
		t.Fatalf("%d bad files, %v", len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".yml")
		content := parse(t, path)
		if content == nil {
			continue // not even YAML, or nothing
		}
		if err := compiled.Validate(content); (err == nil) != leftToTheLoader[name] {
			t.Errorf("%s: the schema says %v", name, err)
		}
	}
}
