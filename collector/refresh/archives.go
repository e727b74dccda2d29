package refresh

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

var (
	errPending  = errors.New("a log could not be read and is tried again in the next slow cycle")
	errHidden   = errors.New("the token may not see the storage: Datastore.Audit is missing")
	errInactive = errors.New("the storage is not active")
)

// place is where archives are listed, and through which node.
type place struct {
	derive.Place
	through string
}

// readArchives lists the archives of every backup storage in a slow cycle, since archives also vanish without a task; else of those that
// a task touched.
func (r *Refresher) readArchives(ctx context.Context, touched touches, slow bool) {
	places, blocked := r.places()
	var due []place
	for _, where := range places {
		if slow || touched.reach(where.Place) {
			due = append(due, where)
		}
	}
	for where, why := range blocked {
		if now := r.Now(); slow {
			r.sources.record(sourceKey{kind: snapshot.SourceArchives, node: where.Node, storage: where.Storage}, now, now, why)
		}
	}
	got := askAll(r.Now, due, func(where place) ([]pve.Archive, error) { return r.listArchives(ctx, where) })
	for i, one := range got {
		where := due[i].Place
		r.sources.record(sourceKey{kind: snapshot.SourceArchives, node: where.Node, storage: where.Storage}, one.began, one.ended, one.err)
		if one.err == nil {
			r.world.Listings[where] = derive.NewListing(one.began.Unix(), one.value)
		}
	}
}

// places returns where archives are to be listed, once for a shared storage, through a node on which it is active, and on every online node
// for a local one; and for the places that are blocked, why.
func (r *Refresher) places() (result []place, blocked map[derive.Place]error) {
	chosen := map[derive.Place]bool{}
	blocked = map[derive.Place]error{}
	for _, resource := range r.preferAnswering() {
		if !slices.Contains(strings.Split(resource.Content, ","), "backup") {
			continue
		}
		where := place{Place: derive.Place{Storage: resource.Storage, Node: resource.Node}, through: resource.Node}
		if resource.Shared {
			where.Node = ""
		}
		switch {
		case chosen[where.Place]:
		case !r.online(resource.Node):
			blocked[where.Place] = errOffline
		case !resource.Active:
			blocked[where.Place] = errInactive
		default:
			chosen[where.Place] = true
			delete(blocked, where.Place)
			result = append(result, where)
		}
	}
	for where := range r.world.Listings {
		if !chosen[where] && r.hidden(where.Storage) {
			blocked[where] = errHidden
		}
	}
	return result, blocked
}

// hidden reports that the token may not see a storage at all, and so neither whether it is there.
func (r *Refresher) hidden(storage string) bool {
	path := "/storage/" + storage
	return !r.sees(path, "Datastore.Audit") && !r.sees(path, "Datastore.AllocateSpace")
}

// preferAnswering sorts the storages so that those of the node that answers come first: asking it spares the cluster a hop.
func (r *Refresher) preferAnswering() []pve.StorageResource {
	sorted := slices.Clone(r.world.Usage)
	slices.SortFunc(sorted, func(a, b pve.StorageResource) int {
		if near, far := a.Node == r.world.Answering, b.Node == r.world.Answering; near != far {
			if near {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Storage, b.Storage))
	})
	return sorted
}

func (r *Refresher) online(node string) bool {
	return slices.ContainsFunc(r.world.NodeStates, func(state pve.NodeResource) bool { return state.Node == node && state.Online })
}

func (r *Refresher) listArchives(ctx context.Context, where place) ([]pve.Archive, error) {
	switch {
	case r.hidden(where.Storage):
		return nil, errHidden
	case r.seesDetails(where.Storage):
		return r.Client.Content(ctx, where.through, where.Storage)
	default:
		return r.Client.PruneList(ctx, where.through, where.Storage)
	}
}

// seesDetails reports whether the content listing is wanted and complete: it leaves out, with status 200, what the token may not see.
func (r *Refresher) seesDetails(storage string) bool {
	path := "/storage/" + storage
	return r.Settings.ArchiveDetails && r.world.Permissions != nil && (r.sees(path, "Datastore.Allocate") ||
		r.sees(path, "Datastore.AllocateSpace") && r.sees("/vms", "VM.Backup"))
}
