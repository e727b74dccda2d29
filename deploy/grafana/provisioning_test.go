// Package grafana tests the provisioning files beside it. There is nothing to import.
package grafana

import (
	"bytes"
	"os"
	"testing"

	"gopkg.in/yaml.v3"
)

// read decodes a provisioning file; a key that Grafana does not know is an error.
func read(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func TestTheProviderReadsAFolder(t *testing.T) {
	var file struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Folder, Type    string
			AllowUIUpdates        bool `yaml:"allowUiUpdates"`
			UpdateIntervalSeconds int  `yaml:"updateIntervalSeconds"`
			Options               struct{ Path string }
		}
	}
	read(t, "provisioning/dashboards/pve-backup.yml", &file)
	if file.APIVersion != 1 || len(file.Providers) != 1 || file.Providers[0].Type != "file" || file.Providers[0].Options.Path == "" {
		t.Fatalf("got %+v", file)
	}
	page, err := os.ReadFile("../../docs/dashboards.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := "install -m 0644 dashboards/*.json " + file.Providers[0].Options.Path + "/\n"; !bytes.Contains(page, []byte(want)) {
		t.Errorf("docs/dashboards.md does not put the dashboards where Grafana looks for them: %s", want)
	}
}

// By GET the longest query is an address of 20 kB, which proxies cut off.
func TestTheDataSourceAsksByPost(t *testing.T) {
	var file struct {
		APIVersion  int `yaml:"apiVersion"`
		Datasources []struct {
			Name, Type, Access, URL string
			IsDefault               bool              `yaml:"isDefault"`
			JSONData                map[string]string `yaml:"jsonData"`
		}
	}
	read(t, "provisioning/datasources/prometheus.yml", &file)
	if len(file.Datasources) != 1 || file.Datasources[0].Type != "prometheus" || file.Datasources[0].JSONData["httpMethod"] != "POST" {
		t.Errorf("got %+v", file)
	}
}
