package check

import (
	"errors"
	"maps"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// declaredSchedule is a schedule of the declared file.
type declaredSchedule struct {
	schedule string
	path     []string // where the file has it
}

// declaredSchedules lists the schedules that the file declares for the cluster, those of profiles included.
func (f *facts) declaredSchedules() []declaredSchedule {
	var result []declaredSchedule
	for _, environment := range f.file.Environments {
		if environment.Cluster != f.cluster.Name || environment.Backup == nil {
			continue
		}
		backup := environment.Backup.Resolve()
		result = append(result, declaredSchedule{backup.Schedule, []string{"environments", environment.Name, "backup", "schedule"}})
		if backup.Offsite != nil {
			result = append(result, declaredSchedule{backup.Offsite.Schedule, []string{"environments", environment.Name, "backup", "offsite", "schedule"}})
		}
	}
	return result
}

// schedulesInUse lists each schedule of a job or of the declared file once.
func (f *facts) schedulesInUse() []string {
	set := map[string]bool{}
	for _, job := range f.jobs.value {
		set[job.Schedule] = true
	}
	for _, declared := range f.declaredSchedules() {
		set[declared.schedule] = true
	}
	delete(set, "")
	return slices.Sorted(maps.Keys(set))
}

// checkSchedules looks whether the cluster understands every schedule, and whether the exporter does.
func checkSchedules(f *facts) []Finding {
	var findings []Finding
	for _, schedule := range slices.Sorted(maps.Keys(f.schedules)) {
		findings = append(findings, f.scheduleFindings(schedule, f.schedules[schedule])...)
	}
	if len(findings) == 0 && len(f.schedules) > 0 {
		return []Finding{found(OK, "%s understood", words.Count(len(f.schedules), "schedule is", "schedules are"))}
	}
	return findings
}

func (f *facts) scheduleFindings(schedule string, next *answer[[]int64]) []Finding {
	users := words.List(f.users(schedule), shown)
	if next.err != nil {
		var refusal *pve.Error
		if !errors.As(next.err, &refusal) || refusal.Fields["schedule"] == "" {
			return []Finding{f.unread("the cluster could not be asked when '"+words.Name(schedule)+"' runs", next.err)}
		}
		return []Finding{found(Problem, "the schedule '%s' of %s is not a calendar event", words.Name(schedule), users).
			because("Proxmox VE says: %s", words.Line(refusal.Fields["schedule"])).
			advise("write it as Proxmox VE does, such as `01:00`, `mon..fri 22:30`, `sun 04:00` or `*-*-01 03:00`")}
	}
	if _, err := vzdump.ParseCalendarEvent(schedule); err != nil {
		return []Finding{found(Info, "the schedule '%s' of %s is understood by the cluster only", words.Name(schedule), users).
			because("the exporter takes its runs from the cluster, at most a hundred at a time: %v", err)}
	}
	if len(next.value) == 0 && len(f.declaredUsers(schedule)) > 0 {
		return []Finding{found(Warning, "the schedule '%s' of %s has no run in the future", words.Name(schedule), users).
			because("nothing is backed up by it").advise("declare a schedule that comes again")}
	}
	return nil
}

// users names who has a schedule: jobs of the cluster and places of the declared file.
func (f *facts) users(schedule string) []string {
	var names []string
	for _, job := range f.jobs.value {
		if job.Schedule == schedule {
			names = append(names, "job "+words.Name(job.ID))
		}
	}
	return append(names, f.declaredUsers(schedule)...)
}

func (f *facts) declaredUsers(schedule string) []string {
	var places []string
	for _, declared := range f.declaredSchedules() {
		if declared.schedule == schedule {
			places = append(places, f.file.Position(declared.path...).String())
		}
	}
	return places
}
