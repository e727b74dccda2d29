package vzdump

import (
	"bytes"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// This file reads the lines that end a block.

// finished reads "Finished Backup of VM N (HH:MM:SS)".
func (s *state) finished(rest []byte) {
	vmid, clock, ok := vmidBefore(rest, " (")
	if !ok || len(clock) < 2 || clock[len(clock)-1] != ')' {
		return
	}
	seconds, ok := parseClock(clock[:len(clock)-1])
	if !ok || s.releaseLost(vmid) {
		return
	}
	if !s.seek(vmid) {
		if !s.headless() {
			return
		}
		s.adoptHead(vmid)
	}
	if !s.cur.sealed && s.cur.Result != GuestFailed {
		s.between = evidence{}
		s.cur.finish(seconds, s.stamp)
	}
}

// guestFailed reads "Backup of VM N failed - message".
func (s *state) guestFailed(line []byte) {
	vmid, message, ok := vmidBefore(line[len("Backup of VM "):], " failed - ")
	if !ok {
		return
	}
	if s.continuing && s.stamps {
		s.continueFailure(line) // an end has its timestamp: this is a line of a message, chosen by a guest
		return
	}
	s.continuing = true
	s.failure = append(s.failure[:0], message...)
	switch {
	case s.releaseLost(vmid):
		s.continuing = false
	case s.seek(vmid):
		s.fail()
	case s.isOpen():
		s.suspect = suspect{kind: suspectFailure, vmid: vmid}
	case s.headless():
		s.adoptHead(vmid)
		s.fail()
	default:
		s.failUnbegun(vmid)
	}
}

// fail ends the current block with the message in s.failure, unless it has failed for sure.
func (s *state) fail() {
	if s.cur.sealed && s.cur.Result == GuestFailed {
		s.continuing = false
		return
	}
	s.between = evidence{}
	s.cur.fail(s.failure, s.stamp)
}

// continueFailure adds a line to the message of the failure before it. Stack traces and the like are cut where they no longer help.
func (s *state) continueFailure(text []byte) {
	text = bytes.TrimSpace(text)
	const enough = 2 * maxMessage
	if len(text) == 0 || len(s.failure) >= enough {
		return
	}
	s.failure = append(append(s.failure, ' '), text...)
	if s.suspect.kind == suspectNothing {
		s.cur.explain(s.failure)
	}
}

// startedAt reads "Backup started at TIME".
func (s *state) startedAt(rest []byte) {
	at, ok := parseLocalTime(rest)
	b := s.block()
	if !ok || b == nil {
		return
	}
	b.reopen()
	s.stamps = true
	if b.Started.IsZero() {
		b.Started, b.stamps = at, true
	}
}

// stamped seals the current block: "Backup finished at TIME" or "Failed at TIME".
func (s *state) stamped(rest []byte, result GuestResult) {
	at, ok := parseLocalTime(rest)
	if !ok || s.cur == nil {
		return
	}
	s.stamps = true
	if b := s.cur; b.ended && !b.sealed && b.Result == result {
		b.Ended, b.sealed = at, true
		s.leave()
	}
}

// reopen takes back an end that vzdump did not seal with a timestamp, though it stamped the beginning, once the block goes on after it:
// the end was an imitation.
func (b *block) reopen() {
	if b.ended && b.mayGoOn() {
		b.ended = false
		b.Result, b.Reason, b.Message, b.Cause = "", "", "", ""
		b.Duration, b.Ended = optional.Value[int64]{}, LocalTime{}
	}
}

// mayGoOn reports that the end of the block is yet to come, for sure or because the one that was read is not sealed.
func (b *block) mayGoOn() bool { return !b.ended || b.stamps && !b.sealed }
