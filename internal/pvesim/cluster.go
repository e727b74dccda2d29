package pvesim

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// Options say how a cluster comes to be.
type Options struct {
	Name    string           // of the cluster; "sim" where empty
	Version string           // of pve-manager; "9.2.11" where empty
	Seed    uint64           // the same seed makes the same history
	Now     func() time.Time // the cluster's clock; a Clock's Now, or time.Now
	Start   time.Time        // when history begins; zero for now
	// Wait is how slow answers wait; nil waits for real.
	Wait func(context.Context, time.Duration) error
}

// Cluster is a simulated Proxmox VE cluster. It is safe for concurrent use. Nothing runs in the background: whoever asks first makes
// happen what was due since the last question.
type Cluster struct {
	// Faults breaks answers; see also the Model's own states, such as a node that is down.
	Faults *wire.Faults
	// Requests lists what was asked.
	Requests *wire.Log

	options Options
	mu      sync.Mutex
	model   *Model
	at      int64 // everything up to here has happened, Unix seconds
	queue   eventQueue
	rules   []*activeRule
	jobs    map[jobKey]*jobState
	tasks   map[string]*task // by UPID
	nodes   map[string]*nodeState
	shelves map[location]*shelf
	// volumes are the bytes of guests' volumes that tasks of the API made.
	volumes         map[location]int64
	firewalls       map[string]*firewall
	troublesOrdered []*activeTrouble
	// revision counts the changes of the model, so that what is derived from it can be kept until the next one.
	revision  int
	selected  selectionCache
	authority *wire.Authority
}

// New returns a cluster without nodes at the beginning of its history; fill it with Change.
func New(options Options) *Cluster {
	if options.Name == "" {
		options.Name = "sim"
	}
	if options.Version == "" {
		options.Version = "9.2.11"
	}
	if options.Start.IsZero() {
		options.Start = options.Now()
	}
	if options.Wait == nil {
		options.Wait = waitForReal
	}
	c := &Cluster{
		Faults: &wire.Faults{}, Requests: &wire.Log{}, options: options, at: options.Start.Unix(),
		jobs: map[jobKey]*jobState{}, tasks: map[string]*task{}, nodes: map[string]*nodeState{}, shelves: map[location]*shelf{},
		volumes: map[location]int64{}, firewalls: map[string]*firewall{},
	}
	c.model = &Model{
		Name: options.Name, Version: options.Version, Guests: map[int]*Guest{}, Pools: map[string]*Pool{},
		Access: access.New(), Quorate: true, cluster: c,
	}
	if !c.atLeast(9, 0) {
		for _, role := range []string{"Administrator", "PVEAdmin", "PVEVMAdmin"} {
			c.model.Access.Roles[role] = append(c.model.Access.Roles[role], "VM.Monitor")
		}
	}
	c.model.Access.PoolsOf = c.model.poolsOf
	c.model.Access.PoolPaths = c.model.poolPaths
	return c
}

// waitForReal is a pause that ends early with its context.
func waitForReal(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Change runs f on the cluster's state at the present moment, with everything due before it done. What f changes shows at once; jobs with
// another schedule or another enabling are planned anew from now.
func (c *Cluster) Change(f func(*Model)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catchUp(c.options.Now().Unix())
	c.change(f)
}

// ChangeAt is Change at a moment of the simulated time that lies ahead. Changes of the same second happen in the order of these calls. From
// within a change, use Model.At.
func (c *Cluster) ChangeAt(t time.Time, f func(*Model)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.schedule(t.Unix(), func() { c.change(f) })
}

// Build is Change at the beginning of history, before anything has happened.
func (c *Cluster) Build(f func(*Model)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.change(f)
}

// change applies f and lets everything that is derived from the model follow.
func (c *Cluster) change(f func(*Model)) {
	f(c.model)
	c.revision++
	c.syncNodes()
	c.syncJobs()
}

// Handler returns the API as the first node serves it.
func (c *Cluster) Handler() http.Handler {
	entry := ""
	c.Guard(func() {
		if len(c.model.Nodes) > 0 {
			entry = c.model.Nodes[0].Name
		}
	})
	return c.HandlerAt(entry)
}

// HandlerAt returns the API as the named node serves it.
func (c *Cluster) HandlerAt(node string) (handler http.Handler) {
	c.Guard(func() { handler = wire.NewHandler(c, node, c.Faults, c.Requests, c.options.Wait) })
	return handler
}

// Start serves a node's API on a port of the loopback interface until Close; an empty name stands for the first node. All servers of a
// cluster have certificates of one authority.
func (c *Cluster) Start(node string) (*wire.Server, error) {
	return c.StartAt(node, "127.0.0.1:0")
}

// StartAt is Start on a given address.
func (c *Cluster) StartAt(node, address string) (*wire.Server, error) {
	handler := c.Handler()
	if node != "" {
		handler = c.HandlerAt(node)
	}
	authority, err := c.ownAuthority()
	if err != nil {
		return nil, err
	}
	if node == "" {
		node = c.options.Name
	}
	return wire.StartServer(handler, address, node, authority)
}

// ownAuthority returns the cluster's certificate authority, and makes it the first time.
func (c *Cluster) ownAuthority() (*wire.Authority, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.authority == nil {
		authority, err := wire.NewAuthority(c.options.Name)
		if err != nil {
			return nil, err
		}
		c.authority = authority
	}
	return c.authority, nil
}

// Guard runs f with the state brought up to the present and nobody else at it.
func (c *Cluster) Guard(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catchUp(c.options.Now().Unix())
	f()
}

// Now is the cluster's clock.
func (c *Cluster) Now() time.Time { return c.options.Now() }
