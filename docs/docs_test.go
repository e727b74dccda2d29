// Package docs tests what the pages of the project say about its files and targets. There is nothing to import.
package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = ".."

var (
	fence    = regexp.MustCompile("(?ms)^ *```([a-z]*)[^\n]*\n(.*?)^ *```")
	verbatim = regexp.MustCompile("`[^`\n]+`")
	link     = regexp.MustCompile(`\]\(<?([^)<>\s]+)>?(?: "[^"]*")?\)`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
	target   = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
	makeCall = regexp.MustCompile(`(?m)(?:^ *|\x60)(?:sudo )?make ([a-z][a-z-]*)`)
)

// pages returns the text of all Markdown pages by their path from the project's root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin" || name == "dist") {
			return filepath.SkipDir
		}
		if filepath.Ext(name) == ".md" {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			short, err := filepath.Rel(root, path)
			found[filepath.ToSlash(short)] = string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := found["README.md"]; !ok {
		t.Fatal("README.md is missing")
	}
	return found
}

func TestRelativeLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	for page, text := range all {
		for _, found := range link.FindAllStringSubmatch(withoutCode(text), -1) {
			to, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(found[1], "://") || strings.HasPrefix(found[1], "mailto:") {
				continue
			}
			file := page
			if to != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(page), to))
			}
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", page, found[1])
			} else if anchor != "" && filepath.Ext(file) == ".md" && !anchors(all[file])[anchor] {
				t.Errorf("%s: %s has no heading for the link to %s", page, file, found[1])
			}
		}
	}
}

func TestMakeTargetsExist(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, found := range target.FindAllStringSubmatch(string(makefile), -1) {
		known[found[1]] = true
	}
	for page, text := range pages(t) {
		for _, found := range makeCall.FindAllStringSubmatch(text, -1) {
			if !known[found[1]] {
				t.Errorf("%s: the Makefile has no target %s", page, found[1])
			}
		}
	}
}

// Without honor_labels Prometheus renames labels that the exporter sets, and alerts no longer find their guest.
func TestEveryScrapeExampleHonoursLabels(t *testing.T) {
	count := 0
	for page, text := range pages(t) {
		for number, job := range strings.Split(text, "job_name:") {
			if number == 0 {
				continue
			}
			count++
			settings, _, _ := strings.Cut(job, "\n\n")
			if !strings.Contains(settings, " honor_labels: true\n") {
				t.Errorf("%s: the scrape job%s lacks honor_labels: true", page, strings.SplitN(job, "\n", 2)[0])
			}
		}
	}
	if count == 0 {
		t.Error("no page shows a scrape configuration")
	}
}

// withoutCode blanks out code, where brackets are not links.
func withoutCode(text string) string {
	return verbatim.ReplaceAllString(fence.ReplaceAllString(text, ""), "")
}

// anchors returns the anchors that a renderer makes of a page's headings.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	drop := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, each := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		title := link.ReplaceAllString(each[1], "]")
		found[strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(title), ""), " ", "-")] = true
	}
	return found
}
