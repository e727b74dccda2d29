package story

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/strict"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Declaration writes the story's part of the declared file, for a story that begins at a moment: until in exempt may be a time since the
// beginning and becomes a date. A story that declares nothing has an environment for each pool.
func (s *Story) Declaration(begin time.Time) (string, error) {
	if s.Declared.IsZero() {
		return s.pools(), nil
	}
	root := clone(&s.Declared)
	if root.Kind != yaml.MappingNode {
		return "", wrong("write environments, exempt, external_backups or storages here", "declared: sections of the declared file go here")
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		switch key, value := root.Content[i], root.Content[i+1]; key.Value {
		case "environments", "external_backups", "storages":
		case "exempt":
			for _, exemption := range value.Content {
				resolveUntil(exemption, begin)
			}
		default:
			return "", strict.At(wrong("the suite and the demo write the rest themselves", "declared: %q is none of environments, exempt, external_backups, storages", key.Value), key.Value)
		}
	}
	text, err := yaml.Marshal(root)
	if err != nil {
		return "", fmt.Errorf("declared: %w", err)
	}
	return string(text), nil
}

// declaredWrongly finds what the declared file would not accept, at the lines of the story.
func (s *Story) declaredWrongly() (list []error) {
	text, err := s.Declaration(s.Start)
	if err != nil {
		return []error{strict.At(err, "declared")}
	}
	_, err = config.LoadBytes("declared", []byte(fmt.Sprintf(declaredHead, s.DeclaredDrill())+text+s.DeclaredStores()))
	var written yaml.Node
	if err == nil || yaml.Unmarshal([]byte(text), &written) != nil {
		return nil
	}
	lines := map[int]int{}
	pair(&written, &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{&s.Declared}}, lines)
	for _, one := range each(err) {
		var problem *config.Problem
		if !errors.As(one, &problem) {
			list = append(list, strict.At(fmt.Errorf("declared: %w", one), "declared"))
			continue
		}
		found := wrong(strings.Join(ui.Hints(one), "; "), "declared: %s", problem.Message)
		if line := lines[problem.Position.Line-strings.Count(declaredHead, "\n")]; line > 0 {
			list = append(list, strict.AtLine(found, line))
		} else {
			list = append(list, strict.At(found, "declared"))
		}
	}
	return list
}

// declaredHead is what comes before a story's part of the declared file, with a place for the cluster's drill.
const declaredHead = "version: 1\nclusters: {home: {endpoints: [https://pve1:8006], exporter: {token_id: a@pve!b, token_secret_file: none}, %s}}\n"

// each takes joined errors apart.
func each(err error) []error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) && err == joined.(error) { //nolint:errorlint // only what is joined itself
		return joined.Unwrap()
	}
	return []error{err}
}

// pair finds for the lines of a tree those of another one of the same form.
func pair(a, b *yaml.Node, lines map[int]int) {
	if lines[a.Line] == 0 {
		lines[a.Line] = b.Line
	}
	for i := range min(len(a.Content), len(b.Content)) {
		pair(a.Content[i], b.Content[i], lines)
	}
}

// environments lists the environments that guests of the story may be in.
func (s *Story) environments() []string {
	list := []string{"unassigned"}
	if s.Declared.IsZero() {
		return append(list, slices.Sorted(maps.Keys(s.Pools))...)
	}
	for i := 0; i+1 < len(s.Declared.Content); i += 2 {
		if key, value := s.Declared.Content[i], s.Declared.Content[i+1]; key.Value == "environments" {
			for k := 0; k+1 < len(value.Content); k += 2 {
				list = append(list, value.Content[k].Value)
			}
		}
	}
	return list
}

// resolveUntil turns a time since the beginning into a date.
func resolveUntil(exemption *yaml.Node, begin time.Time) {
	for i := 0; i+1 < len(exemption.Content); i += 2 {
		value := exemption.Content[i+1]
		if since, err := model.ParseDuration(value.Value); err == nil && exemption.Content[i].Value == "until" {
			value.Tag, value.Value = "", begin.Add(time.Duration(since)).Format(time.DateOnly)
		}
	}
}

// clone copies a node, so that the story stays as it was read.
func clone(n *yaml.Node) *yaml.Node {
	copied := *n
	copied.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		copied.Content[i] = clone(child)
	}
	return &copied
}

// pools declares an environment for each pool.
func (s *Story) pools() string {
	if len(s.Pools) == 0 {
		return ""
	}
	var text strings.Builder
	text.WriteString("environments:\n")
	for _, pool := range slices.Sorted(maps.Keys(s.Pools)) {
		fmt.Fprintf(&text, "  %s: {guests: {pools: [%s]}}\n", pool, pool)
	}
	return text.String()
}
