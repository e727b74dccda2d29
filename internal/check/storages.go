package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// checkStorages looks at every storage that is for backups. Whether a job can use the storage that it names is for checkJobs.
func checkStorages(f *facts) []Finding {
	if f.storages.err != nil {
		return []Finding{f.unread("the storages cannot be read (GET /storage)", f.storages.err)}
	}
	var findings []Finding
	some := false
	for _, storage := range f.storages.value {
		if !holdsBackups(storage) {
			continue
		}
		some = true
		findings = append(findings, f.storageFindings(storage)...)
	}
	if !some {
		findings = append(findings, f.absent(found(Warning, "no storage is for backups").
			because("jobs have nowhere to write to, or the token lacks Datastore.Audit").
			advise("allow the content on a storage that files can be kept on, giving all of its contents, such as", "pvesm set STORAGE --content backup")))
	}
	return findings
}

func (f *facts) storageFindings(storage pve.StorageConfig) []Finding {
	name := words.Name(storage.ID)
	if storage.Disabled {
		return []Finding{found(Info, "storage %s is disabled: its archives are not looked at", name)}
	}
	active, inactive := f.activity(storage.ID)
	findings := slices.Concat(f.inactive(storage, inactive), f.keeps(storage))
	if len(findings) > 0 {
		return findings
	}
	place := "archives are looked at on each node"
	if storage.Shared {
		place = "shared"
	}
	state := "active on " + words.List(tidy(active), shown)
	if len(active) == 0 {
		state = "no node that is online uses it"
	}
	return []Finding{found(OK, "storage %s: %s, %s, %s, %s", name, words.Name(storage.Type), place, state, f.rule(storage))}
}

// activity returns on which online nodes a storage can be used, and on which it should be and cannot.
func (f *facts) activity(id string) (active, inactive []string) {
	_, online := f.nodeNames()
	for _, seen := range f.resources.value.Storages {
		switch {
		case seen.Storage != id || !online[seen.Node]:
		case seen.Active:
			active = append(active, seen.Node)
		default:
			inactive = append(inactive, seen.Node)
		}
	}
	slices.Sort(active)
	slices.Sort(inactive)
	return active, inactive
}

// inactive tells of nodes on which a storage should be usable and is not: a problem where an enabled job would use it.
func (f *facts) inactive(storage pve.StorageConfig, nodes []string) []Finding {
	var needed, others []string
	for _, node := range nodes {
		if f.needs(storage.ID, node) {
			needed = append(needed, node)
		} else {
			others = append(others, node)
		}
	}
	var findings []Finding
	say := func(level Level, nodes []string, why string) {
		if len(nodes) > 0 {
			findings = append(findings, found(level, "storage %s is not active on %s", words.Name(storage.ID), words.List(tidy(nodes), shown)).because("%s", why).
				advise("look on that node why", "pvesm status --storage "+quote(storage.ID), "journalctl -u pvestatd --since -10min"))
		}
	}
	say(Problem, needed, fmt.Sprintf("backups to it will fail there (%s)", words.List(jobNames(f.writers(storage.ID)), shown)))
	say(Warning, others, "no enabled job uses it there; its archives cannot be looked at")
	return findings
}

// needs reports whether an enabled job would back up a guest of a node to a storage, by the exporter's own rules.
func (f *facts) needs(storage, node string) bool {
	if f.picture == nil {
		return false
	}
	for _, each := range f.picture.Storages {
		if each.ID == storage {
			return slices.ContainsFunc(each.Nodes, func(on snapshot.StorageNode) bool { return on.Node == node && on.Needed })
		}
	}
	return false
}

// keeps tells of a storage that is filled for ever: no rule removes archives, neither a job's, nor the storage's, nor a node's.
func (f *facts) keeps(storage pve.StorageConfig) []Finding {
	if hasRule(storage.Retention, storage.Raw["maxfiles"]) || storage.Type == "pbs" || f.nodesKeep() {
		return nil
	}
	var without []pve.Job
	for _, job := range f.writers(storage.ID) {
		if !hasRule(job.Retention, job.Options["maxfiles"]) {
			without = append(without, job)
		}
	}
	if len(without) == 0 {
		return nil
	}
	return []Finding{found(Warning, "storage %s: nothing is ever removed", words.Name(storage.ID)).
		because("neither the storage nor %s has a retention: every archive is kept until the storage is full", words.List(jobNames(without), shown)).
		advise("give the storage a rule (the next run of a job applies it), or keep-all=1 if this is on purpose",
			"pvesm set "+quote(storage.ID)+" --prune-backups keep-daily=7,keep-weekly=4")}
}

// hasRule reports that something is said about what to keep; maxfiles is how versions before 9 said it long ago.
func hasRule(retention string, maxfiles any) bool {
	return retention != "" || maxfiles != nil && maxfiles != ""
}

// nodesKeep reports that the nodes themselves have a rule, in /etc/vzdump.conf.
func (f *facts) nodesKeep() bool {
	for _, node := range f.nodes {
		if node.defaults.read() && node.defaults.value.Retention != "" && node.defaults.value.Retention != "keep-all=1" {
			return true
		}
	}
	return false
}

// rule says in words how long archives stay on a storage.
func (f *facts) rule(storage pve.StorageConfig) string {
	switch {
	case strings.Contains(storage.Retention, "keep-all=1"):
		return "keeps all, on purpose"
	case storage.Retention != "":
		return "retention " + words.Line(storage.Retention)
	case hasRule("", storage.Raw["maxfiles"]):
		return words.Line(fmt.Sprintf("maxfiles %v", storage.Raw["maxfiles"]))
	case storage.Type == "pbs":
		return "no retention here: the backup server's own prune jobs decide"
	case len(f.writers(storage.ID)) == 0:
		return "no retention, and no enabled job writes to it"
	case f.nodesKeep():
		return "the nodes' own retention where a job has none"
	}
	return "the jobs' own retention"
}

func jobNames(jobs []pve.Job) []string {
	var names []string
	for _, job := range jobs {
		names = append(names, "job "+words.Name(job.ID))
	}
	return names
}
