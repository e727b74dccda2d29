package derive

import (
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// TakeInventory merges a listing of guests into the memory. Only a complete listing may make a guest disappear: see [Complete].
func TakeInventory(memory *state.Cluster, w *World, settings Settings, complete bool) {
	baseline := memory.Started == 0
	if baseline {
		memory.Started = w.Now
	}
	listed := make(map[string]bool, len(w.Guests))
	for i := range w.Guests {
		resource := &w.Guests[i]
		listed[resource.ID] = true
		guest := memory.Guests[resource.ID]
		if guest == nil {
			guest = &state.Guest{FirstSeen: w.Now, VMID: resource.VMID, Type: resource.Type, HomeNode: resource.Node}
			if !baseline {
				guest.Born = memory.LastComplete
			}
			memory.Guests[resource.ID] = guest
		}
		refreshGuest(guest, resource)
	}
	if complete {
		for id := range memory.Guests {
			if !listed[id] {
				delete(memory.Guests, id)
			}
		}
		memory.LastComplete = w.Now
	}
	if memory.ConfigChecksum != settings.Checksum {
		for _, guest := range memory.Guests {
			guest.HomeNode = guest.Node
		}
		memory.ConfigChecksum = settings.Checksum
	}
}

// refreshGuest takes over what the listing says. A guest of a node that is down is listed without its name, pool and tags: the last known
// ones stay.
func refreshGuest(guest *state.Guest, resource *pve.GuestResource) {
	if resource.Node != "" {
		guest.Node = resource.Node
	}
	if guest.HomeNode == "" {
		guest.HomeNode = guest.Node
	}
	if resource.Status == statusUnknown {
		if resource.Name != "" {
			guest.Name = resource.Name
		}
		if resource.Pool != "" {
			guest.Pool = resource.Pool
		}
		return
	}
	guest.Name, guest.Pool, guest.Tags, guest.Template = resource.Name, resource.Pool, resource.Tags, resource.Template
}

// statusUnknown is the state of guests, nodes and storages of which the cluster has no fresh news.
const statusUnknown = "unknown"

// Complete reports whether a listing proves that the guests it lacks are gone: the cluster is quorate, and the token's privileges still
// cover every guest that was seen before. A lost privilege makes guests vanish from the listing with status 200.
func Complete(memory *state.Cluster, permissions pve.Permissions, quorate bool) bool {
	if !quorate || permissions == nil {
		return false
	}
	for _, guest := range memory.Guests {
		if !audits(permissions, "/vms", strconv.Itoa(guest.VMID)) && (guest.Pool == "" || !audits(permissions, "/pool", guest.Pool)) {
			return false
		}
	}
	return true
}

// audits reports whether the token sees the guests at a path below /vms or /pool. Proxmox VE leaves these two out only where the token may do
// nothing there: then what it may do further above says nothing of guests.
func audits(permissions pve.Permissions, top, name string) bool {
	_, own := permissions[top+"/"+name]
	_, all := permissions[top]
	return (own || all) && permissions.Has(top+"/"+name, "VM.Audit")
}

// FoldDestroy takes over a destroy task that ended well: what comes later under the same id is another guest and inherits nothing.
func FoldDestroy(memory *state.Cluster, task pve.Task) {
	var kind string
	switch task.Type {
	case "qmdestroy":
		kind = "qemu"
	case "vzdestroy":
		kind = "lxc"
	default:
		return
	}
	if vzdump.ParseStatus(task.Status).Failed() {
		return
	}
	if guest := memory.Guests[kind+"/"+task.ID]; guest != nil && task.End > guest.Born {
		rebirth(guest, task.End)
	}
}

// rebirth begins a new incarnation of a guest.
func rebirth(guest *state.Guest, at int64) {
	guest.Born = at
	guest.FirstSeen = max(guest.FirstSeen, at)
	guest.HomeNode = guest.Node
	guest.DrillSince = 0
	for storage, target := range guest.Targets {
		if target.Success != nil && target.Success.Start >= at {
			continue
		}
		if target.Attempt != nil && target.Attempt.End >= at {
			*target = state.Target{Attempt: target.Attempt}
			continue
		}
		delete(guest.Targets, storage)
	}
}
