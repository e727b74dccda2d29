package story

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// Declaration writes the story's part of the declared file, for a story that begins at a moment: until in exempt may be a time since the
// beginning and becomes a date. A story that declares nothing has an environment for each pool.
func (s *Story) Declaration(begin time.Time) (string, error) {
	if s.Declared.IsZero() {
		return s.pools(), nil
	}
	root := clone(&s.Declared)
	if root.Kind != yaml.MappingNode {
		return "", fmt.Errorf("line %d: declared: sections of the declared file go here", root.Line)
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		switch key, value := root.Content[i], root.Content[i+1]; key.Value {
		case "environments", "external_backups":
		case "exempt":
			for _, exemption := range value.Content {
				resolveUntil(exemption, begin)
			}
		default:
			return "", fmt.Errorf("line %d: declared: %q is none of environments, exempt, external_backups", key.Line, key.Value)
		}
	}
	text, err := yaml.Marshal(root)
	if err != nil {
		return "", fmt.Errorf("declared: %w", err)
	}
	return string(text), nil
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
