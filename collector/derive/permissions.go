package derive

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// need is a privilege that a feature needs, with those that would do as well.
type need struct {
	path, privilege string
	instead         []string
}

// MissingPermissions lists the privileges that what is switched on needs and the token lacks. It is nil while the token's are unknown.
func MissingPermissions(memory *state.Cluster, w *World, settings Settings) []snapshot.Permission {
	if w.Permissions == nil {
		return nil
	}
	var missing []snapshot.Permission
	for _, each := range needs(memory, w, settings) {
		if !satisfied(w.Permissions, each) {
			missing = append(missing, snapshot.Permission{Path: each.path, Privilege: each.privilege})
		}
	}
	slices.SortFunc(missing, func(a, b snapshot.Permission) int {
		return strings.Compare(a.Path+" "+a.Privilege, b.Path+" "+b.Privilege)
	})
	return slices.Compact(missing)
}

func satisfied(permissions pve.Permissions, each need) bool {
	if permissions.Has(each.path, each.privilege) {
		return true
	}
	return slices.ContainsFunc(each.instead, func(other string) bool { return permissions.Has(each.path, other) })
}

func needs(memory *state.Cluster, w *World, settings Settings) []need {
	result := []need{{path: "/", privilege: "Sys.Audit"}}
	for _, node := range w.NodeStates {
		result = append(result, need{path: "/nodes/" + node.Node, privilege: "Sys.Audit"})
	}
	if !Complete(memory, w.Permissions, true) || len(memory.Guests) == 0 {
		result = append(result, need{path: "/vms", privilege: "VM.Audit"})
	}
	if settings.UsesPools || slices.ContainsFunc(w.Jobs, func(job pve.Job) bool { return job.Pool != "" }) {
		result = append(result, need{path: "/pool", privilege: "Pool.Audit"})
	}
	for _, id := range backupStorages(w) {
		path := "/storage/" + id
		// Datastore.AllocateSpace does for the archives, but only this shows the storage itself, its state and its size.
		result = append(result, need{path: path, privilege: "Datastore.Audit"})
		if settings.ArchiveDetails {
			result = append(result, need{path: path, privilege: "Datastore.AllocateSpace", instead: []string{"Datastore.Allocate"}})
			if !w.Permissions.Has(path, "Datastore.Allocate") {
				result = append(result, need{path: "/vms", privilege: "VM.Backup"})
			}
		}
	}
	return result
}

// backupStorages names the storages that matter: those that the token sees and those to which jobs write.
func backupStorages(w *World) []string {
	var ids []string
	for _, resource := range w.Usage {
		if slices.Contains(strings.Split(resource.Content, ","), "backup") {
			ids = append(ids, resource.Storage)
		}
	}
	for i := range w.Jobs {
		if storage := w.storageOf(&w.Jobs[i], w.Jobs[i].Node); storage != "" {
			ids = append(ids, storage)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
