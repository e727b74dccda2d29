package runlog

import (
	"strconv"
	"strings"
)

// notified is the line of the default notification target; it follows the verdict and never changes it.
const notified = "notified via target `mail-to-root`"

// Text returns the log of a run as far as it had come at the moment until (Unix seconds).
func Text(r *Run, until int64) []byte {
	w := &writer{until: until, loc: r.Location, buf: make([]byte, 0, 512+1024*len(r.Guests))}
	w.at(r.Start)
	switch r.Abort {
	case AbortStorage:
		w.at(r.End)
		w.info(notified)
		w.raw("TASK ERROR: " + r.AbortText)
		return w.buf
	case AbortCrash:
		if r.AbortAt > 0 {
			w.until = min(w.until, r.AbortAt-1)
		}
	}
	if r.Options.Hook != "" {
		w.info("HOOK: job-init")
	}
	if r.LockWait {
		w.info("trying to get global lock - waiting...")
		if r.Abort == AbortLock && r.AbortAt > 0 {
			w.at(r.AbortAt)
			w.failure("can't acquire lock '/var/run/vzdump.lock' - " + r.AbortText)
			w.info(notified)
			return w.buf
		}
		if r.LockGot == 0 {
			return w.buf
		}
		w.at(r.LockGot)
		w.info("got global lock")
	}
	body(w, r)
	return w.buf
}

// body writes everything from the job's first line on.
func body(w *writer, r *Run) {
	w.infof("starting new backup job: %s", commandLine(r.Options, r.Seed))
	if r.External != nil && w.past() {
		if ids := r.External(); len(ids) > 0 {
			w.info("skip external VMs: " + joinInts(ids))
		}
	}
	if r.Options.Hook != "" {
		w.info("HOOK: job-start")
	}
	if r.Abort == AbortHook {
		cause := "command '" + r.Options.Hook + " job-start' failed: exit code 3"
		w.at(r.End)
		w.info("HOOK: job-abort")
		w.failure("Backup job failed - " + cause)
		w.info(notified)
		w.raw("TASK ERROR: " + cause)
		return
	}
	for i := range r.Guests {
		guest(w, r, &r.Guests[i])
	}
	if r.End == 0 {
		return
	}
	w.at(r.End)
	verdict(w, r)
}

// verdict writes the job's last lines.
func verdict(w *writer, r *Run) {
	if r.Abort == AbortSignal {
		w.failure("Backup job failed - interrupted by signal")
		w.info(notified)
		w.raw("TASK ERROR: interrupted by signal")
		return
	}
	failed, warnings := count(r)
	if r.Options.Hook != "" {
		w.info("HOOK: job-end")
	}
	if failed > 0 {
		w.info("Backup job finished with errors")
	} else {
		w.info("Backup job finished successfully")
	}
	w.info(notified)
	switch {
	case failed > 0:
		w.raw("TASK ERROR: job errors")
	case warnings > 0:
		w.raw("TASK WARNINGS: " + strconv.Itoa(warnings))
	default:
		w.raw("TASK OK")
	}
}

// count returns how many guests failed and how many warnings were printed.
func count(r *Run) (failed, warnings int) {
	for i := range r.Guests {
		if r.Guests[i].Outcome.Failed() {
			failed++
		}
		if r.Guests[i].Outcome == Warned {
			warnings++
		}
	}
	return failed, warnings
}

// Status returns the status string that Proxmox VE reads from the last line of a run that has ended.
func Status(r *Run) string {
	switch r.Abort {
	case AbortStorage:
		return r.AbortText
	case AbortHook:
		return "command '" + r.Options.Hook + " job-start' failed: exit code 3"
	case AbortSignal:
		return "interrupted by signal"
	case AbortLock, AbortCrash:
		return "unexpected status"
	}
	failed, warnings := count(r)
	switch {
	case failed > 0:
		return "job errors"
	case warnings > 0:
		return "WARNINGS: " + strconv.Itoa(warnings)
	}
	return "OK"
}

// joinInts writes "101, 105".
func joinInts(ids []int) string {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(id))
	}
	return b.String()
}
