package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// danger groups privileges by what whoever has the token could do with them.
type danger struct {
	could      string
	privileges []string // a name that ends in a dot stands for all that begin with it
}

// dangers lists, the worst first, what the exporter's token should not be able to do. Privileges to look at things are not among them.
func dangers() []danger {
	return []danger{
		{"delete archives and change storages", []string{"Datastore.Allocate"}},
		{"delete, restore over and download backups", []string{"VM.Backup"}},
		{"give itself and others further rights", []string{"Permissions.Modify", "User.Modify", "Realm.", "Group."}},
		{"change backup jobs and nodes", []string{"Sys.Modify", "Sys.Console", "Sys.PowerMgmt", "Sys.Incoming", "Sys.AccessNetwork"}},
		{"create, change, stop and destroy guests", []string{"VM.Allocate", "VM.Config.", "VM.PowerMgmt", "VM.Migrate", "VM.Clone", "VM.Snapshot", "VM.Replicate", "Pool.Allocate"}},
		{"get into guests and read their data", []string{"VM.Console", "VM.Monitor", "VM.GuestAgent.FileRead", "VM.GuestAgent.FileWrite", "VM.GuestAgent.FileSystemMgmt", "VM.GuestAgent.Unrestricted"}},
		{"fill storages", []string{"Datastore.AllocateSpace", "Datastore.AllocateTemplate"}},
		{"change networks and device mappings", []string{"SDN.Allocate", "SDN.Use", "Mapping.Modify", "Mapping.Use"}},
		{"read system logs", []string{"Sys.Syslog"}},
	}
}

func (d danger) includes(privilege string) bool {
	return slices.ContainsFunc(d.privileges, func(name string) bool {
		return privilege == name || strings.HasSuffix(name, ".") && strings.HasPrefix(privilege, name) || strings.HasPrefix(privilege, name+".")
	})
}

// checkExcess looks for privileges that the exporter's token has and does not need.
func checkExcess(f *facts) []Finding {
	if !f.permissions.read() {
		return nil
	}
	held := f.excess()
	if len(held) == 0 {
		if f.cluster.ArchiveDetails {
			return []Finding{found(Info, "with the rights for archive_details the token could delete archives").
				because("Proxmox VE has no right to read their details alone").
				advise("keep its secret as safe as the backups, or set `archive_details: false` and take the role " + DetailsRole + " away")}
		}
		return []Finding{found(OK, "the token can change nothing: it has no privilege beyond looking")}
	}
	finding := found(Warning, "the token may do more than it needs: %s", words.List(heldNames(held), 2*shown))
	return []Finding{finding.because("%s", whatItCould(held)).advise("see which roles give it that", showLine(f.cluster.Exporter.ID), "pveum acl list").
		advise("then take them away (ROLE and PATH as listed), and leave it the role "+Role, takeLines(f.cluster.Exporter.ID)...).
		advise("a token without privilege separation has all the rights of its user: separate them", separateLine(f.cluster.Exporter.ID))}
}

// excess returns the privileges that are not needed, each with the paths on which the token has them.
func (f *facts) excess() map[string][]string {
	held := map[string][]string{}
	for path, privileges := range f.permissions.value {
		for privilege := range privileges {
			needed := f.cluster.ArchiveDetails && isDetail(privilege)
			if !needed && slices.ContainsFunc(dangers(), func(d danger) bool { return d.includes(privilege) }) {
				held[privilege] = append(held[privilege], path)
			}
		}
	}
	return held
}

// heldNames names each privilege with the place that it comes from: the shortest path, and how many others there are.
func heldNames(held map[string][]string) []string {
	var names []string
	for _, privilege := range byDanger(held) {
		paths := slices.Sorted(slices.Values(held[privilege]))
		name := fmt.Sprintf("%s on %s", privilege, words.Name(paths[0]))
		if paths[0] != "/" && len(paths) > 1 {
			name += fmt.Sprintf(" and %s", words.Count(len(paths)-1, "other path", "other paths"))
		}
		names = append(names, name)
	}
	return names
}

// byDanger sorts privileges, the most dangerous first.
func byDanger(held map[string][]string) []string {
	var sorted []string
	for _, each := range dangers() {
		for _, privilege := range slices.Sorted(maps.Keys(held)) {
			if each.includes(privilege) && !slices.Contains(sorted, privilege) {
				sorted = append(sorted, privilege)
			}
		}
	}
	return sorted
}

func whatItCould(held map[string][]string) string {
	var could []string
	for _, each := range dangers() {
		if slices.ContainsFunc(slices.Collect(maps.Keys(held)), each.includes) {
			could = append(could, each.could)
		}
	}
	return "whoever gets hold of its secret could " + strings.Join(could, "; ")
}

func takeLines(tokenID string) []string {
	return append(removeLines(tokenID), roleLine(Role, rolePrivileges), grantLine(tokenID, "/", Role))
}

// removeLines take a role away from a token and from its user.
func removeLines(tokenID string) []string {
	user, _ := account(tokenID)
	lines := []string{"pveum acl delete PATH --tokens " + quote(tokenID) + " --roles ROLE"}
	if user != "root@pam" {
		lines = append(lines, "pveum acl delete PATH --users "+quote(user)+" --roles ROLE")
	}
	return lines
}

func separateLine(tokenID string) string {
	user, name := account(tokenID)
	return "pveum user token modify " + quote(user) + " " + quote(name) + " --privsep 1"
}
