package refresh

import (
	"context"
	"log/slog"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Options is what a [Refresher] works with.
type Options struct {
	Client   Client
	Settings derive.Settings
	// Interval is the time between fast cycles, SlowInterval that between slow ones.
	Interval, SlowInterval time.Duration
	// Memory is what is remembered of the cluster; the refresher owns it from now on.
	Memory *state.Cluster
	// Drift compares the cluster with the declared file, from what a slow cycle has read and without asking for more; nil compares nothing.
	// The privileges that the token lacks tell what it cannot judge.
	Drift func(world *derive.World, lacks []snapshot.Permission) []snapshot.Drift
	// Drills reads the results of restore drills, by guest; nil where there are none. It asks no cluster.
	Drills func() (map[string]derive.Drilled, error)
	// Publish shows a new picture; Save keeps the memory. Neither may change what it gets.
	Publish func(*snapshot.Cluster)
	Save    func(*state.Cluster) error
	Logger  *slog.Logger
	Now     func() time.Time
}

// Refresher reads one cluster. It is used by one goroutine.
type Refresher struct {
	Options

	world    *derive.World
	sources  *sources
	follows  map[string]*follow  // running tasks by UPID
	pending  map[string]pve.Task // finished tasks whose log could not be read yet, by UPID
	listed   map[string]bool     // nodes whose own task list was read since the start
	read     bool                // the inventory was read since the start
	whole    bool                // a slow cycle was completed since the start
	shown    time.Time           // when a picture was published last in this cycle, or the cycle began
	lastSlow time.Time           // when the last slow cycle began
	lastDay  time.Time           // when what hardly ever changes was read
	drift    []snapshot.Drift    // as of the last slow cycle
	err      error               // why the inventory could not be read in the last cycle
	checked  bool                // the cluster's version is known to do
}

// New returns a refresher. Nothing is read before the first [Refresher.Refresh].
func New(options Options) *Refresher {
	if options.Memory == nil {
		options.Memory = state.New()
	}
	return &Refresher{
		Options: options,
		world:   newWorld(options.Memory),
		sources: newSources(options),
		follows: map[string]*follow{},
		pending: map[string]pve.Task{},
		listed:  map[string]bool{},
	}
}

// newWorld returns a world in which only the zones of the nodes are known, from the state file.
func newWorld(memory *state.Cluster) *derive.World {
	world := &derive.World{
		Volumes:  map[string][]pve.IncludedGuest{},
		Listings: map[derive.Place]derive.Listing{},
		Nodes:    map[string]derive.NodeFacts{},
		Analyzed: map[string]derive.AnalyzedRuns{},
	}
	for name, node := range memory.Nodes {
		if zone := loadZone(node.Zone); zone != nil {
			world.Nodes[name] = derive.NodeFacts{Zone: zone}
		}
	}
	return world
}

func loadZone(name string) *time.Location {
	if name == "" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

// Run refreshes until the context ends: at once, then every interval, slowly when the slow interval has passed. What was remembered from
// before the start is shown first.
func (r *Refresher) Run(ctx context.Context) {
	r.Restore()
	ticker := time.NewTicker(r.Interval)
	defer ticker.Stop()
	for {
		r.Refresh(ctx, r.slowDue())
		select {
		case <-ctx.Done():
			r.keep()
			return
		case <-ticker.C:
		}
	}
}

// slowDue reports whether the next cycle is to be a slow one.
func (r *Refresher) slowDue() bool {
	return r.lastSlow.IsZero() || r.Now().Sub(r.lastSlow) >= r.SlowInterval-r.Interval/2
}

// Restore shows the picture of the state file, with what can only be true of a moment left out.
func (r *Refresher) Restore() {
	remembered := r.Memory.Snapshot
	if remembered == nil {
		return
	}
	picture := *remembered
	picture.Up, picture.Restored = false, true
	picture.Sources = r.sources.restore(remembered.Sources)
	if r.Memory.ConfigChecksum != r.Settings.Checksum {
		picture.Drift = nil // from another file
	}
	picture.Guests = append([]snapshot.Guest(nil), remembered.Guests...)
	for i := range picture.Guests {
		guest := &picture.Guests[i]
		guest.Running, guest.RunningSince, guest.RunningProgress = false, snapshot.Seconds{}, optional.Value[float64]{}
	}
	picture.Nodes = append([]snapshot.Node(nil), remembered.Nodes...)
	for i := range picture.Nodes {
		picture.Nodes[i].TaskRunningSince = snapshot.Seconds{}
	}
	r.Publish(&picture)
	r.Memory.Snapshot = &picture
}

// Err returns why the cluster's inventory could not be read in the last refresh, or nil. Other sources that failed do not count.
func (r *Refresher) Err() error { return r.err }

// keep writes the memory.
func (r *Refresher) keep() {
	if r.Save == nil {
		return
	}
	if err := r.Save(r.Memory); err != nil {
		r.Logger.Error("the state could not be kept", "cluster", r.Settings.Cluster, "err", err)
	}
}
