package refresh

import (
	"bytes"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// The stories are what happens to clusters in the course of days, seen through a refresher that asks the simulated API as it would a real
// one. This file holds what they are told with; each of the other files tells of one topic.

// setting is where a story begins: pvesim.Scale's cluster, a nightly job at 01:00 for all guests onto backup-nfs and one on Sundays onto
// pbs-remote, as build changes it.
type setting struct {
	begin         time.Time // zero for noon of a Wednesday in July
	days          int       // of history before that
	nodes, guests int       // zero for one node with four guests: qemu/100, lxc/101, qemu/102, lxc/103
	build         func(*pvesim.Model)
	version       string
}

func newStory(t *testing.T, s setting) *bench {
	t.Helper()
	if s.begin.IsZero() {
		s.begin = start
	}
	clock := pvesim.NewClock(s.begin)
	b := &bench{t: t, clock: clock, token: pvesim.ExporterToken, secret: pvesim.ExporterSecret}
	options := pvesim.Options{Now: clock.Now, Seed: 1, Start: s.begin.AddDate(0, 0, -s.days), Version: s.version}
	b.cluster = pvesim.Scale(options, max(s.nodes, 1), cmpOr(s.guests, 4))
	if s.build != nil {
		b.cluster.Build(s.build)
	}
	b.connect()
	return b
}

func cmpOr(n, other int) int {
	if n == 0 {
		return other
	}
	return n
}

// utc reads a moment, "2026-07-16 03:00".
func utc(text string) time.Time {
	moment, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return moment
}

// night moves the clock to three o'clock of the next morning: the nightly job is over.
func (b *bench) night() {
	now := b.clock.Now()
	b.clock.Set(time.Date(now.Year(), now.Month(), now.Day()+1, 3, 0, 0, 0, time.UTC))
}

// watch refreshes slowly in steps until a moment.
func (b *bench) watch(until time.Time, step time.Duration, check func()) {
	b.t.Helper()
	for b.clock.Now().Before(until) {
		b.clock.Advance(step - time.Minute)
		b.slow()
		check()
	}
}

// broken is an endpoint that answers with an error of its own.
func broken(endpoint string) wire.Fault {
	return wire.Fault{Endpoint: endpoint, Status: 500, Reason: "out of order"}
}

// restart ends the exporter and starts it again with the state file that it left.
func (b *bench) restart() {
	b.t.Helper()
	dir := b.t.TempDir()
	keeper, err := state.NewKeeper(state.Open(dir))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := keeper.Put("home", b.refresher.Memory); err != nil {
		b.t.Fatal(err)
	}
	if err := b.start(dir); err != nil {
		b.t.Fatal(err)
	}
}

// start starts an exporter with what the state file of a folder holds, if there is one, and returns what was wrong with the file.
func (b *bench) start(dir string) error {
	b.t.Helper()
	keeper, warning := state.NewKeeper(state.Open(dir))
	memory, err := keeper.Cluster("home")
	if err != nil {
		b.t.Fatal(err)
	}
	b.memory, b.picture = memory, nil
	b.connect()
	b.refresher.Restore()
	return warning
}

func (b *bench) guest(id string) snapshot.Guest {
	b.t.Helper()
	for _, one := range b.picture.Guests {
		if one.ID == id {
			return one
		}
	}
	b.t.Fatalf("no series for %s", id)
	return snapshot.Guest{}
}

func (b *bench) job(id string) snapshot.Job {
	b.t.Helper()
	for _, one := range b.picture.Jobs {
		if one.ID == id {
			return one
		}
	}
	b.t.Fatalf("no series for the job %s", id)
	return snapshot.Job{}
}

func (b *bench) node(name string) snapshot.Node {
	b.t.Helper()
	for _, one := range b.picture.Nodes {
		if one.Name == name {
			return one
		}
	}
	b.t.Fatalf("no series for the node %s", name)
	return snapshot.Node{}
}

func (b *bench) storage(id string) snapshot.Storage {
	b.t.Helper()
	for _, one := range b.picture.Storages {
		if one.ID == id {
			return one
		}
	}
	b.t.Fatalf("no series for the storage %s", id)
	return snapshot.Storage{}
}

// sourceUp reports whether a source was read, and fails where it is not known at all.
func (b *bench) sourceUp(kind snapshot.SourceKind, node, storage string) bool {
	b.t.Helper()
	for _, one := range b.picture.Sources {
		if one.Kind == kind && one.Node == node && one.Storage == storage {
			return one.Up
		}
	}
	b.t.Fatalf("no source %s %s %s", kind, node, storage)
	return false
}

// missing reports whether BackupJobMissing would fire for a pair.
func (b *bench) missing(guest, storage string) bool {
	b.t.Helper()
	return overdue(b.target(guest, storage))
}

func overdue(target snapshot.Target) bool {
	due, known := target.Due.Get()
	return known && due < target.Observed.Or(0)
}

// nobodyMissing fails for every pair that is overdue.
func (b *bench) nobodyMissing() {
	b.t.Helper()
	for _, one := range b.picture.Targets {
		if overdue(one) {
			b.t.Errorf("%s: %s on %s is called missing: due %s, observed %s", b.clock.Now().Format(time.DateTime), one.Guest, one.Storage,
				clockTime(one.Due), clockTime(one.Observed))
		}
	}
}

func clockTime(at snapshot.Seconds) string {
	if moment, known := at.Get(); known {
		return time.Unix(moment, 0).UTC().Format(time.DateTime)
	}
	return "unknown"
}

// wantTime compares a moment in UTC, to the minute.
func (b *bench) wantTime(what string, got snapshot.Seconds, want string) {
	b.t.Helper()
	if text := clockTime(got); !strings.HasPrefix(text, want) {
		b.t.Errorf("%s: got %s, want %s", what, text, want)
	}
}

// series returns the series of the newest picture as a scrape would see them, text to value, without the prefix and the cluster's label.
func (b *bench) series() map[string]float64 {
	b.t.Helper()
	store := collector.NewStore(slog.New(slog.NewTextHandler(io.Discard, nil)))
	store.Publish(b.picture)
	families, err := store.Gatherer(prometheus.NewRegistry()).Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			b.t.Fatal(err)
		}
	}
	all := map[string]float64{}
	for line := range strings.Lines(text.String()) {
		if at := strings.LastIndexByte(line, ' '); at > 0 && line[0] != '#' {
			value, err := strconv.ParseFloat(strings.TrimSpace(line[at+1:]), 64)
			if err != nil {
				b.t.Fatalf("no value: %q", line)
			}
			all[withoutCluster.Replace(strings.TrimPrefix(line[:at], collector.Prefix))] = value
		}
	}
	return all
}

var withoutCluster = strings.NewReplacer(`{cluster="home"}`, "", `cluster="home",`, "", `,cluster="home"`, "")

// wantSeries compares series by their text without the prefix and the cluster's label.
func (b *bench) wantSeries(want map[string]float64) {
	b.t.Helper()
	got := b.series()
	for name, value := range want {
		if present, found := got[name]; !found || present != value {
			b.t.Errorf("%s: got %g (present %t), want %g", name, present, found, value)
		}
	}
}

// wantNoSeries fails for every series whose text contains all the parts.
func (b *bench) wantNoSeries(parts ...string) {
	b.t.Helper()
	for name, value := range b.series() {
		found := true
		for _, part := range parts {
			found = found && strings.Contains(name, part)
		}
		if found {
			b.t.Errorf("must be absent: %s %g", name, value)
		}
	}
}
