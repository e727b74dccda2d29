package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
)

func newSuite(s settings) (*suite, error) {
	suite := &suite{settings: s, rules: map[string][]string{}, sets: []string{ours}}
	files, err := yamlFiles(s.rules)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	suite.rules[ours] = files
	alerts, err := alertsOf(files)
	if err != nil {
		return nil, err
	}
	if files, err = yamlFiles(s.baseline); err != nil {
		return nil, fmt.Errorf("baseline: %w", err)
	}
	for _, file := range files {
		name := bare(file)
		suite.rules[name] = []string{file}
		suite.sets = append(suite.sets, name)
	}
	if files, err = yamlFiles(s.stories); err != nil {
		return nil, fmt.Errorf("stories: %w", err)
	}
	var wrong []error
	for _, file := range files {
		if !s.only.MatchString(bare(file)) {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		told, err := story.Parse(file, text)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		if err := errors.Join(told.NeedsLength(), told.CheckAlerts(alerts)); err != nil {
			wrong = append(wrong, err)
			continue
		}
		suite.stories = append(suite.stories, named{bare(file), told})
	}
	return suite, flat(wrong)
}

// flat joins errors that are joined themselves, for one line each.
func flat(all []error) error {
	var list []error
	for _, err := range all {
		if joined, is := err.(interface{ Unwrap() []error }); is { //nolint:errorlint // only what is joined itself
			list = append(list, joined.Unwrap()...)
		} else {
			list = append(list, err)
		}
	}
	return errors.Join(list...)
}

// alertsOf lists the alerts of rule files.
func alertsOf(files []string) (list []string, err error) {
	for _, file := range files {
		groups, failures := rulefmt.ParseFile(file, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
		if err := errors.Join(failures...); err != nil {
			return nil, fmt.Errorf("rules: %w", err)
		}
		for _, group := range groups.Groups {
			for _, rule := range group.Rules {
				if rule.Alert != "" {
					list = append(list, rule.Alert)
				}
			}
		}
	}
	return list, nil
}

// bare is a file's name without its ending.
func bare(file string) string { return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) }

// yamlFiles lists the YAML files of a folder by name; a file stands for itself.
func yamlFiles(path string) ([]string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return []string{path}, err
	}
	var files []string
	entries, err := os.ReadDir(path)
	for _, entry := range entries {
		if ending := filepath.Ext(entry.Name()); ending == ".yml" || ending == ".yaml" {
			files = append(files, filepath.Join(path, entry.Name()))
		}
	}
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no YAML file in %s", path)
	}
	return files, err
}
