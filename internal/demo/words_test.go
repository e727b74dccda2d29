package demo

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/exporter-toolkit/web"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/mixingen"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
)

// Somebody who follows the words must find every file that they name.
func TestTheWordsLeadToFilesThatExist(t *testing.T) {
	var said bytes.Buffer
	introduce(Options{Talk: &said, Web: &web.FlagConfig{WebListenAddresses: &[]string{":12345"}}}, &story.Story{}, "")
	if !strings.Contains(said.String(), "scraping localhost:12345 ") {
		t.Errorf("it does not say what to scrape: %s", said.String())
	}
	named := regexp.MustCompile(`\b(?:alerts|dashboards|deploy|docs)/[\w./-]*\w`).FindAllString(said.String(), -1)
	for _, name := range named {
		if _, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
	for _, want := range []string{"alerts/pve-backup.yml", "dashboards/backup-overview.json", "deploy/prometheus/prometheus.yml", "docs/dashboards.md"} {
		if !slices.Contains(named, want) {
			t.Errorf("no word of %s", want)
		}
	}
	files, err := mixingen.Files(mixin.Default(), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files { // as the words say of the command
		if !slices.Contains(named, file.Path) {
			t.Errorf("mixin generate writes %s, of which there is no word", file.Path)
		}
	}
}
