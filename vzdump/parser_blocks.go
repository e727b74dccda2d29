package vzdump

import (
	"bytes"
	"slices"
)

// This file decides where blocks begin and end: see "Who may say what" in the package's documentation.

// suspect is a line about another guest than that of the open block. Vzdump writes no such line, unless lines before it were lost; the
// next line tells.
type suspect struct {
	kind  suspectKind
	vmid  int
	text  string // the type of the guest, or the message of its failure
	start LocalTime
}

type suspectKind uint8

const (
	suspectNothing suspectKind = iota
	suspectStart
	suspectFailure
)

// confirmations are lines that vzdump writes directly after the first line of a block.
var confirmations = []string{"Backup started at ", "status = ", "VM Name: ", "CT Name: ", "backup mode: "}

// settle decides on the suspect by the line after it.
func (s *state) settle(next entry) {
	sus := s.suspect
	if sus.kind == suspectFailure && next.level == levelError && s.continuing {
		return // the message goes on
	}
	s.suspect = suspect{}
	if next.level != levelInfo {
		return
	}
	switch sus.kind {
	case suspectStart:
		if slices.ContainsFunc(confirmations, func(each string) bool { return hasPrefix(next.message, each) }) {
			s.begin(sus.vmid, sus.text, sus.start)
		}
	case suspectFailure:
		if hasPrefix(next.message, "Failed at ") {
			s.begin(sus.vmid, "", LocalTime{})
			s.fail(entry{})
		}
	}
}

// starting reads "Starting Backup of VM N (type)".
func (s *state) starting(rest []byte, line entry) {
	vmid, kind, ok := vmidBefore(rest, " (")
	if !ok || len(kind) < 2 || kind[len(kind)-1] != ')' {
		return
	}
	kind = kind[:len(kind)-1]
	start, _ := parseLocalTime(line.stamp)
	if s.cur == none && s.lost == 0 || s.cur != none && !s.guests[s.cur].mayGoOn() {
		s.begin(vmid, shortText(kind), start)
		return
	}
	if s.cur == none || s.guests[s.cur].VMID != vmid { // a guest that is open already cannot start again
		s.suspect = suspect{kind: suspectStart, vmid: vmid, text: shortText(kind), start: start}
	}
}

// begin opens the block of a guest.
func (s *state) begin(vmid int, kind string, start LocalTime) {
	s.head = block{}
	s.ending, s.jobError = endingNone, ""
	if len(s.guests) == maxGuests {
		s.dropped++
		s.cur, s.lost = none, vmid
		return
	}
	b := block{Guest: Guest{VMID: vmid, Type: kind, Started: start}}
	if kind == "" {
		b.cause = s.between // it failed before it began: what went wrong stands before its only line
	}
	s.between = evidence{}
	s.guests = append(s.guests, b)
	s.cur, s.lost = len(s.guests)-1, 0
}

// depth is how many blocks back an end is looked for: vzdump's blocks never nest, only imitations do.
const depth = 16

// seek makes the block of a guest current that may still end, and reports whether there is one. Blocks after it began inside of it, so
// they were not vzdump's.
func (s *state) seek(vmid int) bool {
	at := none
	if s.cur != none && s.guests[s.cur].VMID == vmid {
		at = s.cur
	}
	for i := len(s.guests) - 1; at == none && i >= max(0, len(s.guests)-depth); i-- {
		if b := &s.guests[i]; b.VMID == vmid && b.mayGoOn() {
			at = i
		}
	}
	if at == none {
		return false
	}
	clear(s.guests[at+1:])
	s.guests, s.cur, s.lost = s.guests[:at+1], at, 0
	return true
}

// adoptHead gives the facts of a block whose beginning is missing to the guest that the block's end names.
func (s *state) adoptHead(vmid int) {
	head := s.head
	s.begin(vmid, "", LocalTime{})
	b := &s.guests[s.cur]
	started := b.cause
	*b = head
	b.VMID = vmid
	if b.cause.reason == "" {
		b.cause = started
	}
}

// releaseLost closes a block that the limit of guests left no room for.
func (s *state) releaseLost(vmid int) bool {
	if s.lost == 0 || s.lost != vmid {
		return false
	}
	s.lost = 0
	return true
}

func shortText(text []byte) string {
	const longest = 32
	return string(bytes.ToValidUTF8(text[:min(len(text), longest)], nil))
}
