package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// effects says what a missing privilege hides. Most of it is hidden with status 200 and an empty list, so nothing else would tell.
func effects() map[string]string {
	const details = "the archives in the content listing that archive_details reads (PVEAuditor sees none of them)"
	return map[string]string{
		"Sys.Audit":               "jobs, tasks and their logs",
		"VM.Audit":                "guests",
		"Datastore.Audit":         "storages and their archives",
		"Pool.Audit":              "pools, by which guests are put into environments and jobs",
		"Datastore.AllocateSpace": details,
		"VM.Backup":               details,
	}
}

// checkPrivileges looks for privileges that the declared features need and the token lacks, by the exporter's own rules.
func checkPrivileges(f *facts) []Finding {
	if f.permissions.err != nil {
		return []Finding{f.unread("the token's privileges cannot be read (GET /access/permissions)", f.permissions.err)}
	}
	if f.picture == nil {
		return nil
	}
	missing := f.picture.MissingPermissions
	if len(missing) == 0 {
		return append([]Finding{found(OK, "token %s has every privilege that is needed", f.cluster.Exporter.ID)}, f.narrow()...)
	}
	paths := map[string][]string{}
	var lacking, hidden []string
	for _, each := range missing {
		paths[each.Privilege] = append(paths[each.Privilege], words.Name(each.Path))
		if effect := effects()[each.Privilege]; !slices.Contains(hidden, effect) {
			hidden = append(hidden, effect)
		}
	}
	for _, privilege := range slices.Sorted(maps.Keys(paths)) {
		lacking = append(lacking, privilege+" on "+words.List(paths[privilege], shown))
	}
	finding := found(Problem, "token %s lacks %s", f.cluster.Exporter.ID, strings.Join(lacking, "; ")).
		because("without it Proxmox VE hides, mostly with status 200 and an empty list, %s; a token with separated privileges has only what its user has, too", strings.Join(hidden, "; "))
	return append([]Finding{finding.advise("give role and ACL to user and token, on any node", f.missingLines(missing)...).
		advise("what the token may do then", showLine(f.cluster.Exporter.ID))}, f.narrow()...)
}

// narrow says that guests may be out of sight. What the token sees gives no reason to complain, so nothing else would notice.
func (f *facts) narrow() []Finding {
	if f.permissions.value.Has("/vms", "VM.Audit") || len(f.resources.value.Guests) == 0 {
		return nil
	}
	return []Finding{found(Warning, "the token sees %s, and none outside of the pools or ids that it was given", words.Count(len(f.resources.value.Guests), "guest", "guests")).
		because("a new guest elsewhere would be without a backup, and without an alert").
		advise("if that is not on purpose, give it the role on everything", grantLine(f.cluster.Exporter.ID, "/", Role))}
}

// missingLines are the commands that give what is missing. A path where something is missing although / has it, has an ACL of its own that
// replaces what comes from above: there the roles must be given again.
func (f *facts) missingLines(missing []snapshot.Permission) []string {
	token := f.cluster.Exporter.ID
	var atRoot bool
	var paths, details []string
	for _, each := range missing {
		switch {
		case isDetail(each.Privilege):
			details = append(details, each.Path)
		case inherits(f.permissions.value, each.Privilege):
			paths = append(paths, each.Path)
		default:
			atRoot = true
		}
	}
	lines := []string{roleLine(Role, rolePrivileges)}
	if len(details) > 0 {
		lines = append(lines, roleLine(DetailsRole, detailsPrivileges))
	}
	if atRoot {
		lines = append(lines, grantLine(token, "/", Role))
	}
	slices.Sort(paths)
	slices.Sort(details)
	for _, path := range slices.Compact(paths) {
		if !slices.Contains(details, path) {
			lines = append(lines, grantLine(token, path, Role))
		}
	}
	for _, path := range slices.Compact(details) {
		lines = append(lines, grantLine(token, path, Role+","+DetailsRole))
	}
	return lines
}

// isDetail reports a privilege that only archive_details needs.
func isDetail(privilege string) bool {
	return strings.Contains(" "+detailsPrivileges+" ", " "+privilege+" ")
}

// inherits reports that / hands a privilege down.
func inherits(permissions pve.Permissions, privilege string) bool { return permissions["/"][privilege] }
