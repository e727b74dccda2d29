package check

import (
	"fmt"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// jobStorage looks whether a job may write where it says: a matter of configuration, not of health.
func (f *facts) jobStorage(job pve.Job) []Finding {
	if job.Storage == "" && job.Dumpdir != "" {
		return []Finding{found(Info, "job %s writes to a plain folder: archives there are out of sight", words.Name(job.ID)).
			advise("make the folder a storage (type dir, content backup), and let the job write to that")}
	}
	if !f.storages.read() {
		return nil
	}
	var findings []Finding
	for _, id := range f.targets(job) {
		if finding, bad := f.unusable(job, id); bad {
			findings = append(findings, finding)
		}
	}
	return findings
}

// unusable tells why a job cannot write to a storage.
func (f *facts) unusable(job pve.Job, id string) (Finding, bool) {
	what := fmt.Sprintf("job %s writes to storage %s, which", words.Name(job.ID), words.Name(id))
	storage, exists := f.storage(id)
	switch {
	case !exists && !f.seesStorage(id):
		return Finding{}, false // what the token may not see may well be there; checkPrivileges tells of it
	case !exists:
		return found(Problem, "%s does not exist", what).because("every run fails").
			advise(f.usableStorages(), "pvesh set /cluster/backup/"+quote(job.ID)+" --storage STORAGE"), true
	case storage.Disabled:
		return found(Problem, "%s is disabled", what).because("every run fails").advise("enable it", "pvesm set "+quote(id)+" --disable 0"), true
	case !holdsBackups(storage):
		return found(Problem, "%s is not for backups", what).because("its contents are %s: every run fails", words.List(tidy(storage.Content), shown)).
			advise("allow backups there as well, or let the job write elsewhere", "pvesm set "+quote(id)+" --content "+quote(contents(storage)+"backup")), true
	}
	if without := f.withoutStorage(job, storage); len(without) > 0 {
		return found(Problem, "%s is not for %s", what, words.List(tidy(without), shown)).
			because("the job's guests there are not backed up: the storage is restricted to %s", words.List(tidy(storage.Nodes), shown)).
			advise("allow the storage on these nodes, or give their guests a job of their own", "pvesm set "+quote(id)+" --delete nodes"), true
	}
	return Finding{}, false
}

// contents lists what a storage is for so far, each with a comma behind it.
func contents(storage pve.StorageConfig) string {
	text := ""
	for _, content := range storage.Content {
		if content != "none" {
			text += content + ","
		}
	}
	return text
}

func (f *facts) seesStorage(id string) bool {
	path := "/storage/" + id
	return f.permissions.value.Has(path, "Datastore.Audit") || f.permissions.value.Has(path, "Datastore.AllocateSpace")
}

// withoutStorage returns the nodes on which a job has guests and may not use its storage.
func (f *facts) withoutStorage(job pve.Job, storage pve.StorageConfig) []string {
	if len(storage.Nodes) == 0 {
		return nil
	}
	var nodes []string
	for _, guest := range f.resources.value.Guests {
		if selects(job, guest) && !slices.Contains(storage.Nodes, guest.Node) {
			nodes = append(nodes, guest.Node)
		}
	}
	slices.Sort(nodes)
	return slices.Compact(nodes)
}

// selects reports whether a job backs a guest up where it is now. A pool means its direct members.
func selects(job pve.Job, guest pve.GuestResource) bool {
	switch {
	case job.Node != "" && job.Node != guest.Node:
		return false
	case job.Pool != "":
		return guest.Pool == job.Pool
	case job.All:
		return !slices.Contains(job.Exclude, guest.VMID)
	}
	return slices.Contains(job.VMIDs, guest.VMID)
}

// usableStorages advises which storages could be written instead.
func (f *facts) usableStorages() string {
	var names []string
	for _, storage := range f.storages.value {
		if holdsBackups(storage) && !storage.Disabled {
			names = append(names, words.Name(storage.ID))
		}
	}
	if len(names) == 0 {
		return "write one that is there; none is for backups yet"
	}
	return "write one that is there: " + words.List(names, shown)
}
