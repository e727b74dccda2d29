package cluster

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// jobWish is one job of the file on its way to a plan: what the file says of it, property by property.
type jobWish struct {
	environment string
	path        []string // of the section: environments, prod, backup
	id          string
	adopt       bool
	fields      map[string]plan.Field
	managed     []string
	said        map[string][]string // where the file speaks of a property
	current     map[string]string   // of the job as it is; nil where there is none
}

// say notes what the file says of a property, and where. A text that means the same as the property's absence asks for its absence.
func (j *jobWish) say(w *wisher, name, text string, path []string) {
	j.managed = append(j.managed, name)
	j.said[name] = path
	if text != "" && text != jobDefaults[name] {
		j.fields[name] = plan.Field{Text: text, At: w.at(path...)}
	}
}

// jobs makes the jobs of an environment: one for each part of its selection, and as many again for the off-site copy.
func (w *wisher) jobs(environment *config.Environment) {
	path := []string{"environments", environment.Name, "backup"}
	backup := environment.Backup.Resolve()
	w.jobsOf(environment, path, "backup-"+environment.Name, backup.JobOptions, backup.Storage, backup.Schedule)
	if off := backup.Offsite; off != nil {
		w.jobsOf(environment, below(path, "offsite"), "backup-"+environment.Name+"-offsite", off.JobOptions, off.Storage, off.Schedule)
	}
}

func (w *wisher) jobsOf(environment *config.Environment, path []string, id string, options config.JobOptions, storage, schedule string) {
	if options.ID != "" {
		id = options.ID
	}
	for _, part := range parts(environment) {
		job := &jobWish{
			environment: environment.Name, path: path, id: id + part.suffix, adopt: options.Adopt,
			fields: map[string]plan.Field{}, said: map[string][]string{},
		}
		if exists, found := w.inv.Job(job.id); found {
			job.current = JobFields(exists)
		}
		if !w.selection(job, environment, part, options) {
			continue
		}
		job.say(w, "storage", storage, below(path, "storage"))
		job.say(w, "schedule", schedule, below(path, "schedule"))
		job.say(w, "enabled", flag(options.Enabled), below(path, "enabled"))
		w.options(job, options)
		w.notes(job, options)
		w.comment(job, options)
		w.checkJob(job)
		w.add(job)
	}
}

// options notes the properties that are the same for every job of a section.
func (w *wisher) options(job *jobWish, options config.JobOptions) {
	text := func(key, value string) {
		if value != "" {
			job.say(w, key, value, below(job.path, key))
		}
	}
	number := func(key string, value *int) {
		if value != nil {
			text(key, strconv.Itoa(*value))
		}
	}
	truth := func(key string, value *bool) {
		if value != nil {
			text(key, flag(*value))
		}
	}
	word := func(key, value string) {
		if value == "default" { // each node's vzdump.conf decides: the job says nothing
			job.say(w, key, "", below(job.path, key))
			return
		}
		text(key, value)
	}
	word("mode", options.Mode)
	if options.Compress == "none" {
		options.Compress = "0"
	}
	word("compress", options.Compress)
	if options.Retention != nil {
		text("prune-backups", retention(options.Retention.String()))
		job.said["prune-backups"] = below(job.path, "retention")
	}
	number("zstd", options.Zstd)
	number("bwlimit", options.BandwidthLimit)
	truth("protected", options.Protected)
	truth("repeat-missed", options.RepeatMissed)
	text("notification-mode", options.NotificationMode)
	text("mailnotification", options.MailNotification)
	text("mailto", strings.Join(options.MailTo, ","))
	if options.Fleecing != nil {
		text("fleecing", "enabled=1,storage="+options.Fleecing.Storage)
	}
	text("pbs-change-detection-mode", options.PBSChangeDetectionMode)
}

// notes is what archives are called: with the job's id, so that an archive and a run can be told to be this job's.
func (w *wisher) notes(job *jobWish, options config.JobOptions) {
	path, mark := below(job.path, "notes-template"), "[job "+job.id+"]"
	switch template := options.NotesTemplate; {
	case template == "" && (job.adopt || !w.knows(sinceNotes)):
	case template == "":
		job.say(w, "notes-template", "{{guestname}} {{vmid}} {{node}} "+mark, path)
	case job.adopt || strings.Contains(template, mark):
		job.say(w, "notes-template", template, path)
	default:
		job.say(w, "notes-template", template+" "+mark, path)
	}
}

// comment carries the mark by which this tool knows its jobs. An adopted job gets none, and keeps the one that it may have.
func (w *wisher) comment(job *jobWish, options config.JobOptions) {
	path := below(job.path, "comment")
	marker := Marker{Owner: w.file.Provision.Owner, Environment: job.environment}
	switch old, marked := ParseMarker(job.current["comment"]); {
	case !job.adopt:
		job.say(w, "comment", marker.Mark(options.Comment), path)
	case options.Comment == "":
	case marked:
		job.say(w, "comment", old.Mark(options.Comment), path)
	default:
		job.say(w, "comment", options.Comment, path)
	}
}

// add puts a job among what is wanted.
func (w *wisher) add(job *jobWish) {
	managed := jobProperties
	if job.adopt {
		managed = slices.Compact(slices.Sorted(slices.Values(job.managed)))
	}
	w.wish.Desired = append(w.wish.Desired, plan.Desired{
		Key:         plan.Key{Scope: w.inv.Cluster, Kind: plan.Job, ID: job.id},
		Environment: job.environment, At: w.at(job.path...), Fields: job.fields, Managed: slices.Clone(managed), Adopt: job.adopt,
		Guests: w.willCover(job),
	})
}
