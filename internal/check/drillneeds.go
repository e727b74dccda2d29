package check

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// The roles that the printed commands give to the token of drills.
const (
	drillRole        = "BackupDrill"
	drillSourceRole  = "BackupDrillSource"
	drillStorageRole = "BackupDrillStorage"
	drillScratchRole = "BackupDrillScratch"

	drillSourcePrivileges  = "VM.Backup VM.Allocate"
	drillStoragePrivileges = "Datastore.AllocateSpace"
	drillScratchPrivileges = "VM.Allocate VM.Config.CDROM VM.Config.Disk VM.Config.HWType VM.Config.Memory VM.Config.Network VM.Config.Options VM.PowerMgmt"
)

// drillNeeds lists what drills of the cluster need. An agent is asked by another right before Proxmox VE 9.
func (f *facts) drillNeeds() []tokenNeed {
	var needs []tokenNeed
	add := func(path, role, purpose, privileges string) {
		for _, privilege := range strings.Fields(privileges) {
			needs = append(needs, tokenNeed{path, privilege, role, purpose})
		}
	}
	pool := "/pool/" + f.cluster.Drill.Pool
	add("/", drillRole, "see guests, archives and tasks", rolePrivileges)
	add("/vms", drillSourceRole, "read archives, and remove what a failed restore leaves", drillSourcePrivileges)
	for _, storage := range f.drillStorages() {
		add("/storage/"+storage, drillStorageRole, "read archives and make the scratch guest's disks", drillStoragePrivileges)
	}
	add(pool, drillScratchRole, "make, change, start, stop and destroy scratch guests", drillScratchPrivileges+" "+f.agentPrivilege())
	return needs
}

// agentPrivilege is the right to ask a guest agent, by the version of the cluster; that of the newest where the version is not known.
func (f *facts) agentPrivilege() string {
	if f.version.read() && f.version.value.Major < 9 {
		return "VM.Monitor"
	}
	return "VM.GuestAgent.Audit"
}

// drillStorages lists the storages that drills read from, by what the file declares of the environments that are drilled, else all that hold
// backups; and the one that they restore to.
func (f *facts) drillStorages() []string {
	var names []string
	for i := range f.file.Environments {
		environment := &f.file.Environments[i]
		if environment.Cluster == f.cluster.Name && environment.Drill != nil && environment.Backup != nil {
			names = append(names, storagesOf(environment.Backup)...)
		}
	}
	if len(names) == 0 { // as the exporter's token sees them: that of drills may see none yet
		for _, storage := range f.storages.value {
			if holdsBackups(storage) {
				names = append(names, storage.ID)
			}
		}
	}
	names = append(names, f.cluster.Drill.Storage)
	slices.Sort(names)
	return slices.Compact(names)
}

func storagesOf(backup *config.Backup) []string {
	names := []string{backup.Storage}
	if backup.Offsite != nil {
		names = append(names, backup.Offsite.Storage)
	}
	return names
}

// drillLines make the pool and the roles, and give them.
func (f *facts) drillLines() []string {
	token, pool := f.cluster.Drill.ID, f.cluster.Drill.Pool
	lines := []string{
		"pveum pool add " + quote(pool) + ` --comment "scratch guests of restore drills"`,
		roleLine(drillRole, rolePrivileges),
		roleLine(drillSourceRole, drillSourcePrivileges),
		roleLine(drillStorageRole, drillStoragePrivileges),
		roleLine(drillScratchRole, drillScratchPrivileges+" "+f.agentPrivilege()),
		grantLine(token, "/", drillRole),
		grantLine(token, "/vms", drillRole+","+drillSourceRole),
		grantLine(token, "/pool/"+pool, drillRole+","+drillScratchRole),
	}
	for _, storage := range f.drillStorages() {
		lines = append(lines, grantLine(token, "/storage/"+storage, drillRole+","+drillStorageRole))
	}
	return lines
}

// newDrillLines create pool, user, token, roles and ACL from nothing.
func (f *facts) newDrillLines() []string {
	return append(accountLines(f.cluster.Drill.ID, "pve-backup-exporter drill"), f.drillLines()...)
}
