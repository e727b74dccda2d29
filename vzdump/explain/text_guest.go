package explain

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/dustin/go-humanize"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

func (w *writer) guest(g vzdump.Guest) {
	w.WriteByte('\n')
	w.line(wordOf(g.Result), "%s", identity(g))
	if facts := facts(g); facts != "" {
		w.line("", "%s", facts)
	}
	if g.Result == vzdump.GuestNotRun {
		w.line("", "the job ended before its turn")
	}
	if g.Reason != "" {
		w.failure(g.Reason, g.Cause, g.Message, identity(g), w.answer.placeOf(g))
	}
	w.archive(g)
	if len(g.ExcludedDisks) > 0 {
		w.line("left out", "%s", strings.Join(g.ExcludedDisks, ", "))
	}
	if len(g.BindMounts) > 0 {
		w.line("left out", "%s, which no backup of a container can contain (bind or device mount)", strings.Join(g.BindMounts, ", "))
	}
	if g.FreezeSkipped {
		w.line("note", "the guest agent did not freeze the file systems: what was not written out yet is not in the backup")
	}
	w.warnings(g)
}

func (w *writer) warnings(g vzdump.Guest) {
	if g.Warnings == 0 {
		return
	}
	more := ""
	if g.Warnings > 1 {
		more = " (the first of " + strconv.Itoa(g.Warnings) + " lines that begin with WARN)"
	}
	w.line("warning", "%s%s", excerpt(g.FirstWarning), more)
}

func (w *writer) archive(g vzdump.Guest) {
	switch failed := g.Result == vzdump.GuestFailed || g.Result == vzdump.GuestInterrupted; {
	case g.Archive == "":
	case failed && !g.ArchiveStored:
		w.line("archive", "none: %s was not completed", printable(g.Archive))
	case failed:
		w.line("archive", "%s is complete all the same", printable(g.Archive))
	case g.Result == vzdump.GuestRunning && !g.ArchiveStored:
		w.line("archive", "%s, not yet complete", printable(g.Archive))
	default:
		w.line("archive", "%s", printable(g.Archive))
	}
}

// identity names a guest as the rest of the product does, qemu/100, with its name.
func identity(g vzdump.Guest) string {
	id := "guest " + strconv.Itoa(g.VMID)
	if g.Type != "" {
		id = printable(g.Type) + "/" + strconv.Itoa(g.VMID)
	}
	if g.Name != "" {
		id += " " + quoted(g.Name)
	}
	return id
}

func quoted(name string) string { return strconv.QuoteToGraphic(name) }

// facts lists the figures that the log states.
func facts(g vzdump.Guest) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if done, known := g.Progress.Get(); known {
		const whole = 100
		add("%.0f %% done", whole*done)
	}
	if seconds, known := g.Duration.Get(); known {
		add("took %s", span(seconds))
	}
	if g.Mode != "" {
		add("%s mode", g.Mode)
	}
	addSize := func(size optional.Value[int64], format string) {
		if n, known := size.Get(); known {
			add(format, humanize.IBytes(uint64(n)))
		}
	}
	addSize(g.ArchiveBytes, "archive of %s")
	addSize(g.TransferredBytes, "%s of the guest processed")
	addSize(g.TarBytes, "%s before compression")
	if seconds, known := g.DowntimeSeconds.Get(); known {
		add("down for %s", span(seconds))
	}
	if n, known := g.Pruned.Get(); known {
		add("%s removed", count(int(n), "older backup"))
	}
	return strings.Join(parts, ", ")
}

func span(seconds int64) string {
	if seconds == 0 {
		return "less than 1s"
	}
	return (time.Duration(seconds) * time.Second).String()
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// excerpt shortens a text to what fits a few lines of a terminal: its end says as much as its beginning.
func excerpt(text string) string {
	const longest, tail = 400, 120
	runes := []rune(printable(text))
	if len(runes) <= longest {
		return string(runes)
	}
	return string(runes[:longest-tail]) + " … " + string(runes[len(runes)-tail:])
}

// printable replaces control characters and what else a terminal would not show.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
