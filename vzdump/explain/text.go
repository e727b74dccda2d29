package explain

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Text writes the answer for people: how the task ended, then every guest, those that need attention first, each with what happened, why,
// how to confirm it, what to do and what prevents it. Text that comes from the log is shown without control characters, so that it cannot
// play with the terminal.
func Text(w io.Writer, answer Answer) error {
	out := writer{answer: answer, told: map[vzdump.Reason]string{}}
	out.asked()
	out.task()
	guests := slices.Clone(answer.shown())
	slices.SortStableFunc(guests, func(a, b vzdump.Guest) int { return urgency(a.Result) - urgency(b.Result) })
	for _, guest := range guests {
		out.guest(guest)
	}
	if answer.DroppedGuests > 0 {
		out.line("", "%s more, beyond what is kept of one log", count(answer.DroppedGuests, "guest"))
	}
	if _, err := io.WriteString(w, out.String()); err != nil {
		return fmt.Errorf("writing the explanation: %w", err)
	}
	return nil
}

// results are the words for a guest's result, the most urgent first.
var results = []struct {
	result vzdump.GuestResult
	word   string
}{
	{vzdump.GuestFailed, "failed"},
	{vzdump.GuestInterrupted, "interrupted"},
	{vzdump.GuestNotRun, "not run"},
	{vzdump.GuestRunning, "running"},
	{vzdump.GuestWarning, "warned"},
	{vzdump.GuestSuccess, "ok"},
}

func urgency(result vzdump.GuestResult) int {
	for i, each := range results {
		if each.result == result {
			return i
		}
	}
	return len(results)
}

func wordOf(result vzdump.GuestResult) string {
	if i := urgency(result); i < len(results) {
		return results[i].word
	}
	return string(result)
}

// writer lays out lines as "word  text", with the words in one column.
type writer struct {
	strings.Builder

	answer Answer
	told   map[vzdump.Reason]string // which guest each reason was told of at length
}

func (w *writer) line(word, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if word == "" {
		fmt.Fprintf(w, "%12s %s\n", "", text)
		return
	}
	fmt.Fprintf(w, "%-12s %s\n", word+":", text)
}

// paragraph writes a text of this program's own, broken into lines that fit a terminal.
func (w *writer) paragraph(word, text string) {
	const width = 100
	line := ""
	for _, each := range strings.Fields(text) {
		if line != "" && len(line)+1+len(each) > width {
			w.line(word, "%s", line)
			word, line = "", ""
		}
		line = strings.TrimPrefix(line+" "+each, " ")
	}
	w.line(word, "%s", line)
}

func (w *writer) task() {
	report := w.answer.Report
	if w.answer.Task.UPID != "" {
		w.line("task", "%s of cluster %s", printable(w.answer.Task.UPID), printable(w.answer.Task.Cluster))
	}
	word := "result"
	if w.answer.Guest != nil {
		word = "task ended" // which may be another way than the guest's own backup did
	}
	w.line(word, "%s", outcome(report))
	if report.Command != "" {
		w.line("job", "%s", excerpt(report.Command))
	}
	if report.Reason != "" {
		w.failure(report.Reason, "", report.Error, "the job", w.answer.place())
	}
	if summary := summarize(report.Guests); summary != "" {
		w.line("guests", "%s", summary)
	} else if report.Result == vzdump.ResultOK && report.Command != "" {
		w.line("guests", "none: the job selects no guest of this node")
	}
}

func outcome(report vzdump.Report) string {
	switch {
	case report.NoLog:
		return string(report.Result) + ", and there is no log: it was removed, or nothing was ever written"
	case report.WaitingForLock:
		return string(report.Result) + ", waiting for another backup task of the node to end"
	case report.Result == vzdump.ResultUnknown && report.Command == "":
		return "unknown: this is part of a task's log, or the log of one guest, and does not say how the task ended"
	case report.Result == vzdump.ResultUnknown:
		return "unknown: the log ends without saying how the task ended; it may still run"
	case report.Result == vzdump.ResultWarnings:
		return "ok, with " + count(report.Warnings, "warning")
	default:
		return string(report.Result)
	}
}

// summarize counts the guests by result.
func summarize(guests []vzdump.Guest) string {
	var parts []string
	for _, each := range results {
		n := 0
		for _, guest := range guests {
			if guest.Result == each.result {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, each.word))
		}
	}
	return strings.Join(parts, ", ")
}
