package check

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// placesOf returns through which nodes archives are to be listed: a shared storage once, a local one on every node that is online.
func placesOf(resources pve.Resources, online map[string]bool) []*archiveFacts {
	sorted := slices.Clone(resources.Storages)
	slices.SortFunc(sorted, func(a, b pve.StorageResource) int {
		return strings.Compare(a.Storage+"\x00"+a.Node, b.Storage+"\x00"+b.Node)
	})
	var places []*archiveFacts
	chosen := map[string]bool{}
	for _, resource := range sorted {
		if !resource.Active || !online[resource.Node] || !slices.Contains(strings.Split(resource.Content, ","), "backup") || chosen[resource.Storage] {
			continue
		}
		chosen[resource.Storage] = resource.Shared
		places = append(places, &archiveFacts{storage: resource.Storage, node: resource.Node, shared: resource.Shared})
	}
	return places
}

// checkArchives looks whether archives can be listed, and whether the content listing shows all of them where it is used.
func checkArchives(f *facts) []Finding {
	var findings []Finding
	archives, read := 0, 0
	for _, place := range f.archives {
		if !place.listed.asked {
			continue
		}
		if place.listed.err != nil {
			findings = append(findings, f.unlisted(place))
			continue
		}
		archives += len(place.listed.value)
		read++
		if f.cluster.ArchiveDetails {
			findings = append(findings, f.details(place)...)
		}
	}
	if read == 0 {
		return findings
	}
	how := "by the dry run of a prune, which needs no right to change anything; sizes come from logs"
	if f.cluster.ArchiveDetails {
		how = "with their sizes, as far as the token sees them"
	}
	return append([]Finding{found(OK, "%s in %s listed, %s", words.Count(archives, "archive", "archives"), words.Count(read, "place", "places"), how)}, findings...)
}

func (place *archiveFacts) name() string {
	if place.shared {
		return words.Name(place.storage)
	}
	return words.Name(place.storage) + " of node " + words.Name(place.node)
}

func (f *facts) unlisted(place *archiveFacts) Finding {
	finding := f.unread("the archives on "+place.name()+" cannot be listed", place.listed.err)
	if strings.Contains(place.listed.err.Error(), "error pruning backups") {
		finding = finding.advise("on a backup server the dry run needs Datastore.Prune for the user that the storage is configured with: give that user the role DatastorePowerUser or DatastoreBackup")
	}
	return finding
}

// details compares the content listing with the dry run, which hides nothing. Where the rights are known to be missing, checkPrivileges says
// so, and the exporter reads the dry run.
func (f *facts) details(place *archiveFacts) []Finding {
	switch content := place.content; {
	case !content.asked || f.lacksDetails(place.storage):
		return nil
	case content.err != nil:
		return []Finding{f.unread("the content of "+place.name()+" cannot be listed", content.err)}
	case len(content.value) < len(place.listed.value):
		return []Finding{found(Problem, "the content listing of %s shows %d of %s", place.name(), len(content.value), words.Count(len(place.listed.value), "archive", "archives")).
			because("Proxmox VE leaves out, with status 200 and no word, the archives of guests on which the token lacks VM.Backup, and all of them without Datastore.AllocateSpace; PVEAuditor has neither").
			advise("give both, knowing that the token could then delete these archives; or set `archive_details: false`",
				roleLine(DetailsRole, detailsPrivileges), grantLine(f.cluster.Exporter.ID, "/storage/"+place.storage, Role+","+DetailsRole),
				grantLine(f.cluster.Exporter.ID, "/vms", Role+","+DetailsRole))}
	}
	return nil
}

func (f *facts) lacksDetails(storage string) bool {
	return f.picture != nil && slices.ContainsFunc(f.picture.MissingPermissions, func(missing snapshot.Permission) bool {
		return isDetail(missing.Privilege) && (missing.Path == "/vms" || missing.Path == "/storage/"+storage)
	})
}
