package play

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// needed is the metrics that rules and their texts name. What none of them reads is not stored: half of a story's samples.
type needed map[string]bool

var metricName = regexp.MustCompile(`[a-zA-Z_][a-zA-Z0-9_]+`)

// neededBy reads rule files. Every word may be a metric; nil, which is everything, where somebody watches.
func neededBy(sets map[string][]string, watched bool) (needed, error) {
	if watched {
		return nil, nil
	}
	words := needed{}
	for _, files := range sets {
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("rules: %w", err)
			}
			for _, word := range metricName.FindAllString(string(text), -1) {
				words[word] = true
			}
		}
	}
	return words, nil
}

// of picks the families that are needed; a histogram by any of its series.
func (n needed) of(families []*dto.MetricFamily) []*dto.MetricFamily {
	if n == nil {
		return families
	}
	var list []*dto.MetricFamily
	for _, family := range families {
		if name := family.GetName(); n[name] || n[name+"_bucket"] || n[name+"_sum"] || n[name+"_count"] {
			list = append(list, family)
		}
	}
	return list
}

// any reports whether a metric with this beginning is needed.
func (n needed) any(prefix string) bool {
	for word := range n {
		if strings.HasPrefix(word, prefix) {
			return true
		}
	}
	return n == nil
}
