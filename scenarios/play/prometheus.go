package play

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb"
)

// Prometheus is a storage with rule sets, as a server would have them, without its clock.
type Prometheus struct {
	db      *tsdb.DB
	engine  *promql.Engine
	groups  map[string][]*rules.Group // by rule set, in the order of evaluation
	scraped map[string]map[uint64]labels.Labels
	wrong   map[string]bool
}

const (
	chunkRange      = 10 * 365 * 24 * time.Hour // longer than any story
	samplesPerChunk = 60
)

// newPrometheus opens a storage in a folder and loads the rules. What a query finds at a moment may be as old as the longest step, as
// it may be five minutes old in a server.
func newPrometheus(ctx context.Context, dir string, longest time.Duration, sets map[string][]string) (*Prometheus, error) {
	quiet := slog.New(slog.DiscardHandler)
	options := tsdb.DefaultOptions()
	options.WALSegmentSize = -1 // nothing outlasts the story
	options.NoLockfile = true
	options.RetentionDuration = 0
	options.StripeSize = 512
	// A story's samples are minutes or hours apart: chunks of the usual two hours would hold few of them, and a query walk through
	// thousands. Nothing is read while something is written.
	options.MinBlockDuration = chunkRange.Milliseconds()
	options.SamplesPerChunk = samplesPerChunk
	options.IsolationDisabled = true
	db, err := tsdb.Open(dir+"/tsdb", quiet, nil, options, nil)
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	db.DisableCompactions()
	p := &Prometheus{
		db: db, groups: map[string][]*rules.Group{}, scraped: map[string]map[uint64]labels.Labels{}, wrong: map[string]bool{},
		engine: promql.NewEngine(promql.EngineOpts{
			Logger: quiet, MaxSamples: 50_000_000, Timeout: time.Minute, LookbackDelta: longest + time.Second,
			EnableAtModifier: true, EnableNegativeOffset: true, Parser: newParsed(),
			NoStepSubqueryIntervalFn: func(int64) int64 { return longest.Milliseconds() },
		}),
	}
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		if err := p.load(ctx, set, sets[set]); err != nil {
			return nil, errors.Join(err, p.close())
		}
	}
	return p, nil
}

// load reads the rule files of a set as a server does.
func (p *Prometheus) load(ctx context.Context, set string, files []string) error {
	manager := rules.NewManager(&rules.ManagerOptions{
		ExternalURL: &url.URL{}, QueryFunc: rules.EngineQueryFunc(p.engine, p.db), NotifyFunc: func(context.Context, string, ...*rules.Alert) {},
		Context: ctx, Appendable: p.db, Queryable: p.db, Logger: slog.New(slog.DiscardHandler),
	})
	groups, failures := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, files...)
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		p.groups[set] = append(p.groups[set], groups[key])
	}
	return nil
}

// evaluate evaluates all rules at a moment, group by group.
func (p *Prometheus) evaluate(ctx context.Context, at time.Time) {
	for _, groups := range p.groups {
		for _, group := range groups {
			group.Eval(ctx, at)
			for _, rule := range group.Rules() {
				if err := rule.LastError(); err != nil {
					p.wrong[fmt.Sprintf("%s: %v", rule.Name(), err)] = true
				}
			}
		}
	}
}

// eachFiring calls f for every alert that fires, with the name of its rule set.
func (p *Prometheus) eachFiring(f func(set string, alert *rules.Alert)) {
	for set, groups := range p.groups {
		for _, group := range groups {
			for _, rule := range group.AlertingRules() {
				rule.ForEachActiveAlert(func(alert *rules.Alert) {
					if alert.State == rules.StateFiring {
						p.read(alert)
						f(set, alert)
					}
				})
			}
		}
	}
}

// read notes what is wrong with an alert's texts.
func (p *Prometheus) read(alert *rules.Alert) {
	alert.Annotations.Range(func(l labels.Label) {
		for _, sign := range []string{"<error expanding template", "<no value>", "%!"} {
			if strings.Contains(l.Value, sign) {
				p.wrong[fmt.Sprintf("%s: %s: %s", alert.Labels.Get(labels.AlertName), l.Name, l.Value)] = true
			}
		}
	})
}

// Query evaluates an expression at a moment.
func (p *Prometheus) Query(ctx context.Context, expression string, at time.Time) (promql.Vector, error) {
	return rules.EngineQueryFunc(p.engine, p.db)(ctx, expression, at)
}

func (p *Prometheus) faults() []string { return slices.Sorted(maps.Keys(p.wrong)) }

func (p *Prometheus) close() error { return errors.Join(p.engine.Close(), p.db.Close()) }
