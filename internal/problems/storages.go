package problems

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// The shares of a storage's space from which on it counts as almost full and as full.
const (
	almostFull = 0.80
	full       = 0.95
)

func (x *examination) storages() {
	for i := range x.Storages {
		x.storageDown(&x.Storages[i])
		for _, usage := range x.Storages[i].Usage {
			x.storageUsage(x.Storages[i].ID, usage)
		}
	}
}

// storageDown tells on which nodes a storage is not active although backups go there. Nodes that are offline have their own line.
func (x *examination) storageDown(storage *snapshot.Storage) {
	var nodes []string
	needing := 0
	for _, node := range storage.Nodes {
		if !node.Needed || x.offline[node.Node] {
			continue
		}
		needing++
		if !node.Up {
			nodes = append(nodes, node.Node)
		}
	}
	if len(nodes) == 0 {
		return
	}
	p := Problem{
		Severity: Critical, Kind: StorageDown, Subject: Subject{Storage: storage.ID},
		Hint: "look at it there with `pvesm status`, and at its server and mount",
	}
	where := "on " + words.List(nodes, few)
	if len(nodes) == 1 {
		p.Node = nodes[0]
		where = "on node " + words.Name(nodes[0])
	} else if len(nodes) == needing {
		where = "on any of the " + words.Count(needing, "node", "nodes") + " that need it"
	}
	p.Text = "Storage " + words.Name(storage.ID) + " is not active " + where + ": backups to it fail"
	x.down[storage.ID] = x.add(p)
}

func (x *examination) storageUsage(storage string, usage snapshot.StorageUsage) {
	if usage.Size <= 0 {
		return
	}
	used := float64(usage.Used) / float64(usage.Size)
	if used <= almostFull {
		return
	}
	where := ""
	if usage.Node != "" {
		where = " on node " + words.Name(usage.Node)
	}
	p := Problem{
		Severity: Warning, Kind: StorageAlmostFull,
		Text: fmt.Sprintf("Storage %s%s is %s full: %s of %s are left", words.Name(storage), where, percent(used),
			humanize.IBytes(unsigned(usage.Available)), humanize.IBytes(unsigned(usage.Size))),
		Hint:    "shorten the retention, remove archives that nobody needs, or give it more space",
		Subject: Subject{Storage: storage, Node: usage.Node},
	}
	if used > full {
		p.Severity, p.Kind = Critical, StorageFull
	}
	at := x.add(p)
	if used > full {
		x.full[storage] = at
	}
}

// percent does not round to 100 what still has room.
func percent(share float64) string {
	if whole := share * 100; whole < 99 {
		return fmt.Sprintf("%.0f %%", whole)
	}
	return fmt.Sprintf("%.1f %%", share*100)
}

func unsigned(bytes int64) uint64 { return uint64(max(0, bytes)) }
