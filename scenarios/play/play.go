package play

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
)

// Options is what a story is played with.
type Options struct {
	// Rights is story.Audit or story.Details: the token of the exporters.
	Rights string
	// Rules is the rule files of each rule set, by the set's name.
	Rules map[string][]string
	// TempDir is where a story keeps its storage and state files while it is played; empty for the system's.
	TempDir string
	// Watch, if set, is called after every step with the moment and what can be asked then; for looking into a story.
	Watch func(at time.Time, prometheus *Prometheus)
}

// Recording is what happened in a story.
type Recording struct {
	Begin, End time.Time
	Step       time.Duration // between evaluations around what the story tells
	// Episodes are the times in which alerts fired, by rule set.
	Episodes map[string][]Episode
	// Faults are errors of rules and of their texts, each once.
	Faults []string
}

// Episode is one alert from when it began to fire until it stopped.
type Episode struct {
	Alert  string
	Labels map[string]string // without alertname
	From   time.Duration     // since the story's beginning
	To     time.Duration     // the first evaluation at which it no longer fired; the story's end where Open
	Open   bool
}

// Play plays a story to its end.
func Play(ctx context.Context, told *story.Story, options Options) (recording *Recording, err error) {
	dir, err := os.MkdirTemp(options.TempDir, "story-*")
	if err != nil {
		return nil, fmt.Errorf("play: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	clock := pvesim.NewClock(told.Start)
	cluster := told.Build(pvesim.Options{Now: clock.Now, Wait: func(context.Context, time.Duration) error { return nil }})
	prometheus, err := newPrometheus(ctx, dir, told.Longest(), options.Rules)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, prometheus.close()) }()
	needed, err := neededBy(options.Rules, options.Watch != nil)
	if err != nil {
		return nil, err
	}
	stage := &stage{story: told, needed: needed, clock: clock, cluster: cluster, prometheus: prometheus, peer: newPeer(cluster, options.Rights)}
	for _, one := range told.Exporters {
		process, err := newProcess(told, one, cluster, clock, options.Rights, dir, needed)
		if err != nil {
			return nil, err
		}
		stage.processes = append(stage.processes, process)
	}
	end := told.Start.Add(time.Duration(told.Length))
	record := newRecorder(told.Start)
	for _, since := range told.Steps() {
		at := told.Start.Add(since)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := stage.step(ctx, at); err != nil {
			return nil, fmt.Errorf("%s after the beginning: %w", at.Sub(told.Start), err)
		}
		prometheus.eachFiring(record.note(at))
		if options.Watch != nil {
			options.Watch(at, prometheus)
		}
	}
	return &Recording{
		Begin: told.Start, End: end, Step: time.Duration(told.Step), Episodes: record.end(end), Faults: prometheus.faults(),
	}, nil
}

// stage holds what a story is played on.
type stage struct {
	story      *story.Story
	clock      *pvesim.Clock
	cluster    *pvesim.Cluster
	processes  []*process
	peer       *peer
	prometheus *Prometheus
	needed     needed
}

// step moves the story on to a moment.
func (s *stage) step(ctx context.Context, at time.Time) error {
	s.clock.Set(at)
	s.cluster.Change(func(*pvesim.Model) {}) // what is due happens, also what breaks the answers
	scrape := s.prometheus.newScrape(at, s.story.Scrape)
	for _, process := range s.processes {
		if err := process.step(ctx, at.Sub(s.story.Start)); err != nil {
			return err
		}
		families, up, err := process.gather()
		if err != nil {
			return fmt.Errorf("exporter %s: %w", process.Name, err)
		}
		if err := scrape.target(jobName, process.Name, s.needed.of(families), up); err != nil {
			return err
		}
	}
	if err := scrape.samples(peerJob, peerInstance, s.peer.read(at), true); err != nil {
		return err
	}
	if err := scrape.commit(); err != nil {
		return err
	}
	s.prometheus.evaluate(ctx, at)
	return nil
}
