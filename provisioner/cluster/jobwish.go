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
	config.Job
	environment *config.Environment
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

// place is where the file says something of the job, by the key.
func (j *jobWish) place(key string) []string { return below(j.Path, key) }

// job wants a job as it is declared.
func (w *wisher) job(environment *config.Environment, declared config.Job) {
	job := &jobWish{Job: declared, environment: environment, fields: map[string]plan.Field{}, said: map[string][]string{}}
	if exists, found := w.inv.Job(job.ID); found {
		job.current = JobFields(exists)
	}
	if !w.selection(job) {
		w.wish.Desired = append(w.wish.Desired, plan.Desired{
			Key:         plan.Key{Scope: w.inv.Cluster, Kind: plan.Job, ID: job.ID},
			Environment: environment.Name, At: w.at(job.Path...), Undecided: true,
		})
		return
	}
	job.say(w, "storage", job.Storage, job.place("storage"))
	job.say(w, "schedule", job.Schedule, job.place("schedule"))
	job.say(w, "enabled", flag(job.Enabled), job.place("enabled"))
	w.options(job)
	w.texts(job)
	w.checkJob(job)
	managed := jobProperties
	if job.Adopt { // what the file does not say is left as it is
		managed = slices.Compact(slices.Sorted(slices.Values(job.managed)))
	}
	w.wish.Desired = append(w.wish.Desired, plan.Desired{
		Key:         plan.Key{Scope: w.inv.Cluster, Kind: plan.Job, ID: job.ID},
		Environment: environment.Name, At: w.at(job.Path...), Fields: job.fields, Managed: slices.Clone(managed), Adopt: job.Adopt,
		Guests: w.willCover(job),
	})
}

// options notes the properties that are a word, a number or a truth.
func (w *wisher) options(job *jobWish) {
	text := func(key, value string) {
		if value != "" {
			job.say(w, key, value, job.place(key))
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
		switch value {
		case "default": // each node's vzdump.conf decides: the job says nothing
			job.say(w, key, "", job.place(key))
		case "none":
			text(key, "0")
		default:
			text(key, value)
		}
	}
	word("mode", job.Mode)
	word("compress", job.Compress)
	if job.Retention != nil {
		job.say(w, "prune-backups", retention(job.Retention.String()), job.place("retention"))
	}
	number("zstd", job.Zstd)
	number("bwlimit", job.BandwidthLimit)
	truth("protected", job.Protected)
	truth("repeat-missed", job.RepeatMissed)
	text("notification-mode", job.NotificationMode)
	text("mailnotification", job.MailNotification)
	text("mailto", strings.Join(job.MailTo, ","))
	if job.Fleecing != nil {
		text("fleecing", "enabled=1,storage="+job.Fleecing.Storage)
	}
	text("pbs-change-detection-mode", job.PBSChangeDetectionMode)
}

// texts notes what archives are called, and the comment. It carries the mark by which this tool knows its jobs; an adopted job gets none, and
// keeps the one that it may have.
func (w *wisher) texts(job *jobWish) {
	if notes := job.Notes(); notes != "" && (job.NotesTemplate != "" || w.knows(sinceNotes)) {
		job.say(w, "notes-template", notes, job.place("notes-template"))
	}
	marker := Marker{Owner: w.file.Provision.Owner, Environment: job.environment.Name}
	switch old, marked := ParseMarker(job.current["comment"]); {
	case !job.Adopt:
		job.say(w, "comment", marker.Mark(job.Comment), job.place("comment"))
	case job.Comment == "":
	case marked:
		job.say(w, "comment", old.Mark(job.Comment), job.place("comment"))
	default:
		job.say(w, "comment", job.Comment, job.place("comment"))
	}
}
