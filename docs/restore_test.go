package docs

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/docscript"
)

const (
	restorePage       = "docs/BACKUP-RESTORE.md"
	restorePageFrench = "docs/fr/BACKUP-RESTORE.md"
)

// Every procedure says when, what it takes and how long, how to see that it worked, and how to go back: somebody under stress looks for these.
func TestEveryProcedureIsComplete(t *testing.T) {
	for page, parts := range map[string][]string{
		restorePage:       {"**When", "**It worked when**", "**Way back"},
		restorePageFrench: {"**Quand", "**C'est bon quand**", "**Retour arrière"},
	} {
		sections := regexp.MustCompile(`(?m)^## `).Split(pages(t)[page], -1)
		procedures := 0
		for _, section := range sections {
			if !regexp.MustCompile(`^[1-7]\. `).MatchString(section) {
				continue
			}
			procedures++
			title, _, _ := strings.Cut(section, "\n")
			for _, part := range parts {
				if !strings.Contains(section, part) {
					t.Errorf("%s: %s: no %s", page, title, part)
				}
			}
			if !strings.Contains(section, "\n1. ") || !strings.Contains(section, "```sh") {
				t.Errorf("%s: %s: no numbered steps with commands", page, title)
			}
		}
		if procedures != 7 {
			t.Errorf("%s: %d procedures, not 7", page, procedures)
		}
	}
}

// The two languages cannot drift apart: same sections, same steps, same tables, same commands and outputs, letter by letter.
func TestTheFrenchPageIsEqual(t *testing.T) {
	english, french := pages(t)[restorePage], pages(t)[restorePageFrench]
	for what, shape := range map[string]func(string) []string{
		"section":       sectionNumbers,
		"block of code": blockTexts,
		"numbered step": func(page string) []string { return matches(`(?m)^ *\d+\. `, fence.ReplaceAllString(page, "")) },
		"row":           func(page string) []string { return columnsOfRows(fence.ReplaceAllString(page, "")) },
		"link":          func(page string) []string { return linkTargets(withoutCode(page)) },
		"piece of code": func(page string) []string { return matches("`[^`\n]+`", fence.ReplaceAllString(page, "")) },
	} {
		want, got := shape(english), shape(french)
		for i := range max(len(want), len(got)) {
			if i >= len(want) || i >= len(got) || want[i] != got[i] {
				t.Errorf("%s number %d differs: English %q, French %q", what, i+1, at(want, i), at(got, i))
				break
			}
		}
	}
}

func matches(pattern, text string) []string {
	return regexp.MustCompile(pattern).FindAllString(text, -1)
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "nothing"
}

// sectionNumbers returns the level of each heading and its number, which both languages share.
func sectionNumbers(page string) []string {
	return matches(`(?m)^#+ (?:[\d.]+ )?`, fence.ReplaceAllString(page, ""))
}

func blockTexts(page string) []string {
	var texts []string
	for _, block := range docscript.Blocks(page) {
		block.Line = 0
		texts = append(texts, fmt.Sprintf("%+v", block))
	}
	return texts
}

// columnsOfRows returns the number of columns of each row of a table.
func columnsOfRows(page string) []string {
	var rows []string
	for _, row := range matches(`(?m)^\|.*\|$`, page) {
		rows = append(rows, fmt.Sprint(strings.Count(row, "|")-1, " columns"))
	}
	return rows
}

// linkTargets returns the file and the section's number of each link.
func linkTargets(page string) []string {
	var targets []string
	for _, found := range link.FindAllStringSubmatch(page, -1) {
		file, anchor, _ := strings.Cut(found[1], "#")
		number := regexp.MustCompile(`^\d*`).FindString(anchor)
		targets = append(targets, path.Base(file)+"#"+number)
	}
	return targets
}

// Whoever is woken by an alert gets from its page to the procedure that helps. That the links lead somewhere is tested for all pages.
func TestEveryRunbookLeadsToAProcedure(t *testing.T) {
	var without []string
	for name, text := range pages(t) {
		if strings.HasPrefix(name, "docs/runbooks/Backup") && !strings.Contains(text, "](../BACKUP-RESTORE.md#") {
			without = append(without, name)
		}
	}
	slices.Sort(without)
	for _, name := range without {
		t.Errorf("%s has no link to a procedure of %s", name, restorePage)
	}
	if readme := pages(t)["README.md"]; !strings.Contains(readme, "\n## Backups\n") || !strings.Contains(readme, "](docs/BACKUP-RESTORE.md)") {
		t.Error("README.md has no section Backups that leads to the page")
	}
}
