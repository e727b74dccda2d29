package check

import (
	"errors"
	"maps"
	"slices"

	"github.com/dustin/go-humanize"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// checkTasks looks whether the nodes' tasks and one log can be read.
func checkTasks(f *facts) []Finding {
	var findings []Finding
	if f.recent.err != nil {
		findings = append(findings, f.unread("the recent tasks cannot be read (GET /cluster/tasks)", f.recent.err))
	}
	total, read := 0, 0
	for _, name := range slices.Sorted(maps.Keys(f.nodes)) {
		tasks := f.nodes[name].tasks
		if tasks.err != nil {
			findings = append(findings, f.unread("the tasks of node "+words.Name(name)+" cannot be read", tasks.err))
			continue
		}
		total += tasks.value.total
		read++
	}
	switch {
	case read == 0:
		return findings
	case total == 0:
		return append(findings, found(Info, "no node lists a finished backup task").
			because("nothing was backed up lately, or other tasks have pushed it out of the lists: results show after the next run"))
	}
	return append(append(findings, found(OK, "%s on %s listed", words.Count(total, "backup task", "backup tasks"), words.Count(read, "node", "nodes"))),
		f.logFindings()...)
}

func (f *facts) logFindings() []Finding {
	if f.log == nil {
		return nil
	}
	task := words.Line(f.log.task.UPID)
	switch err := f.log.bytes.err; {
	case errors.Is(err, pve.ErrNoLog):
		return []Finding{found(Info, "the log of the newest backup task is gone").because("only its status is left: %s", task)}
	case err != nil:
		return []Finding{f.unread("the log of the newest backup task ("+task+") cannot be read", err)}
	case !understood(f.log.says):
		return []Finding{found(Warning, "the log of the newest backup task is not understood").
			because("%s of %s say nothing that is known", words.Count(int(f.log.says.Lines), "line", "lines"), task).
			advise("see what it says; if it is a plain log of vzdump, please report it", "pve-backup-exporter explain "+quote(f.log.task.UPID))}
	}
	return []Finding{found(OK, "the log of the newest backup task was read: %s, %s", humanize.IBytes(uint64(max(0, f.log.bytes.value))), logged(f.log.says))}
}

// understood reports that a log says anything: failures of a storage have neither a command nor guests.
func understood(report vzdump.Report) bool {
	return report.Command != "" || len(report.Guests) > 0 || report.Complete || report.WaitingForLock
}

func logged(report vzdump.Report) string {
	failed := 0
	for i := range report.Guests {
		if report.Guests[i].Result == vzdump.GuestFailed {
			failed++
		}
	}
	text := words.Count(len(report.Guests), "guest", "guests")
	if failed > 0 {
		text += ", " + words.Count(failed, "failed", "failed")
	}
	return text
}
