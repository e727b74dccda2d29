package dashboards

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/panels"
)

// committed is where the generated dashboards are kept.
const committed = "../../dashboards"

func generate(t *testing.T, cfg mixin.Config) File {
	t.Helper()
	files, err := Files(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 {
		t.Fatalf("%d files", len(files))
	}
	return files[0]
}

func TestTheCommittedDashboardIsUpToDate(t *testing.T) {
	file := generate(t, mixin.Default())
	kept, err := os.ReadFile(filepath.Join(committed, file.Name))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, file.Content) {
		t.Errorf("dashboards/%s is out of date: run make generate", file.Name)
	}
}

func TestTheSameSettingsGiveTheSameBytes(t *testing.T) {
	first := generate(t, mixin.Default())
	for range 5 {
		if again := generate(t, mixin.Default()); !bytes.Equal(first.Content, again.Content) {
			t.Fatal("the dashboard differs from run to run")
		}
	}
}

// decoded is the dashboard as a strict reader sees it.
func decoded(t *testing.T) dashboard.Dashboard {
	t.Helper()
	plugins.RegisterDefaultPlugins()
	var board dashboard.Dashboard
	if err := board.UnmarshalJSONStrict(generate(t, mixin.Default()).Content); err != nil {
		t.Fatal(err)
	}
	return board
}

// A field that Grafana's schema does not have is a field that Grafana ignores.
func TestAStrictReaderKnowsEveryField(t *testing.T) {
	board := decoded(t)
	if *board.Uid != UID || len(board.Tags) == 0 || len(board.Templating.List) != 7 {
		t.Errorf("uid %s, tags %v, %d variables", *board.Uid, board.Tags, len(board.Templating.List))
	}
	var unknown dashboard.Dashboard
	spoilt := bytes.Replace(generate(t, mixin.Default()).Content, []byte(`"timezone"`), []byte(`"timezones"`), 1)
	if err := unknown.UnmarshalJSONStrict(spoilt); err == nil {
		t.Error("the reader is not strict")
	}
}

// Grafana refuses, or silently drops, these.
func TestNothingIsNullThatGrafanaWantsToHave(t *testing.T) {
	content := string(generate(t, mixin.Default()).Content)
	for _, null := range []string{`"options": null`, `"reducer": null`, `"targets": null`, `"properties": null`, `"mappings": null`} {
		if strings.Contains(content, null) {
			t.Errorf("it contains %s", null)
		}
	}
}

// place is a panel or a row on the grid.
type place struct {
	id    uint32
	title string
	at    dashboard.GridPos
	panel *dashboard.Panel // nil for a row
}

func places(t *testing.T) []place {
	t.Helper()
	var all []place
	for _, each := range decoded(t).Panels {
		if p := each.Panel; p != nil {
			all = append(all, place{*p.Id, *p.Title, *p.GridPos, p})
		} else {
			all = append(all, place{each.RowPanel.Id, *each.RowPanel.Title, *each.RowPanel.GridPos, nil})
		}
	}
	return all
}

func TestPanelsHaveNumbersOfTheirOwn(t *testing.T) {
	seen := map[uint32]string{}
	for _, p := range places(t) {
		if p.id == 0 || seen[p.id] != "" {
			t.Errorf("%q has number %d, as has %q", p.title, p.id, seen[p.id])
		}
		seen[p.id] = p.title
	}
}

func TestPanelsLieSideBySideAndFillTheirLines(t *testing.T) {
	owner := map[[2]uint32]string{}
	bottom := uint32(0)
	for _, p := range places(t) {
		bottom = max(bottom, p.at.Y+p.at.H)
		for x := p.at.X; x < p.at.X+p.at.W; x++ {
			for y := p.at.Y; y < p.at.Y+p.at.H; y++ {
				if other := owner[[2]uint32{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%q lies upon %q, or beyond the edge, at %d, %d", p.title, other, x, y)
				}
				owner[[2]uint32{x, y}] = p.title
			}
		}
	}
	if len(owner) != int(bottom)*24 {
		t.Errorf("there are gaps: %d of %d units are used", len(owner), bottom*24)
	}
}

// The question is answered, and the worst is listed, before anybody scrolls.
func TestTheAnswerIsOnTheFirstScreen(t *testing.T) {
	first := map[uint32]bool{}
	for _, p := range places(t) {
		if p.at.Y+p.at.H <= screen {
			first[p.id] = true
		}
	}
	for _, id := range []uint32{idAnswer, idProtected, idFailing, idOverdue, idUncovered, idLost, idStale, idAttention, idStorages} {
		if !first[id] {
			t.Errorf("panel %d is not on the first screen", id)
		}
	}
}

func TestPanelsExplainThemselves(t *testing.T) {
	for _, p := range places(t) {
		if p.panel == nil {
			continue
		}
		if p.panel.Description == nil || len(*p.panel.Description) < 40 {
			t.Errorf("%q has no description", p.title)
		}
		if p.panel.Datasource == nil || *p.panel.Datasource.Uid != "${datasource}" {
			t.Errorf("%q does not ask the chosen data source", p.title)
		}
	}
}

// Links between panels hold numbers. Grafana says nothing when one leads nowhere.
func TestLinksLeadToPanels(t *testing.T) {
	numbers := map[string]bool{}
	for _, p := range places(t) {
		numbers[fmt.Sprint(p.id)] = true
	}
	count := 0
	for _, part := range strings.Split(string(generate(t, mixin.Default()).Content), "viewPanel=")[1:] {
		count++
		if number, _, _ := strings.Cut(part, `"`); !numbers[number] {
			t.Errorf("a link leads to panel %s", number)
		}
	}
	if count < 5 {
		t.Errorf("%d links", count)
	}
}

func TestSettingsReachTheDashboard(t *testing.T) {
	cfg := mixin.Default()
	cfg.Selector = `team="backup"`
	cfg.RunbookURL = "https://wiki.example/runbooks"
	cfg.Alerts.BackupStorageAlmostFull.Above = 0.7
	content := string(generate(t, cfg).Content)
	for _, part := range []string{`team=\"backup\"`, "https://wiki.example/runbooks/${__data.fields.Alert}.md", `"value": 0.7`} {
		if !strings.Contains(content, part) {
			t.Errorf("%s is missing", part)
		}
	}
	cfg.Selector = "team=backup"
	if _, err := Files(cfg); err == nil || !strings.Contains(err.Error(), "selector") {
		t.Errorf("a broken selector gives %v", err)
	}
}

// A table that is wider than its panel has to be scrolled sideways.
func TestTablesFitTheirPanels(t *testing.T) {
	const unit, auto = 1920.0 / 24, 150.0
	for _, p := range places(t) {
		if p.panel == nil || p.panel.Type != "table" {
			continue
		}
		columns := p.panel.Transformations[len(p.panel.Transformations)-1].Options.(map[string]any)["renameByName"].(map[string]any)
		width := auto * float64(len(columns))
		for _, override := range p.panel.FieldConfig.Overrides {
			for _, property := range override.Properties {
				if property.Id == "custom.width" {
					width += property.Value.(float64) - auto
				}
			}
		}
		if room := float64(p.at.W)*unit - 48; width > room {
			t.Errorf("table %q has columns of %.0f pixels in %.0f", p.title, width, room)
		}
	}
}

// The colour below all steps is that of a figure without data.
func TestAFigureWithoutDataIsNotGreen(t *testing.T) {
	figures := 0
	for _, p := range places(t) {
		if p.panel == nil || p.panel.Type != "stat" {
			continue
		}
		figures++
		defaults := p.panel.FieldConfig.Defaults
		if colour := defaults.Thresholds.Steps[0].Color; colour != panels.Unknown || *defaults.NoValue != panels.NoData {
			t.Errorf("%q without data is %s and says %q", p.title, colour, *defaults.NoValue)
		}
	}
	if figures < 7 {
		t.Errorf("%d figures", figures)
	}
}
