package derive

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// defaultStorage is where vzdump writes when neither the job nor the node's vzdump.conf names a storage.
const defaultStorage = "local"

// selector decides which guests a job selects.
type selector struct {
	job *pve.Job
	pve.Selection
}

func newSelector(job *pve.Job) selector { return selector{job: job, Selection: job.Selection()} }

// names reports whether the job selects the guest, wherever it is.
func (s selector) names(guest *state.Guest) bool { return s.Names(guest.VMID, guest.Pool) }

// reaches reports whether the job runs on the guest's node.
func (s selector) reaches(guest *state.Guest) bool { return s.Reaches(guest.Node) }

// storageOf returns the storage to which a job writes on a node: its own, the node's default, else local. It is empty for a job that
// writes to a plain folder.
func (w *World) storageOf(job *pve.Job, node string) string {
	switch {
	case job.Storage != "":
		return job.Storage
	case job.Dumpdir != "":
		return ""
	}
	if storage := w.Nodes[node].DefaultStorage; storage != "" {
		return storage
	}
	return defaultStorage
}

// usable reports whether a storage is configured so that backups of a node can go there: it exists, is enabled, holds backups and is
// allowed on the node. It says nothing of its health. What the token may not see counts as usable.
func (w *World) usable(storage, node string) bool {
	if storage == "" || !w.StoragesKnown {
		return true
	}
	config := w.storageConfig(storage)
	if config == nil {
		return !w.seesStorage(storage)
	}
	return config.TakesBackups(node)
}

func (w *World) storageConfig(id string) *pve.StorageConfig {
	for i := range w.Storages {
		if w.Storages[i].ID == id {
			return &w.Storages[i]
		}
	}
	return nil
}

// onBackupServer reports whether a storage is one of a Proxmox Backup Server.
func (w *World) onBackupServer(id string) bool {
	return slices.ContainsFunc(w.Usage, func(one pve.StorageResource) bool { return one.Storage == id && one.Type == "pbs" })
}

func (w *World) seesStorage(id string) bool {
	path := "/storage/" + id
	return w.Permissions.Has(path, "Datastore.Audit") || w.Permissions.Has(path, "Datastore.AllocateSpace")
}

// runsAgain reports whether a job's schedule has a future run.
func (w *World) runsAgain(job *pve.Job, node string, runs *Runs) bool {
	if job.NextRun > 0 {
		return true
	}
	_, found := runs.Next(job.Schedule, w.zone(node), w.Now)
	return found
}

// retentionOf returns the rule in effect where a job writes: its own, the storage's, the node's default, else an empty text for keep-all.
// A job that is told not to remove anything keeps all.
func (w *World) retentionOf(job *pve.Job, storage, node string) string {
	if job != nil && strings.TrimSpace(job.Options["remove"]) == "0" {
		return ""
	}
	if job != nil && job.Retention != "" {
		return job.Retention
	}
	if config := w.storageConfig(storage); config != nil && config.Retention != "" {
		return config.Retention
	}
	return w.Nodes[node].DefaultRetention
}
