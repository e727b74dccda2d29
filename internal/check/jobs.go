package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// checkJobs looks at the backup jobs of the cluster.
func checkJobs(f *facts) []Finding {
	if f.jobs.err != nil {
		return []Finding{f.unread("the backup jobs cannot be read (GET /cluster/backup)", f.jobs.err)}
	}
	if len(f.jobs.value) == 0 {
		return []Finding{found(Warning, "the cluster has no backup job").because("only what something else starts is backed up").
			advise("make one: Datacenter, Backup, Add")}
	}
	var findings []Finding
	for _, job := range f.jobs.value {
		findings = append(findings, f.jobFindings(job)...)
	}
	return append([]Finding{f.jobSummary()}, findings...)
}

func (f *facts) jobSummary() Finding {
	enabled, next := 0, int64(0)
	var first string
	for _, job := range f.jobs.value {
		if !job.Enabled {
			continue
		}
		enabled++
		if run := f.nextRun(job.ID); run > 0 && (next == 0 || run < next) {
			next, first = run, job.ID
		}
	}
	if next == 0 {
		return found(OK, "%s, %d enabled", words.Count(len(f.jobs.value), "backup job", "backup jobs"), enabled)
	}
	return found(OK, "%s, %d enabled; %s runs next, %s", words.Count(len(f.jobs.value), "backup job", "backup jobs"), enabled,
		words.Name(first), words.When(next, f.now.Unix()))
}

// judged returns what the exporter makes of a job.
func (f *facts) judged(id string) (snapshot.Job, bool) {
	if f.picture == nil {
		return snapshot.Job{}, false
	}
	at := slices.IndexFunc(f.picture.Jobs, func(job snapshot.Job) bool { return job.ID == id })
	if at < 0 {
		return snapshot.Job{}, false
	}
	return f.picture.Jobs[at], true
}

func (f *facts) nextRun(id string) int64 {
	job, _ := f.judged(id)
	return job.NextRun.Or(0)
}

func (f *facts) jobFindings(job pve.Job) []Finding {
	name := "job " + words.Name(job.ID)
	if !job.Enabled {
		return []Finding{found(Info, "%s is disabled", name)}
	}
	var findings []Finding
	if job.Options["remove"] == "0" {
		findings = append(findings, found(Info, "%s removes no archives, whatever the retention says (remove 0)", name).
			because("they stay until another job or somebody removes them"))
	}
	judged, known := f.judged(job.ID)
	if known && !judged.NextRun.Known() {
		findings = append(findings, found(Warning, "%s never runs again", name).
			because("its schedule '%s' has no run in the future, or is not understood", words.Name(job.Schedule)).
			advise("give it a schedule that comes again, such as", "pvesh set /cluster/backup/"+quote(job.ID)+" --schedule 01:00"))
	}
	if missing := f.missing(job); len(missing) > 0 {
		findings = append(findings, f.missingGuests(job, missing))
	} else if known && judged.Guests == 0 && f.seesAllGuests() {
		findings = append(findings, found(Warning, "%s selects no guest", name).because("%s", selection(job)).
			advise("let it select the guests that it is for, or delete it", "pvesh delete /cluster/backup/"+quote(job.ID)))
	}
	findings = append(findings, f.jobNode(job)...)
	return append(findings, f.jobStorage(job)...)
}

// selection says in words which guests a job is for.
func selection(job pve.Job) string {
	where := ""
	if job.Node != "" {
		where = " of node " + words.Name(job.Node)
	}
	switch {
	case job.Pool != "":
		return "it is for the direct members" + where + " of pool " + words.Name(job.Pool)
	case job.All:
		return "it is for all guests" + where + ", but for those that it excludes"
	}
	return "it is for single guests" + where + ", of which none exists there"
}

// missing returns the ids that a job names and that do not exist. Without a view of all guests nothing counts as missing.
func (f *facts) missing(job pve.Job) []int {
	if job.All || job.Pool != "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(job.VMIDs), func(vmid int) bool { return !f.gone(vmid) })
}

func (f *facts) missingGuests(job pve.Job, missing []int) Finding {
	finding := found(Warning, "job %s names guests that do not exist: %s", words.Name(job.ID), words.List(numbers(missing), 2*shown)).
		because("every run fails for them on every node that it runs on, and ends with 'job errors'")
	left := slices.DeleteFunc(slices.Clone(job.VMIDs), func(vmid int) bool { return slices.Contains(missing, vmid) })
	if len(left) == 0 {
		return finding.advise("delete the job", "pvesh delete /cluster/backup/"+quote(job.ID))
	}
	return finding.advise("take them out", fmt.Sprintf("pvesh set /cluster/backup/%s --vmid %s", quote(job.ID), strings.Join(numbers(left), ",")))
}

// jobNode looks at the node that a job is pinned to.
func (f *facts) jobNode(job pve.Job) []Finding {
	_, online := f.nodeNames()
	up, exists := online[job.Node]
	switch {
	case job.Node == "" || up || !f.resources.read():
		return nil
	case exists:
		return []Finding{found(Warning, "job %s runs on node %s only, which is offline", words.Name(job.ID), words.Name(job.Node)).
			because("it does not run until the node is back").advise("start the node, or let the job run on all nodes",
			"pvesh set /cluster/backup/"+quote(job.ID)+" --delete node")}
	}
	return []Finding{found(Problem, "job %s runs on node %s only, which does not exist", words.Name(job.ID), words.Name(job.Node)).
		because("it never runs").advise("let it run on all nodes", "pvesh set /cluster/backup/"+quote(job.ID)+" --delete node")}
}

func numbers(ids []int) []string {
	var out []string
	for _, id := range ids {
		out = append(out, strconv.Itoa(id))
	}
	return out
}
