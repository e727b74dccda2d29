package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
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

// play plays every story under both levels of rights and tells those that went otherwise than they are told.
func (s *suite) play(ctx context.Context, talk io.Writer) ([]result, error) {
	results := make([]result, 2*len(s.stories))
	order := make([]int, len(results))
	for i := range order {
		order[i] = i
	}
	// The longest first, so that no worker is left alone with one at the end.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(s.stories[b/2].Steps()), len(s.stories[a/2].Steps())) })
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, s.workers))
	for _, i := range order {
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
