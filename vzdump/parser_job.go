package vzdump

import (
	"bytes"
	"strings"
)

// startJob reads "starting new backup job: vzdump ...". Hook scripts of the phase job-init print before it, so that what was taken for the
// end of a log whose beginning is missing was theirs.
func (s *state) startJob(rest []byte) {
	if s.command != "" && len(s.guests) > 0 {
		return
	}
	*s = state{lines: s.lines, warnings: s.warnings, mail: s.mail}
	s.command = string(bytes.ToValidUTF8(rest, []byte("\ufffd")))
}

// skipExternal reads "skip external VMs: 101, 105".
func (s *state) skipExternal(rest []byte) {
	if len(s.guests) > 0 {
		return
	}
	for len(rest) > 0 && len(s.external) < maxVMIDs {
		vmid, behind, ok := vmidBefore(rest, "")
		if !ok {
			return
		}
		s.external = append(s.external, vmid)
		rest = bytes.TrimPrefix(behind, []byte(", "))
	}
}

// jobFinished reads "Backup job finished successfully" (PVE 1: "successfuly") or "with errors".
func (s *state) jobFinished(rest []byte) {
	ending := endingNone
	switch string(rest) {
	case "successfully", "successfuly":
		ending = endingOK
	case "with errors":
		ending = endingErrors
	}
	if s.isOpen() {
		s.claimed = ending
	} else if ending != endingNone {
		s.ending = ending
	}
}

// denies reports that a line shows the job to go on: only notifications follow its end.
func denies(message []byte) bool {
	return !hasPrefix(message, "notified via ") && !hasPrefix(message, "could not notify ") && !hasPrefix(message, "could not send ")
}

// failed reads a line of level ERROR. Few of them mean a failure: many are troubles that a backup survives.
func (s *state) failed(message []byte) {
	switch {
	case hasPrefix(message, "Backup of VM "):
		s.guestFailed(message)
	case s.continuing && (s.stamps || !hasPrefix(message, "Backup job failed - ")): // with timestamps, one stands in between
		s.continueFailure(message)
	case hasPrefix(message, "Backup job failed - "):
		s.ending, s.continuing = endingFailed, false
		s.jobError = messageText(message[len("Backup job failed - "):])
	case s.headless() && isLockFailure(message):
		s.ending, s.waiting = endingNoStart, false
		s.jobError = messageText(message)
	default:
		if b := s.block(); b != nil {
			b.trouble(message)
		}
		s.evidence().weigh(message)
	}
}

// trouble notes which facts a line of level ERROR takes back.
func (b *block) trouble(message []byte) {
	switch {
	case hasPrefix(message, "error when removing backup '"):
		b.notDeleted()
	case bytes.Contains(message, []byte("guest-fsfreeze-freeze")):
		b.FreezeSkipped = true
	}
}

// isLockFailure knows the lines after which the worker exits without a TASK line: it did not get the node's lock.
func isLockFailure(message []byte) bool {
	for _, prefix := range []string{"can't acquire lock '", "can't aquire lock '", "can't open lock on file '"} {
		if hasPrefix(message, prefix) {
			return true
		}
	}
	return false
}

// taskEnd reads the last line of a log that is complete, behind "TASK ".
func (s *state) taskEnd(rest []byte) {
	if text, isError := bytes.CutPrefix(rest, []byte("ERROR: ")); isError {
		s.task = taskLine{kind: StatusError, text: messageText(text)}
		return
	}
	status := ParseStatus(string(rest))
	if status.Kind == StatusOK || status.Kind == StatusWarnings {
		s.task = taskLine{kind: status.Kind, warnings: status.Warnings}
	}
}

// messageText keeps a message, valid and not too long: of a long one, the end is worth as much as the beginning.
func messageText(text []byte) string {
	if len(text) > maxMessage {
		const tail = maxMessage / 4
		text = []byte(string(text[:maxMessage-tail-len(" … ")]) + " … " + string(text[len(text)-tail:]))
	}
	return strings.ToValidUTF8(string(text), "\ufffd")
}

// waits reads "trying to get global lock - waiting...".
func (s *state) waits([]byte) { s.waiting = s.headless() }
