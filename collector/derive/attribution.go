package derive

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// tickWindow is how long after a run's time its task may begin: the scheduler looks once a minute.
const tickWindow = 90

// jobRun says of which run of which job a task was a part.
type jobRun struct {
	job       string
	tick      int64
	scheduled bool // the task began when the job's schedule says so
}

// matchJob finds the job that started a task: the log's first line is compared as a set of options with each job, since neither the task
// nor its log names the job. Where several fit, the one whose run was due just then is it.
func matchJob(w *World, task pve.Task, command string, runs *Runs) *jobRun {
	if command == "" {
		return nil
	}
	line, err := vzdump.ParseCommandLine(command)
	if err != nil {
		return nil
	}
	selections := make([]vzdump.JobSelection, len(w.Jobs))
	for i := range w.Jobs {
		selections[i] = selectionOf(&w.Jobs[i])
	}
	var best *jobRun
	for _, i := range line.JobsOf(selections) {
		job := &w.Jobs[i]
		run := &jobRun{job: job.ID, tick: task.Start}
		if tick, found := runs.Latest(job.Schedule, w.zone(task.Node), task.Start+5); found && task.Start-tick <= tickWindow {
			run.tick, run.scheduled = tick, true
		}
		if better(run, best, task.Start) {
			best = run
		}
	}
	return best
}

// better prefers a run that was due, then the one due last before the task began.
func better(run, best *jobRun, start int64) bool {
	switch {
	case best == nil:
		return true
	case run.scheduled != best.scheduled:
		return run.scheduled
	default:
		return start-run.tick < start-best.tick
	}
}

func selectionOf(job *pve.Job) vzdump.JobSelection {
	return vzdump.JobSelection{VMIDs: job.VMIDs, All: job.All, Exclude: job.Exclude, Pool: job.Pool, Node: job.Node, Options: job.Options}
}

// someGuestsFailed is the status of a task of which some guests failed: its log would say which.
const someGuestsFailed = "job errors"

// attribute finds the guests that a failed task would have backed up although its log names none: by the task's own guest id, else by the
// one job that was due on that node and writes to the storage that the log names. It is nobody's where only some of the guests failed.
func attribute(memory *state.Cluster, w *World, task pve.Task, report *vzdump.Report, match *jobRun, runs *Runs) map[string][]attempt {
	storage := StorageOfTask(w, task, report)
	one := attempt{
		storage: storage, start: task.Start, end: task.End, task: task.UPID, failed: true,
		reason: failureReason(task, report),
	}
	if vmid, err := strconv.Atoi(task.ID); err == nil {
		if id := guestID(memory, "", vmid); id != "" {
			if one.storage == "" {
				one.storage = onlyStorage(w, memory.Guests[id], task, runs)
			}
			return map[string][]attempt{id: {one}}
		}
		return nil
	}
	if task.Status == someGuestsFailed {
		return nil
	}
	job := dueThen(w, task, storage, runs)
	if match != nil {
		job = w.job(match.job)
	}
	if job == nil {
		return nil
	}
	one.storage = w.storageOf(job, task.Node)
	attempts := map[string][]attempt{}
	candidate := newSelector(job)
	for id, guest := range memory.Guests {
		if guest.Node == task.Node && candidate.names(guest) && candidate.reaches(guest) {
			attempts[id] = []attempt{one}
		}
	}
	return attempts
}

// dueThen returns the one enabled job that a scheduler's task can have been, or nil where there is none or more than one: of several, the
// one that was due last before the task began.
func dueThen(w *World, task pve.Task, storage string, runs *Runs) *pve.Job {
	if task.User != schedulerUser || task.TokenID != "" {
		return nil
	}
	var found *pve.Job
	latest := int64(0)
	for i := range w.Jobs {
		job := &w.Jobs[i]
		if !job.Enabled || (job.Node != "" && job.Node != task.Node) || (storage != "" && w.storageOf(job, task.Node) != storage) {
			continue
		}
		tick, ran := runs.Latest(job.Schedule, w.zone(task.Node), task.Start+5)
		switch {
		case !ran || task.Start-tick > tickWindow || tick < latest:
		case tick == latest:
			found = nil
		default:
			found, latest = job, tick
		}
	}
	return found
}

func (w *World) job(id string) *pve.Job {
	for i := range w.Jobs {
		if w.Jobs[i].ID == id {
			return &w.Jobs[i]
		}
	}
	return nil
}

// schedulerUser is the user whose tasks the scheduler starts.
const schedulerUser = "root@pam"

// onlyStorage returns the storage to which the one job that selects a guest and was due writes, or nothing.
func onlyStorage(w *World, guest *state.Guest, task pve.Task, runs *Runs) string {
	job := dueThen(w, task, "", runs)
	if job == nil || !newSelector(job).names(guest) {
		return ""
	}
	return w.storageOf(job, task.Node)
}

// StorageOfTask returns the storage to which a task wrote: from its command line, from the error that names it, or the node's default.
func StorageOfTask(w *World, task pve.Task, report *vzdump.Report) string {
	if report.Command != "" {
		if line, err := vzdump.ParseCommandLine(report.Command); err == nil {
			return storageOfLine(w, line, task.Node)
		}
	}
	for _, text := range []string{report.Error, task.Status} {
		if storage := quotedStorage(text); storage != "" {
			return storage
		}
	}
	return ""
}

func storageOfLine(w *World, line vzdump.CommandLine, node string) string {
	if storage := line.Options["storage"]; storage != "" {
		return storage
	}
	if line.Options["dumpdir"] != "" || line.Options["stdout"] == "1" {
		return ""
	}
	return w.storageOf(&pve.Job{}, node)
}

// quotedStorage finds the storage in errors such as "could not activate storage 'nas': storage 'nas' is not online".
func quotedStorage(text string) string {
	const marker = "storage '"
	_, rest, found := strings.Cut(text, marker)
	if !found {
		_, rest, found = strings.Cut(text, "information for '")
	}
	name, _, closed := strings.Cut(rest, "'")
	if !found || !closed {
		return ""
	}
	return name
}

// failureReason is the reason of a task that failed as a whole.
func failureReason(task pve.Task, report *vzdump.Report) vzdump.Reason {
	if report.Reason != "" {
		return report.Reason
	}
	if vzdump.ParseStatus(task.Status).Kind == vzdump.StatusUnexpected {
		return vzdump.ReasonCrashed
	}
	return vzdump.ReasonUnknown
}

// runsKept is how many runs of a job are remembered: the newest may be running while the one before tells the last result.
const runsKept = 3

// sameTick is how far apart the nodes of a cluster may begin one run, in seconds: their clocks differ.
const sameTick = 20

// rememberRun adds a task to the run of its job that the same tick started on other nodes.
func rememberRun(memory *state.Cluster, match *jobRun, task pve.Task, failed bool) {
	job := memory.Jobs[match.job]
	if job == nil {
		job = &state.Job{}
		memory.Jobs[match.job] = job
	}
	at := slices.IndexFunc(job.Runs, func(run state.Run) bool { return abs(run.Tick-match.tick) <= sameTick })
	if at < 0 {
		job.Runs = append(job.Runs, state.Run{Tick: match.tick, Tasks: map[string]state.RunTask{}})
		slices.SortFunc(job.Runs, func(a, b state.Run) int { return int(a.Tick - b.Tick) })
		if extra := len(job.Runs) - runsKept; extra > 0 {
			job.Runs = slices.Delete(job.Runs, 0, extra)
		}
		at = slices.IndexFunc(job.Runs, func(run state.Run) bool { return run.Tick == match.tick })
		if at < 0 {
			return
		}
	}
	job.Runs[at].Tasks[task.UPID] = state.RunTask{Start: task.Start, End: task.End, Failed: failed}
}

func abs(v int64) int64 { return max(v, -v) }

func itoa(v int) string { return strconv.Itoa(v) }
