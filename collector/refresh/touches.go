package refresh

import (
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// touches notes where tasks may have changed archives: a storage, as the task's node sees it. An empty storage stands for any.
type touches map[derive.Place]bool

// task notes what a task other than vzdump may have changed: its id is VMID@storage, or the storage.
func (t touches) task(task pve.Task) {
	switch task.Type {
	case "prunebackups", "imgdel":
		_, storage, found := strings.Cut(task.ID, "@")
		if !found {
			storage = task.ID
		}
		t[derive.Place{Storage: storage, Node: task.Node}] = true
	case "imgcopy", "download":
		t[derive.Place{Node: task.Node}] = true
	}
}

// reach reports whether the archives of a place may have changed. A shared storage has no node: whatever node touched it, it changed.
func (t touches) reach(where derive.Place) bool {
	for touched := range t {
		if (touched.Storage == where.Storage || touched.Storage == "") && (touched.Node == where.Node || where.Node == "") {
			return true
		}
	}
	return false
}
