package check

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// tokenNeed is a privilege that a token beside the exporter's needs, and the role that the printed commands give it by.
type tokenNeed struct {
	path, privilege string
	role            string
	purpose         string // completes "it needs that to ..."
}

// The roles that the printed commands give to the token of provisioning: one to look, and one for each sort of change. Their names do not
// begin with PVE, which Proxmox VE keeps for itself.
const (
	lookRole     = "BackupProvisioner"
	jobsRole     = "BackupProvisionerJobs"
	poolsRole    = "BackupProvisionerPools"
	storagesRole = "BackupProvisionerStorages"
	fleecingRole = "BackupProvisionerFleecing"
	disksRole    = "BackupProvisionerDisks"
)

// provisionerNeeds lists what provisioning a cluster by the declared file needs. Proxmox VE checks a job's storage, its pool and its storage
// for fleecing; to make or change a storage definition it asks for the right on /storage as a whole.
func provisionerNeeds(file *config.File, cluster string) []tokenNeed {
	var needs []tokenNeed
	add := func(path, privilege, role, purpose string) {
		need := tokenNeed{path, privilege, role, purpose}
		if !slices.Contains(needs, need) {
			needs = append(needs, need)
		}
	}
	const looks = "see what is there"
	add("/", "Sys.Audit", lookRole, looks)
	add("/vms", "VM.Audit", lookRole, looks)
	add("/storage", "Datastore.Audit", lookRole, looks)
	write := func(storage string, job config.JobOptions) {
		add("/storage/"+storage, "Datastore.Allocate", storagesRole, "let jobs write to storages")
		if job.Fleecing != nil {
			add("/storage/"+job.Fleecing.Storage, "Datastore.AllocateSpace", fleecingRole, "let jobs use a storage for fleecing")
		}
	}
	for i := range file.Environments {
		environment := &file.Environments[i]
		if environment.Cluster != cluster || environment.Backup == nil {
			continue
		}
		add("/", "Sys.Modify", jobsRole, "write backup jobs")
		for _, pool := range environment.Guests.Pools {
			add("/pool/"+pool, "Pool.Audit", lookRole, looks)
			add("/pool/"+pool, "VM.Backup", poolsRole, "let jobs select pools")
		}
		write(environment.Backup.Storage, environment.Backup.JobOptions)
		if offsite := environment.Backup.Offsite; offsite != nil {
			write(offsite.Storage, offsite.JobOptions)
		}
		if environment.Backup.Disks != "unmanaged" {
			for _, path := range guestPaths(environment) {
				add(path, "VM.Config.Disk", disksRole, "put volumes into backups and leave them out")
			}
		}
	}
	if slices.ContainsFunc(file.Storages, func(storage config.Storage) bool { return storage.Cluster == cluster }) {
		add("/storage", "Datastore.Allocate", storagesRole, "define storages")
	}
	slices.SortStableFunc(needs, func(a, b tokenNeed) int { return strings.Compare(a.path, b.path) })
	return needs
}

// guestPaths are where rights on the guests of an environment are enough: its pools, if it selects by nothing else.
func guestPaths(environment *config.Environment) []string {
	guests := environment.Guests
	if guests.All || len(guests.Nodes)+len(guests.VMIDs)+len(guests.Tags) > 0 {
		return []string{"/vms"}
	}
	var paths []string
	for _, pool := range guests.Pools {
		paths = append(paths, "/pool/"+pool)
	}
	return paths
}

// provisionerLines create the roles and give them, each path once: an entry of a deeper path replaces what comes from above, so each names
// all roles that are needed there. The right to change jobs is given on / alone and not handed down, where it would mean to change nodes.
func (f *facts) provisionerLines() []string {
	token := f.cluster.Provisioner.ID
	lines := []string{roleLine(lookRole, rolePrivileges)}
	var paths []string
	roles := map[string][]string{"/": {lookRole}}
	for _, need := range provisionerNeeds(f.file, f.cluster.Name) {
		if need.role == lookRole {
			continue
		}
		if line := roleLine(need.role, need.privilege); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
		if need.path != "/" {
			if !slices.Contains(paths, need.path) {
				paths = append(paths, need.path)
			}
			roles[need.path] = append(roles[need.path], need.role)
		}
	}
	lines = append(lines, grantLine(token, "/", lookRole))
	if slices.Contains(lines, roleLine(jobsRole, "Sys.Modify")) {
		lines = append(lines, grantLine(token, "/", jobsRole)+" --propagate 0")
	}
	for _, path := range paths {
		given := append([]string{lookRole}, roles[path]...)
		if strings.HasPrefix(path, "/storage/") { // the entry hides what /storage hands down
			given = append(given, roles["/storage"]...)
		}
		slices.Sort(given)
		lines = append(lines, grantLine(token, path, strings.Join(slices.Compact(given), ",")))
	}
	return lines
}

// newProvisionerLines create user, token, roles and ACL from nothing.
func (f *facts) newProvisionerLines() []string {
	return append(accountLines(f.cluster.Provisioner.ID, "pve-backup-exporter provision"), f.provisionerLines()...)
}
