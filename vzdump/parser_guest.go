package vzdump

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// block is a guest while its lines are read.
type block struct {
	Guest
	ended    bool // the log said how it ended
	sealed   bool // and the time of the end, so that nothing more is to come
	stamps   bool // vzdump writes a timestamp after the first line of a block, and so after its end
	copying  bool // a container's files are being copied to a temporary directory
	writing  bool // the archive is being written; no hook script runs meanwhile
	server   bool // to a backup server
	pruning  bool // the log speaks of retention as PVE 7 does
	removed  int64
	progress bool  // the log states how much was read,
	done     uint8 // in percent
	cause    evidence
}

// detach lets a copy of the block grow without writing into its original's lists.
func (b *block) detach() {
	b.ExcludedDisks = slices.Clip(b.ExcludedDisks)
	b.BindMounts = slices.Clip(b.BindMounts)
}

func (b *block) finish(seconds int64, stamp []byte) {
	b.ended, b.writing = true, false
	b.Result, b.Reason, b.Message, b.Cause = GuestSuccess, "", "", ""
	b.ArchiveStored = b.ArchiveStored || b.Archive != ""
	b.Duration = optional.Some(seconds)
	b.Ended, _ = parseLocalTime(stamp)
}

func (b *block) fail(message, stamp []byte) {
	b.ended, b.sealed, b.writing = true, false, false
	b.Result = GuestFailed
	b.Duration = optional.Value[int64]{}
	b.Ended, _ = parseLocalTime(stamp)
	b.explain(message)
}

func (b *block) explain(message []byte) {
	b.Message = messageText(message)
	byNearest := false
	b.Reason, byNearest = classify(message, b.cause.reason)
	b.Cause = ""
	if byNearest || b.Reason == ReasonPruneFailed { // whose message only says "check log"
		b.Cause = b.cause.text
	}
	_, command, _, _ := splitCommand(message)
	if (b.Reason == ReasonPruneFailed || hookPhase(command) == phaseBackupEnd) && b.Archive != "" {
		b.ArchiveStored = true // both come after the archive
	}
}

func (b *block) kind(name string) {
	if b.Type == "" {
		b.Type = name
	}
}

func (b *block) named(kind string, rest []byte) {
	b.kind(kind)
	if b.Name == "" {
		b.Name = guestName(rest)
	}
}

func (b *block) mode(rest []byte) {
	if b.Mode == "" {
		if i := slices.IndexFunc(backupModes, func(mode string) bool { return mode == string(rest) }); i >= 0 {
			b.Mode = backupModes[i]
		}
	}
}

func (b *block) warn(message []byte) {
	if b.Warnings == 0 {
		b.FirstWarning = messageText(message)
	}
	b.Warnings++
}

// cleanup is vzdump's answer to the end of the archive or to a failure.
func (b *block) cleanup([]byte) { b.cause.closed = true }

// resumes is part of the cleanup, unless it ends the short pause in which several volumes are snapshotted.
func (b *block) resumes([]byte) {
	if b.writing {
		b.cleanup(nil)
	}
}

func (b *block) downtime(rest []byte) {
	if seconds, ok := parseDelay(rest); ok && !b.DowntimeSeconds.Known() {
		b.DowntimeSeconds = optional.Some(seconds)
	}
}

// excludedDisk reads "scsi1' 'volume' (backup=no)".
func (b *block) excludedDisk(rest []byte) {
	b.kind("qemu")
	if name, _, ok := bytes.Cut(rest, []byte("'")); ok {
		addDisk(&b.ExcludedDisks, name)
	}
}

// excludedVolume reads "mp0 ('/data') from backup (disabled)".
func (b *block) excludedVolume(rest []byte) {
	b.kind("lxc")
	if name, _, ok := bytes.Cut(rest, []byte(" (")); ok {
		addDisk(&b.ExcludedDisks, name)
	}
}

func (b *block) bindMount(rest []byte) {
	b.kind("lxc")
	if name, _, ok := bytes.Cut(rest, []byte(" (")); ok {
		addDisk(&b.BindMounts, name)
	}
}

// addDisk adds the key of a volume once: a container's are listed again when vzdump falls back to another mode.
func addDisk(list *[]string, key []byte) {
	const longestKey = 16
	if len(key) == 0 || len(key) > longestKey || len(*list) == maxDisks {
		return
	}
	for _, c := range key {
		if !isDecimal(c) && (lower(c) < 'a' || lower(c) > 'z') {
			return
		}
	}
	if !slices.Contains(*list, string(key)) {
		*list = append(*list, string(key))
	}
}

// guestName keeps a name that may be anything.
func guestName(text []byte) string {
	name := strings.ToValidUTF8(string(text[:min(len(text), maxName*utf8.UTFMax)]), "\ufffd")
	if utf8.RuneCountInString(name) > maxName {
		name = string([]rune(name)[:maxName])
	}
	return name
}
