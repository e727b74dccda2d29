package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
	"github.com/pve-backup-exporter/pve-backup-exporter/scenarios/play"
	"github.com/pve-backup-exporter/pve-backup-exporter/scenarios/verdict"
)

// ours is the name of the rule set that is strictly judged.
const ours = "this project"

// suite is stories and rule sets.
type suite struct {
	settings
	stories []named
	rules   map[string][]string
	sets    []string // names of the rule sets, ours first
}

// named is a story with its file's name.
type named struct {
	name string
	*story.Story
}

// result is how a story went under one level of rights.
type result struct {
	story, rights string
	verdicts      map[string]verdict.Verdict
}

func newSuite(s settings) (*suite, error) {
	suite := &suite{settings: s, rules: map[string][]string{}, sets: []string{ours}}
	files, err := yamlFiles(s.rules)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	suite.rules[ours] = files
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
			return nil, err
		}
		if told.Length == 0 {
			return nil, fmt.Errorf("story %s has no length", file)
		}
		suite.stories = append(suite.stories, named{bare(file), told})
	}
	return suite, nil
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

// play plays every story under both levels of rights and tells those that went otherwise than they are told.
func (s *suite) play(ctx context.Context, talk io.Writer) ([]result, error) {
	results := make([]result, 2*len(s.stories))
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, s.workers))
	for i := range results {
		group.Go(func() error {
			told, rights := s.stories[i/2], []string{story.Audit, story.Details}[i%2]
			recording, err := play.Play(ctx, told.Story, play.Options{Rights: rights, Rules: s.rules, Watch: s.ask(ctx, talk, told, rights)})
			if err != nil {
				return fmt.Errorf("story %s: %w", told.name, err)
			}
			results[i] = result{told.name, rights, map[string]verdict.Verdict{}}
			for _, set := range s.sets {
				if set == ours {
					results[i].verdicts[set] = verdict.Ours(told.Story, rights, recording, set)
				} else {
					results[i].verdicts[set] = verdict.Peer(told.Story, rights, recording, set)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			s.tell(talk, results[i], recording)
			return nil
		})
	}
	return results, group.Wait()
}

// ask returns what looks into a story at the moment that was asked for; nil where nothing was.
func (s *suite) ask(ctx context.Context, talk io.Writer, told named, rights string) func(time.Time, *play.Prometheus) {
	if s.query == "" {
		return nil
	}
	return func(at time.Time, prometheus *play.Prometheus) {
		if !at.Equal(told.Start.Add(time.Duration(s.at))) {
			return
		}
		found, err := prometheus.Query(ctx, s.query, at)
		if err != nil {
			fmt.Fprintf(talk, "%s (%s): %v\n", told.name, rights, err)
		}
		for _, one := range found {
			fmt.Fprintf(talk, "%s (%s): %s %v\n", told.name, rights, one.Metric, one.F)
		}
	}
}

// tell writes how a story went.
func (s *suite) tell(talk io.Writer, one result, recording *play.Recording) {
	v := one.verdicts[ours]
	if v.Good() && !s.verbose {
		return
	}
	fmt.Fprintf(talk, "%s (%s)\n", one.story, one.rights)
	for _, finding := range v.Findings {
		fmt.Fprintf(talk, "    %s\n", finding)
	}
	if !s.verbose {
		return
	}
	for _, set := range s.sets {
		for _, episode := range recording.Episodes[set] {
			fmt.Fprintf(talk, "    %-14s %s\n", set, verdict.Text(episode))
		}
	}
}
