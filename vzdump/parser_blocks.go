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
func (s *state) settle(next level, message []byte) {
	sus := s.suspect
	if sus.kind == suspectFailure && next == levelError && s.continuing {
		return // the message goes on
	}
	s.suspect = suspect{}
	switch {
	case next == levelError && sus.kind == suspectStart && failsGuest(message, sus.vmid): // no hook script can print this
		s.begin(sus.vmid, sus.text, sus.start)
		return
	case next != levelInfo:
		return
	}
	switch sus.kind {
	case suspectStart:
		if slices.ContainsFunc(confirmations, func(each string) bool { return hasPrefix(message, each) }) {
			s.begin(sus.vmid, sus.text, sus.start)
		}
	case suspectFailure:
		if hasPrefix(message, "Failed at ") {
			s.failUnbegun(sus.vmid)
		}
	}
}

// failsGuest reports whether a line of level ERROR is the failure of that guest.
func failsGuest(message []byte, vmid int) bool {
	if !hasPrefix(message, "Backup of VM ") {
		return false
	}
	failed, _, ok := vmidBefore(message[len("Backup of VM "):], " failed - ")
	return ok && failed == vmid
}

// starting reads "Starting Backup of VM N (type)".
func (s *state) starting(rest []byte) {
	vmid, kind, ok := vmidBefore(rest, " (")
	if !ok || len(kind) < 2 || kind[len(kind)-1] != ')' {
		return
	}
	kind = kind[:len(kind)-1]
	start, _ := parseLocalTime(s.stamp)
	switch {
	case s.lost == 0 && (s.cur == nil || !s.cur.mayGoOn()):
		s.begin(vmid, guestType(kind), start)
	case s.cur == nil || s.cur.VMID != vmid || len(s.stamp) > 0: // in one task, a guest that is open already cannot start again
		s.suspect = suspect{kind: suspectStart, vmid: vmid, text: guestType(kind), start: start}
	}
}

// begin opens the block of a guest.
func (s *state) begin(vmid int, kind string, start LocalTime) {
	s.head = block{}
	s.ending, s.jobError = endingNone, ""
	if len(s.guests) == maxGuests {
		s.dropped++
		s.cur, s.lost = nil, vmid
		return
	}
	b := &block{Guest: Guest{VMID: vmid, Type: kind, Started: start}}
	if kind == "" {
		b.cause = s.between // it failed before it began: what went wrong stands before its only line
	}
	s.between = evidence{}
	s.guests = append(s.guests, b)
	s.cur, s.lost = b, 0
}

// failUnbegun is the whole block of a guest that failed before its backup began.
func (s *state) failUnbegun(vmid int) {
	s.begin(vmid, "", LocalTime{})
	if s.cur == nil {
		s.lost, s.continuing = 0, false
		return
	}
	s.fail()
}

// depth is how many blocks back an end is looked for: vzdump's blocks never nest, only imitations do.
const depth = 16

func (s *state) recent() []*block { return s.guests[max(0, len(s.guests)-depth):] }

// seek makes the block of a guest current that may still end, and reports whether there is one. Blocks after it began inside of it, so
// they were not vzdump's.
func (s *state) seek(vmid int) bool {
	wanted := func(b *block) bool { return b.VMID == vmid && b.mayGoOn() }
	if s.cur != nil && s.cur.VMID == vmid {
		wanted = func(b *block) bool { return b == s.cur }
	}
	after := len(s.guests)
	for _, b := range slices.Backward(s.recent()) {
		if wanted(b) {
			clear(s.guests[after:])
			s.guests, s.cur, s.lost = s.guests[:after], b, 0
			return true
		}
		after--
	}
	return false
}

// leave goes back to the block around the current one, if there is one that has not ended.
func (s *state) leave() {
	passed := false
	for _, b := range slices.Backward(s.recent()) {
		if passed && !b.ended {
			s.cur = b
			return
		}
		passed = passed || b == s.cur
	}
}

// adoptHead gives the facts of a block whose beginning is missing to the guest that the block's end names.
func (s *state) adoptHead(vmid int) {
	head := s.head
	s.begin(vmid, "", LocalTime{})
	head.VMID = vmid
	*s.cur = head
}

// releaseLost closes a block that the limit of guests left no room for.
func (s *state) releaseLost(vmid int) bool {
	if s.lost == 0 || s.lost != vmid {
		return false
	}
	s.lost = 0
	return true
}

func guestType(text []byte) string {
	for _, known := range []string{"qemu", "lxc", "openvz"} {
		if string(text) == known {
			return known
		}
	}
	const longest = 32
	return string(bytes.ToValidUTF8(text[:min(len(text), longest)], nil))
}
