package pvesim

import (
	"fmt"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
)

// The tokens that every built-in scenario knows: the recommended one of the exporter with audit rights only, one that may read archive
// details, and so could delete archives, and one of a provisioner that may change jobs, storages and disks and no more.
const (
	ExporterToken  = "backup-exporter@pve!metrics"
	ExporterSecret = "3f1c9a52-8f1e-4f0b-9a63-5d0f6b2a7c11"
	DetailsToken   = "backup-details@pve!metrics"
	DetailsSecret  = "a7d40b7e-54c1-4f69-8c0e-2f7c1f3f9d22"

	ProvisionerToken  = "backup-admin@pve!provision"
	ProvisionerSecret = "5b0e6d3c-0f4d-4b60-8a1a-c1f0a9a0be33"
)

// addTokens gives a cluster the tokens that scenarios share.
func (m *Model) addTokens() {
	m.Access.Users["backup-exporter@pve"] = &access.User{Comment: "backup exporter"}
	m.Access.Users["backup-details@pve"] = &access.User{Comment: "backup exporter with archive details"}
	m.Access.Tokens[ExporterToken] = &access.Token{Secret: ExporterSecret}
	m.Access.Tokens[DetailsToken] = &access.Token{Secret: DetailsSecret, FullRights: true}
	m.Access.Roles["BackupDetails"] = []string{"Sys.Audit", "VM.Audit", "Datastore.Audit", "Pool.Audit", "Datastore.AllocateSpace", "VM.Backup"}
	m.Access.Users["backup-admin@pve"] = &access.User{Comment: "provisioner of backups"}
	m.Access.Tokens[ProvisionerToken] = &access.Token{Secret: ProvisionerSecret, FullRights: true}
	m.Access.Roles["BackupProvisioner"] = []string{
		"Sys.Audit", "Sys.Modify", "VM.Audit", "VM.Backup", "VM.Config.Disk", "Datastore.Audit", "Datastore.Allocate", "Datastore.AllocateSpace", "Pool.Audit",
	}
	m.Access.Grants = append(m.Access.Grants,
		access.Grant{Path: "/", Who: "backup-admin@pve", Role: "BackupProvisioner"},
		access.Grant{Path: "/", Who: "backup-exporter@pve", Role: "PVEAuditor"},
		access.Grant{Path: "/", Who: ExporterToken, Role: "PVEAuditor"},
		access.Grant{Path: "/", Who: "backup-details@pve", Role: "BackupDetails"},
	)
}

// Scale returns a cluster of so many nodes and guests with thirty days of history before options.Now: half the guests are containers, all
// are backed up every night to a shared storage and, from an eighth of them, every Sunday to a Proxmox Backup Server. The history happens when somebody asks for the first time: until
// then Build can still change what it starts from, such as the retention.
func Scale(options Options, nodes, guests int) *Cluster {
	if options.Start.IsZero() {
		options.Start = options.Now().Add(-30 * 24 * time.Hour)
	}
	c := New(options)
	c.Build(func(m *Model) {
		m.addTokens()
		for i := range nodes {
			m.Nodes = append(m.Nodes, &Node{Name: fmt.Sprintf("pve%d", i+1), Address: fmt.Sprintf("192.0.2.%d", i+11), Zone: time.UTC})
		}
		m.Storages = []*Storage{
			{ID: "local", Type: "dir", Content: []string{"iso", "vztmpl", "backup"}, Config: map[string]string{"path": "/var/lib/vz"}, Size: 100 << 30, Base: 20 << 30},
			{ID: "local-zfs", Type: "zfspool", Content: []string{"images", "rootdir"}, Config: map[string]string{"pool": "rpool/data"}, Size: 4 << 40, Base: 1 << 40},
			{
				ID: "backup-nfs", Type: "nfs", Content: []string{"backup"}, Retention: "keep-daily=7,keep-weekly=4",
				Config: map[string]string{"server": "192.0.2.200", "export": "/backup"}, Size: 4 << 50,
			},
			{
				ID: "pbs-remote", Type: "pbs", Content: []string{"backup"}, Retention: "keep-weekly=8",
				Config: map[string]string{"server": "192.0.2.201", "datastore": "main", "username": "sync@pbs"}, Size: 4 << 50,
			},
		}
		offsite := ""
		for i := range guests {
			g := scaleGuest(i, fmt.Sprintf("pve%d", i%nodes+1))
			m.AddGuest(g)
			if i%8 == 0 {
				offsite += fmt.Sprintf("%d,", g.VMID)
			}
		}
		m.Jobs = []*Job{
			{ID: "nightly", Schedule: "01:00", Options: map[string]string{
				"storage": "backup-nfs", "all": "1", "mode": "snapshot", "compress": "zstd",
				"notes-template": "{{guestname}}", "prune-backups": "keep-daily=7,keep-weekly=4",
			}},
			{ID: "offsite", Schedule: "sun 05:00", Options: map[string]string{"storage": "pbs-remote", "vmid": offsite, "mode": "snapshot"}},
		}
	})
	return c
}

// scaleGuest makes the ith guest: small, so that thousands of backups fit into a night.
func scaleGuest(i int, node string) *Guest {
	vmid := 100 + i
	if i%2 == 1 {
		return &Guest{VMID: vmid, Type: "lxc", Node: node, Config: map[string]string{
			"hostname": fmt.Sprintf("ct%d", vmid), "memory": "512", "cores": "1",
			"rootfs": fmt.Sprintf("local-zfs:subvol-%d-disk-0,size=8G", vmid),
		}}
	}
	return &Guest{VMID: vmid, Type: "qemu", Node: node, Config: map[string]string{
		"name": fmt.Sprintf("vm%d", vmid), "memory": "2048", "cores": "2", "agent": "1",
		"scsi0": fmt.Sprintf("local-zfs:vm-%d-disk-0,size=16G", vmid),
	}}
}
