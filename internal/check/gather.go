package check

import (
	"context"
	"slices"
	"sync"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// gatherer asks one cluster, the network and the file system. It judges nothing beyond what decides whether to go on.
type gatherer struct {
	options Options
	facts   *facts
	client  Client
}

// gather finds out all that the checks of one cluster look at.
func gather(ctx context.Context, options Options, file *config.File, cluster config.Cluster) *facts {
	f := &facts{file: file, cluster: cluster, now: options.Now(), timeout: options.Timeout}
	f.secrets, f.secretErr = lookAtSecrets(cluster)
	var group sync.WaitGroup
	group.Go(func() { f.provisioner = askProvisioner(ctx, options, cluster) })
	group.Go(func() { f.drill = askDrill(ctx, options, cluster) })
	defer group.Wait()
	if cluster.Exporter == nil {
		return f
	}
	if f.connection, f.connectionErr = cluster.Connection(options.Root); f.connectionErr != nil {
		return f
	}
	g := &gatherer{options: options, facts: f}
	if g.client, f.clientErr = options.Connect(cluster); f.clientErr == nil {
		defer g.client.Close()
	}
	g.reach(ctx)
	if stage, _ := f.progress(); stage < reached {
		return f
	}
	f.version.asked = true
	f.version.value, f.version.err = g.client.Version(ctx)
	if stage, _ := f.progress(); stage < readable {
		return f
	}
	g.inventory(ctx)
	g.everything(ctx)
	f.judge()
	return f
}

// reach looks at every address of the cluster, from outside and with the client.
func (g *gatherer) reach(ctx context.Context) {
	f := g.facts
	var group sync.WaitGroup
	group.Go(func() {
		trusted, err := trustOf(f.connection)
		if err != nil {
			trusted = nil // the client says it, too
		}
		f.probes = probeAll(ctx, f.connection, trusted, f.now)
	})
	if f.clientErr == nil && f.secretErr == nil {
		group.Go(func() { f.endpoints = g.client.CheckEndpoints(ctx) })
	}
	group.Wait()
}

// inventory makes the five calls of the exporter's fast cycle, and takes their time.
func (g *gatherer) inventory(ctx context.Context) {
	f, c := g.facts, g.client
	began := g.options.Now()
	asker := g.asker()
	ask(asker, &f.resources, func() (pve.Resources, error) { return c.Resources(ctx) })
	ask(asker, &f.status, func() (pve.ClusterStatus, error) { return c.ClusterStatus(ctx) })
	ask(asker, &f.permissions, func() (pve.Permissions, error) { return c.Permissions(ctx) })
	ask(asker, &f.recent, func() ([]pve.Task, error) { return c.ClusterTasks(ctx) })
	ask(asker, &f.jobs, func() ([]pve.Job, error) { return c.Jobs(ctx) })
	asker.group.Wait()
	f.cycle = g.options.Now().Sub(began)
}

func (g *gatherer) asker() *asker { return &asker{now: g.options.Now} }

// everything asks what a slow cycle asks, and reads one log. Some of the time is kept for the log: a node or a storage that hangs takes all
// that it is given.
func (g *gatherer) everything(ctx context.Context) {
	patient := ctx
	if deadline, limited := ctx.Deadline(); limited {
		earlier, cancel := context.WithDeadline(ctx, deadline.Add(-g.options.Timeout/4))
		defer cancel()
		patient = earlier
	}
	g.rest(patient)
	g.log(ctx)
}

// rest asks, side by side, the cluster and each node that is online.
func (g *gatherer) rest(ctx context.Context) {
	f, c := g.facts, g.client
	asker := g.asker()
	ask(asker, &f.storages, func() ([]pve.StorageConfig, error) { return c.Storages(ctx) })
	if g.usesPools() {
		ask(asker, &f.pools, func() ([]pve.Pool, error) { return c.Pools(ctx) })
	}
	f.schedules = map[string]*answer[[]int64]{}
	for _, schedule := range f.schedulesInUse() {
		next := &answer[[]int64]{}
		f.schedules[schedule] = next
		ask(asker, next, func() ([]int64, error) { return c.ScheduleAnalyze(ctx, schedule, f.now.Unix(), 1) })
	}
	names, online := f.nodeNames()
	f.archives = placesOf(f.resources.value, online)
	f.nodes = map[string]*nodeFacts{}
	for _, name := range names {
		if !online[name] {
			continue
		}
		node := &nodeFacts{}
		f.nodes[name] = node
		asker.group.Go(func() { g.node(ctx, name, node) })
	}
	asker.group.Wait()
}

func (g *gatherer) usesPools() bool {
	return slices.ContainsFunc(g.facts.file.Environments, func(environment config.Environment) bool {
		return environment.Cluster == g.facts.cluster.Name && len(environment.Guests.Pools) > 0
	})
}

// node asks one node: its clock first and alone, since waiting behind other calls would blur it.
func (g *gatherer) node(ctx context.Context, name string, node *nodeFacts) {
	c := g.client
	first := g.asker()
	ask(first, &node.clock, func() (pve.NodeTime, error) { return c.NodeTime(ctx, name) })
	first.group.Wait()
	asker := g.asker()
	ask(asker, &node.defaults, func() (pve.VZDumpDefaults, error) { return c.VZDumpDefaults(ctx, name, "") })
	ask(asker, &node.tasks, func() (taskList, error) {
		newest, total, err := c.NodeTasks(ctx, name, pve.TaskQuery{Type: "vzdump", Limit: 1})
		return taskList{newest, total}, err
	})
	for _, place := range g.facts.archives {
		if place.node == name {
			g.list(ctx, asker, place)
		}
	}
	asker.group.Wait()
}

// list lists the archives of a place. What the token may not see at all is not asked for: the privileges are told of elsewhere.
func (g *gatherer) list(ctx context.Context, asker *asker, place *archiveFacts) {
	f, c := g.facts, g.client
	if !f.seesStorage(place.storage) {
		return
	}
	ask(asker, &place.listed, func() ([]pve.Archive, error) { return c.PruneList(ctx, place.node, place.storage) })
	if f.cluster.ArchiveDetails {
		ask(asker, &place.content, func() ([]pve.Archive, error) { return c.Content(ctx, place.node, place.storage) })
	}
}

// log reads the log of the newest finished backup task of all nodes.
func (g *gatherer) log(ctx context.Context) {
	var newest pve.Task
	for _, node := range g.facts.nodes {
		for _, task := range node.tasks.value.newest {
			if task.End > newest.End || task.End == newest.End && task.UPID > newest.UPID {
				newest = task
			}
		}
	}
	if newest.UPID == "" {
		return
	}
	log := &logFacts{task: newest}
	parser := vzdump.NewParser()
	log.bytes.asked = true
	log.bytes.value, log.bytes.err = g.client.TaskLog(ctx, newest.Node, newest.UPID, parser)
	log.says = parser.Report()
	g.facts.log = log
}
