package cluster

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// version reads a version.
func version(t testing.TB, text string) pve.Version {
	t.Helper()
	v, err := pve.ParseVersion(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// inventory is a cluster of two nodes: on pve1 the guests qemu/100 (pool prod), lxc/101 (pool prod, tag web) and qemu/102 (tag web), on pve2
// qemu/200 (tag web), lxc/201 and qemu/202. Storages: local (dir), backup-nfs, pbs, images without backups and local2 for pve2 alone. No jobs.
func inventory(t testing.TB, jobs ...pve.Job) Inventory {
	t.Helper()
	guest := func(kind string, vmid int, node, pool, tags string) pve.GuestResource {
		return pve.GuestResource{Type: kind, VMID: vmid, Node: node, Pool: pool, Tags: tags, Status: "running"}
	}
	inv := NewInventory("home", Facts{
		Version: version(t, "9.0.3"),
		Resources: pve.Resources{
			Guests: []pve.GuestResource{
				guest("qemu", 202, "pve2", "", ""), guest("qemu", 100, "pve1", "prod", ""), guest("lxc", 101, "pve1", "prod", "web;x"),
				guest("qemu", 102, "pve1", "", "WEB"), guest("qemu", 200, "pve2", "", "web"), guest("lxc", 201, "pve2", "", ""),
			},
			Nodes: []pve.NodeResource{{Node: "pve1", Online: true}, {Node: "pve2", Online: true}},
		},
		Jobs: jobs,
		Storages: []pve.StorageConfig{
			{ID: "local", Type: "dir", Content: []string{"iso", "backup"}},
			{ID: "backup-nfs", Type: "nfs", Content: []string{"backup"}},
			{ID: "pbs", Type: "pbs", Content: []string{"backup"}},
			{ID: "images", Type: "zfspool", Content: []string{"images"}},
			{ID: "local2", Type: "dir", Content: []string{"backup"}, Nodes: []string{"pve2"}},
			{ID: "off", Type: "dir", Content: []string{"backup"}, Disabled: true},
		},
	})
	inv.Pools, inv.PoolsKnown = []string{"lab/web", "prod"}, true
	return inv
}

// stored is a job of Proxmox VE with the options that it was stored with.
func stored(id string, options map[string]string) pve.Job {
	job := pve.Job{
		ID: id, Enabled: true, Schedule: "01:00", NextRun: 1, Storage: options["storage"], Node: options["node"], Mode: options["mode"],
		Compress: options["compress"], Comment: options["comment"], NotesTemplate: options["notes-template"], Retention: options["prune-backups"],
		All: options["all"] == "1", Pool: options["pool"], VMIDs: ascending(idsOf(options["vmid"])), Exclude: ascending(idsOf(options["exclude"])),
		RepeatMissed: options["repeat-missed"] == "1", Options: map[string]string{},
	}
	for name, value := range options {
		if name != "vmid" && name != "comment" && name != "repeat-missed" {
			job.Options[name] = value
		}
	}
	return job
}
