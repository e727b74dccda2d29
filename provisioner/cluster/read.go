package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// MinimumVersion is the oldest Proxmox VE that provisioning works with: the first whose archives have notes.
const MinimumVersion = "7.2"

// Reader is what reading a cluster needs of its API; [pve.Client] is one.
type Reader interface {
	RequireVersion(ctx context.Context, minimum string) (pve.Version, error)
	Resources(ctx context.Context) (pve.Resources, error)
	Jobs(ctx context.Context) ([]pve.Job, error)
	Storages(ctx context.Context) ([]pve.StorageConfig, error)
	Pools(ctx context.Context) ([]pve.Pool, error)
	IncludedVolumes(ctx context.Context, job string) ([]pve.IncludedGuest, error)
	GuestPending(ctx context.Context, node, guestType string, vmid int) ([]pve.PendingValue, error)
}

var _ Reader = (*pve.Client)(nil)

// Need says what has to be read of a cluster besides what every plan needs.
type Need struct {
	Cluster string
	// Pools asks for the list of pools.
	Pools bool
	// Volumes tells of which guests the volumes are needed; nil for none.
	Volumes func(guest Guest) bool
	// Wanted tells whether backups should contain a volume. A guest with a wanted volume that is left out, and one that no job selects, are
	// asked for their configuration. nil: nobody is.
	Wanted func(guest Guest, volume string) bool
}

// atOnce bounds the goroutines that wait for replies. How many calls really run at once is the client's to bound, per node.
const atOnce = 32

// Read reads a cluster: one call each for the version, the guests and nodes, the jobs and the storages, one for the pools where they are
// needed, one for each job that is needed to see the volumes of all guests in question, and one for each guest whose configuration has to be
// known. It writes nothing.
//
// The first error ends it. A token that may not see something gets less, and nothing says so.
func Read(ctx context.Context, client Reader, need Need) (Inventory, error) {
	version, err := client.RequireVersion(ctx, MinimumVersion)
	if err != nil {
		return Inventory{}, err
	}
	facts := Facts{Version: version}
	var pools []pve.Pool
	lists, listing := errgroup.WithContext(ctx)
	lists.Go(func() (err error) { facts.Resources, err = client.Resources(listing); return err })
	lists.Go(func() (err error) { facts.Jobs, err = client.Jobs(listing); return err })
	lists.Go(func() (err error) { facts.Storages, err = client.Storages(listing); return err })
	if need.Pools {
		lists.Go(func() (err error) { pools, err = client.Pools(listing); return err })
	}
	if err := lists.Wait(); err != nil {
		return Inventory{}, err
	}
	inv := NewInventory(need.Cluster, facts)
	inv.PoolsKnown = need.Pools
	for _, pool := range pools {
		inv.Pools = append(inv.Pools, pool.ID)
	}
	slices.Sort(inv.Pools)
	if need.Volumes == nil {
		return inv, nil
	}
	if err := readIncluded(ctx, client, need, &inv); err != nil {
		return Inventory{}, err
	}
	if need.Wanted == nil {
		return inv, nil
	}
	return inv, readConfigurations(ctx, client, need, &inv)
}

// readIncluded asks jobs for the volumes of their guests.
func readIncluded(ctx context.Context, client Reader, need Need, inv *Inventory) error {
	jobs := jobsToAsk(need, inv)
	replies := make([][]pve.IncludedGuest, len(jobs))
	err := forEach(ctx, len(jobs), func(ctx context.Context, i int) (err error) {
		replies[i], err = client.IncludedVolumes(ctx, jobs[i])
		return err
	})
	for _, guests := range replies {
		inv.addVolumes(guests)
	}
	return err
}

// jobsToAsk chooses jobs that together select every guest in question that any job selects: those with the most guests first.
func jobsToAsk(need Need, inv *Inventory) []string {
	type candidate struct {
		id     string
		guests []int
	}
	var candidates []candidate
	for i := range inv.Jobs {
		job := &inv.Jobs[i]
		if len(job.ID) > maxJobID {
			continue // Proxmox VE keeps such a job but does not answer for it
		}
		if guests := listedBy(inv, job, need.Volumes); len(guests) > 0 {
			candidates = append(candidates, candidate{job.ID, guests})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(len(b.guests), len(a.guests)), cmp.Compare(a.id, b.id))
	})
	seen := map[int]bool{}
	var ask []string
	for _, one := range candidates {
		before := len(seen)
		for _, vmid := range one.guests {
			seen[vmid] = true
		}
		if len(seen) > before {
			ask = append(ask, one.id)
		}
	}
	return ask
}

// listedBy lists the guests in question that a job's included_volumes lists: those that it names, and of a pool or of all those on its node.
func listedBy(inv *Inventory, job *pve.Job, wanted func(Guest) bool) []int {
	selection := job.Selection()
	anywhere := job.Node == "" || job.Pool == "" && !job.All
	var ids []int
	for _, guest := range inv.Guests {
		if selection.Names(guest.VMID, guest.Pool) && (anywhere || job.Node == guest.Node) && wanted(guest) {
			ids = append(ids, guest.VMID)
		}
	}
	return ids
}

// readConfigurations asks guests for their configuration, as it is and as it will be after their next start. A guest of a node that is offline
// is not asked.
func readConfigurations(ctx context.Context, client Reader, need Need, inv *Inventory) error {
	var guests []Guest
	for _, guest := range inv.Guests {
		if node, known := inv.node(guest.Node); need.Volumes(guest) && known && node.Online && needsConfiguration(need, inv, guest) {
			guests = append(guests, guest)
		}
	}
	replies := make([][]pve.PendingValue, len(guests))
	err := forEach(ctx, len(guests), func(ctx context.Context, i int) (err error) {
		guest := guests[i]
		if replies[i], err = client.GuestPending(ctx, guest.Node, guest.Type, guest.VMID); err != nil {
			return fmt.Errorf("the configuration of %s: %w", guest.ID(), err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, values := range replies {
		inv.addConfiguration(guests[i], values)
	}
	return nil
}

func needsConfiguration(need Need, inv *Inventory, guest Guest) bool {
	volumes, known := inv.Volumes[guest.VMID]
	return !known || slices.ContainsFunc(volumes, func(volume pve.IncludedVolume) bool {
		return !volume.Included && !volume.NotVolume && need.Wanted(guest, volume.Key)
	})
}

// forEach makes calls side by side and stops at the first error.
func forEach(ctx context.Context, count int, call func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range count {
		group.Go(func() error { return call(ctx, i) })
	}
	return group.Wait()
}
