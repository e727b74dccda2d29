package cluster

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// dumpedJob is a job as a section of the file, with what the section cannot say.
type dumpedJob struct {
	section config.Backup
	remarks []string
}

// sayings write the optional properties of a job into a section, by Proxmox VE's names. They get the canonical text, empty where the job has
// none.
var sayings = map[string]func(to *config.Backup, text string){
	"mode": func(to *config.Backup, text string) { to.Mode = orDefaultWord(text) },
	"compress": func(to *config.Backup, text string) {
		if to.Compress = orDefaultWord(text); text == "0" {
			to.Compress = "none"
		}
	},
	"prune-backups":             func(to *config.Backup, text string) { to.Retention = declaredRetention(text) },
	"zstd":                      func(to *config.Backup, text string) { to.Zstd = numberOf(text) },
	"bwlimit":                   func(to *config.Backup, text string) { to.BandwidthLimit = numberOf(text) },
	"protected":                 func(to *config.Backup, text string) { to.Protected = truthOf(text) },
	"repeat-missed":             func(to *config.Backup, text string) { to.RepeatMissed = truthOf(text) },
	"notification-mode":         func(to *config.Backup, text string) { to.NotificationMode = text },
	"mailnotification":          func(to *config.Backup, text string) { to.MailNotification = text },
	"mailto":                    func(to *config.Backup, text string) { to.MailTo = splitList(text) },
	"notes-template":            func(to *config.Backup, text string) { to.NotesTemplate = text },
	"pbs-change-detection-mode": func(to *config.Backup, text string) { to.PBSChangeDetectionMode = text },
	"fleecing": func(to *config.Backup, text string) {
		if _, storage, found := strings.Cut(text, "storage="); found {
			to.Fleecing = &config.Fleecing{Storage: storage}
		}
	},
	"comment": func(to *config.Backup, text string) {
		if _, marked := ParseMarker(text); !marked { // the mark is the tool's own
			to.Comment = text
		}
	},
}

// backup says a job as a section of the file. Where the section as a whole does not read back as the job, it says what does, property by
// property. It reports false where even the least section would not be this job; why, a remark tells.
func (d *dumper) backup(job *pve.Job) (dumpedJob, bool) {
	reason := unsayable(job)
	var result dumpedJob
	if reason == "" {
		var err error
		if result, err = d.say(job); err != nil {
			reason = err.Error()
		}
	}
	if reason != "" {
		d.remark("environments", "job %s is not in this file: %s", job.ID, reason)
		return dumpedJob{}, false
	}
	if others := otherProperties(job); len(others) > 0 {
		result.remarks = append(result.remarks, "job "+job.ID+" has more, for which this file has no keys; it is left as it is: "+strings.Join(others, " "))
	}
	if strings.Contains(job.ID, ":") {
		result.remarks = append(result.remarks, "job "+job.ID+" is in /etc/pve/vzdump.cron: every edit of that file gives its jobs new ids. Save it once in the web interface")
	}
	return result, true
}

// unsayable says why a job cannot be in the file, whatever else it has; nothing where it can.
func unsayable(job *pve.Job) string {
	switch {
	case len(job.ID) > maxJobID:
		return "its id has more than " + strconv.Itoa(maxJobID) + " characters, and Proxmox VE itself can neither show nor change nor remove it"
	case job.Dumpdir != "":
		return "it writes to a folder (dumpdir) instead of a storage"
	case job.Storage == "":
		return "it leaves the storage to each node's vzdump.conf"
	case job.Pool == "" && !job.All && len(job.VMIDs) == 0:
		return "it selects no guest"
	}
	return ""
}

// say says as much of a job as reads back. The error tells why not even its id, storage, schedule and guests do.
func (d *dumper) say(job *pve.Job) (dumpedJob, error) {
	fields := JobFields(job)
	least := config.Backup{
		Storage: job.Storage, Schedule: job.Schedule,
		JobOptions: config.JobOptions{ID: job.ID, Enabled: job.Enabled, Adopt: true},
	}
	if !job.All || job.Pool != "" {
		least.Node = job.Node
	}
	result := dumpedJob{section: least}
	for _, name := range slices.Sorted(maps.Keys(sayings)) {
		sayings[name](&result.section, fields[name])
	}
	if d.readsBack(job, result.section) == nil {
		return result, nil
	}
	if err := d.readsBack(job, least); err != nil {
		return dumpedJob{}, err
	}
	result.section = least
	for _, name := range slices.Sorted(maps.Keys(sayings)) {
		attempt := result.section
		sayings[name](&attempt, fields[name])
		if reflect.DeepEqual(attempt, result.section) {
			continue
		}
		if err := d.readsBack(job, attempt); err != nil {
			result.remarks = append(result.remarks, "job "+job.ID+": "+name+" "+strconv.Quote(fields[name])+" is left as it is: "+err.Error())
			continue
		}
		result.section = attempt
	}
	return result, nil
}

// otherProperties lists what a job has besides what the file has keys for, and besides what has no effect.
func otherProperties(job *pve.Job) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(job.Options)) {
		if !slices.Contains(jobProperties, name) {
			list = append(list, name+"="+strconv.Quote(job.Options[name]))
		}
	}
	return list
}

func orDefaultWord(text string) string {
	if text == "" {
		return "default"
	}
	return text
}

func numberOf(text string) *int {
	if number, err := strconv.Atoi(text); err == nil {
		return &number
	}
	return nil
}

func truthOf(text string) *bool {
	if text == "" {
		return nil
	}
	truth := isTrue(text)
	return &truth
}

// declaredRetention is a rule as the file has it; nil where there is none, or none that can be read.
func declaredRetention(text string) *config.Retention {
	rule, err := vzdump.ParseRetention(text)
	if err != nil || rule.IsZero() {
		return nil
	}
	if rule.KeepAll {
		return &config.Retention{KeepAll: true}
	}
	return &config.Retention{
		KeepLast: rule.Last, KeepHourly: rule.Hourly, KeepDaily: rule.Daily, KeepWeekly: rule.Weekly, KeepMonthly: rule.Monthly, KeepYearly: rule.Yearly,
	}
}
