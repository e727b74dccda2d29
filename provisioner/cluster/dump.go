package cluster

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Dump writes a cluster's backup jobs, backup storages and left-out volumes as a declared file, in YAML. The inventory is read with
// [NeedForDump]; the cluster is the section of the declared file by which it was reached, and goes into the result.
//
// Every job and storage is adopted, so that a plan by the result changes nothing. What the declared file cannot say is left as it is, and told
// in a comment. Secrets cannot be read, and are not in it.
func Dump(cluster config.Cluster, inv Inventory) ([]byte, error) {
	d := &dumper{cluster: cluster, inv: inv, remarks: map[string][]string{}}
	for i := range inv.Storages {
		d.storage(&inv.Storages[i])
	}
	d.jobs()
	d.flags()
	return d.write()
}

// dumper collects the sections of a declared file.
type dumper struct {
	cluster      config.Cluster
	inv          Inventory
	storages     []config.Storage
	environments []config.Environment
	// remarks are comments by the path of the section that they stand above, as in "environments/prod". Those of a section's name alone,
	// "environments", tell of what is not in the file at all.
	remarks map[string][]string
}

func (d *dumper) remark(path, format string, values ...any) {
	d.remarks[path] = append(d.remarks[path], printable(fmt.Sprintf(format, values...)))
}

// jobs makes an environment of each job, or of two that back up the same guests to two storages. The more closely a job names its guests, the
// further up it stands: a guest belongs to the first environment that matches, which is where its left-out volumes are declared.
func (d *dumper) jobs() {
	jobs := make([]*pve.Job, 0, len(d.inv.Jobs))
	for i := range d.inv.Jobs {
		jobs = append(jobs, &d.inv.Jobs[i])
	}
	slices.SortStableFunc(jobs, func(a, b *pve.Job) int { return cmp.Compare(breadth(a), breadth(b)) })
	done := map[*pve.Job]bool{}
	for i, job := range jobs {
		if done[job] {
			continue
		}
		backup, sayable := d.backup(job)
		if !sayable {
			continue
		}
		backup.section.Disks = disksIncluded
		environment := config.Environment{Name: d.freeName(job), Cluster: d.cluster.Name, Guests: selectorOf(job), Backup: &backup.section}
		remarks := backup.remarks
		for _, other := range jobs[i+1:] {
			if done[other] || other.Storage == job.Storage || !sameSelection(job, other) {
				continue
			}
			done[other] = true
			if second, sayable := d.backup(other); sayable {
				environment.Backup.Offsite = &config.Offsite{Storage: second.section.Storage, Schedule: second.section.Schedule, JobOptions: second.section.JobOptions}
				remarks = append(remarks, second.remarks...)
				break
			}
		}
		d.environments = append(d.environments, environment)
		for _, remark := range remarks {
			d.remark("environments/"+environment.Name, "%s", remark)
		}
	}
}

// breadth orders jobs by how closely they name their guests.
func breadth(job *pve.Job) int {
	switch {
	case job.Pool != "":
		return 1
	case job.All && job.Node != "":
		return 2
	case job.All:
		return 3
	}
	return 0
}

func selectorOf(job *pve.Job) config.Selector {
	switch {
	case job.Pool != "":
		return config.Selector{Pools: []string{job.Pool}}
	case job.All && job.Node != "":
		return config.Selector{Nodes: []string{job.Node}, Exclude: sortedIDs(job.Exclude)}
	case job.All:
		return config.Selector{All: true, Exclude: sortedIDs(job.Exclude)}
	}
	return config.Selector{VMIDs: sortedIDs(job.VMIDs)}
}

func sortedIDs(ids []int) []int { return slices.Compact(slices.Sorted(slices.Values(ids))) }

func sameSelection(a, b *pve.Job) bool {
	one, two := map[string]string{}, map[string]string{}
	setSelection(one, a)
	setSelection(two, b)
	return !slices.ContainsFunc(selectionProperties, func(name string) bool { return one[name] != two[name] })
}

var notForNames = regexp.MustCompile(`[^A-Za-z0-9_.-]`)

// freeName makes a name for a job's environment: the one by which this tool made it, else its id.
func (d *dumper) freeName(job *pve.Job) string {
	base := notForNames.ReplaceAllString(job.ID, "-")
	if marker, marked := ParseMarker(job.Comment); marked && !notForNames.MatchString(marker.Environment) {
		base = marker.Environment
	}
	name := base
	for n := 2; name == config.Unassigned || slices.ContainsFunc(d.environments, func(one config.Environment) bool { return one.Name == name }); n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	return name
}

// flags declares the volumes that are left out now, each with the environment of its guest. Where the volumes of a guest are not known, the
// environment leaves all volumes as they are.
func (d *dumper) flags() {
	file := config.File{Environments: d.environments}
	for _, guest := range d.inv.Guests {
		environment := flagsOf(&file, d.cluster.Name, guest)
		if environment == nil {
			continue
		}
		volumes, known := d.inv.Volumes[guest.VMID]
		if !known {
			environment.Backup.Disks, environment.Backup.ExcludedDisks = disksUnmanaged, nil
			d.remark("environments/"+environment.Name, "the volumes of guest %d could not be read: those of all its guests are left as they are", guest.VMID)
			continue
		}
		var out []string
		for _, volume := range volumes {
			if !volume.Included && !volume.NotVolume {
				out = append(out, volume.Key)
			}
		}
		if len(out) > 0 {
			environment.Backup.ExcludedDisks = append(environment.Backup.ExcludedDisks, config.ExcludedDisk{VMID: guest.VMID, Disks: out})
		}
	}
}
