package refresh

import (
	"cmp"
	"context"
	"maps"
	"sync"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Refresh reads the cluster once and publishes the new picture. A slow refresh reads everything; the first one always is slow. It never
// fails: what could not be read is a source that is down.
func (r *Refresher) Refresh(ctx context.Context, slow bool) {
	began := r.Now()
	slow = slow || r.lastSlow.IsZero()
	r.shown = began
	r.world.Now = began.Unix()
	if !r.versionDoes(ctx) {
		r.publishStale(began)
		return
	}
	recent, up := r.readInventory(ctx)
	if ctx.Err() != nil {
		return
	}
	if !up {
		r.publishStale(began)
		return
	}
	if slow {
		r.lastSlow = began
	}
	runs := derive.NewRuns(r.world)
	if !r.read && r.Memory.Snapshot == nil {
		r.publish(derive.Judge(r.Memory, r.world, r.Settings, runs, false))
	}
	r.read = true
	if slow {
		r.readConfiguration(ctx)
		runs = derive.NewRuns(r.world)
		r.compare()
	}
	r.readDrills()
	touched, news := r.readTasks(ctx, recent, runs, slow)
	r.readArchives(ctx, touched, slow)
	if ctx.Err() != nil {
		return // a cycle that was cut short proves nothing
	}
	r.dropGone()
	r.whole = r.whole || slow
	r.publish(derive.Judge(r.Memory, r.world, r.Settings, runs, slow))
	if news || slow {
		r.keep()
	}
}

// versionDoes asks for the cluster's version until it is known, and reports whether it does.
func (r *Refresher) versionDoes(ctx context.Context) bool {
	if r.checked {
		return true
	}
	began := r.Now()
	if _, err := r.Client.RequireVersion(ctx, pve.MinimumVersion); err != nil {
		r.err = err
		r.sources.record(sourceKey{kind: snapshot.SourceResources}, began, r.Now(), err)
		return false
	}
	r.checked = true
	return true
}

// inventory is the replies of one fast cycle.
type inventory struct {
	resources   pve.Resources
	status      pve.ClusterStatus
	permissions pve.Permissions
	tasks       []pve.Task
	jobs        []pve.Job
	errors      map[snapshot.SourceKind]error
	statusError error // the quorum is unknown; all else that the call says, the inventory says too
}

// readInventory makes the five calls of a fast cycle and takes over what they say. It reports whether the inventory itself was read, and
// the recent tasks, nil where they could not be read.
func (r *Refresher) readInventory(ctx context.Context) (recent []pve.Task, up bool) {
	began := r.Now()
	replies := r.askInventory(ctx)
	if ctx.Err() != nil {
		return nil, false
	}
	ended := r.Now()
	for _, kind := range []snapshot.SourceKind{snapshot.SourcePermissions, snapshot.SourceTasks, snapshot.SourceJobs} {
		r.sources.record(sourceKey{kind: kind}, began, ended, replies.errors[kind])
	}
	r.err = replies.errors[snapshot.SourceResources]
	r.sources.record(sourceKey{kind: snapshot.SourceResources}, began, ended, cmp.Or(r.err, replies.statusError))
	if r.err != nil {
		return nil, false
	}
	if replies.errors[snapshot.SourcePermissions] == nil {
		r.world.Permissions = replies.permissions
	}
	if replies.errors[snapshot.SourceJobs] == nil {
		r.world.Jobs, r.world.JobsKnown = replies.jobs, true
	}
	r.world.Guests, r.world.NodeStates, r.world.Usage = replies.resources.Guests, replies.resources.Nodes, replies.resources.Storages
	if replies.statusError == nil {
		r.world.Answering = localNode(replies.status)
	}
	// Without the status nobody knows of a quorum, and no guest is gone.
	complete := replies.errors[snapshot.SourcePermissions] == nil && derive.Complete(r.Memory, replies.permissions, replies.status.Quorate)
	derive.TakeInventory(r.Memory, r.world, r.Settings, complete)
	if replies.errors[snapshot.SourceTasks] != nil {
		return nil, true
	}
	if replies.tasks == nil {
		replies.tasks = []pve.Task{}
	}
	return replies.tasks, true
}

// localNode returns the node that answered: schedules are worked out in its zone.
func localNode(status pve.ClusterStatus) string {
	for _, node := range status.Nodes {
		if node.Local {
			return node.Name
		}
	}
	return ""
}

// askInventory makes the calls side by side: the client bounds how many run at once.
func (r *Refresher) askInventory(ctx context.Context) *inventory {
	replies := &inventory{errors: map[snapshot.SourceKind]error{}}
	var mu sync.Mutex
	var group sync.WaitGroup
	ask := func(kind snapshot.SourceKind, call func() error) {
		group.Go(func() {
			if err := call(); err != nil {
				mu.Lock()
				defer mu.Unlock()
				replies.errors[kind] = err
			}
		})
	}
	ask(snapshot.SourceResources, func() (err error) { replies.resources, err = r.Client.Resources(ctx); return err })
	group.Go(func() { replies.status, replies.statusError = r.Client.ClusterStatus(ctx) })
	ask(snapshot.SourcePermissions, func() (err error) { replies.permissions, err = r.Client.Permissions(ctx); return err })
	ask(snapshot.SourceTasks, func() (err error) { replies.tasks, err = r.Client.ClusterTasks(ctx); return err })
	ask(snapshot.SourceJobs, func() (err error) { replies.jobs, err = r.Client.Jobs(ctx); return err })
	group.Wait()
	return replies
}

// publish completes a picture that was just judged and shows it.
func (r *Refresher) publish(picture *snapshot.Cluster) {
	r.shown = r.Now()
	picture.Up = true
	picture.Drift = r.drift
	picture.Sources = r.sources.list()
	picture.Endpoints = r.endpoints()
	r.Memory.Snapshot = picture
	r.Publish(picture)
}

// progressEvery is how often a picture is shown while many logs are read, as at the first start.
const progressEvery = 10 * time.Second

// showProgress shows what is known so far, at times. After a restart what the state file tells says more, until all was read once.
func (r *Refresher) showProgress(runs *derive.Runs) {
	if (r.whole || !r.Memory.Settled) && r.Now().Sub(r.shown) >= progressEvery {
		r.publish(derive.Judge(r.Memory, r.world, r.Settings, runs, false))
	}
}

// publishStale shows the last picture again, with the sources as they are now: facts do not go away because the cluster does not answer.
func (r *Refresher) publishStale(began time.Time) {
	picture := &snapshot.Cluster{Name: r.Settings.Cluster, Taken: began.Unix()}
	if last := r.Memory.Snapshot; last != nil {
		copied := *last
		picture = &copied
	}
	picture.Up = false
	picture.Sources = r.sources.list()
	picture.Endpoints = r.endpoints()
	r.Memory.Snapshot = picture
	r.Publish(picture)
}

func (r *Refresher) endpoints() []snapshot.Endpoint {
	var result []snapshot.Endpoint
	for _, status := range r.Client.EndpointStatus() {
		result = append(result, snapshot.Endpoint{Address: status.Address, Up: status.Up})
	}
	return result
}

// dropGone forgets the sources and listings of nodes and storages that are gone, as far as the inventory can tell.
func (r *Refresher) dropGone() {
	if r.Memory.LastComplete != r.world.Now {
		return
	}
	nodes, storages := map[string]bool{"": true}, map[string]bool{"": true}
	for _, node := range r.world.NodeStates {
		nodes[node.Node] = true
	}
	for _, storage := range r.world.Usage {
		storages[storage.Storage] = true
	}
	for place := range r.world.Listings { // what the token may no longer see need not be gone
		storages[place.Storage] = storages[place.Storage] || r.hidden(place.Storage)
	}
	r.sources.keepOnly(func(key sourceKey) bool { return nodes[key.node] && storages[key.storage] })
	maps.DeleteFunc(r.pending, func(_ string, task pve.Task) bool { return !nodes[task.Node] })
	maps.DeleteFunc(r.follows, func(_ string, one *follow) bool { return !nodes[one.task.Node] })
	for place := range r.world.Listings {
		if !nodes[place.Node] || !storages[place.Storage] {
			delete(r.world.Listings, place)
		}
	}
}
