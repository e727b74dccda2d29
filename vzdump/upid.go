package vzdump

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// UPID is the id of a task of a Proxmox VE node, as PVE::UPID writes it:
//
//	UPID:node:pid:pstart:starttime:type:id:user:
//
// Ids of Proxmox Backup Server have one field more and are refused.
type UPID struct {
	Node         string // host name without domain
	PID          uint64 // process id of the worker
	ProcessStart uint64 // when the worker was forked, in clock ticks since the node booted
	Start        int64  // when the task began, in Unix seconds
	Type         string // vzdump, qmrestore, prunebackups, ...
	ID           string // what the task is about; of vzdump the guest's id, or empty for none and for several guests
	User         string // user@realm, or user@realm!token
}

// ParseUPID reads a task id as strictly as Proxmox VE does: the trailing colon belongs to it, numbers have 8 hexadecimal digits (the
// process start 8 or 9).
func ParseUPID(s string) (UPID, error) {
	u, err := parseUPID(s)
	if err != nil {
		return UPID{}, fmt.Errorf("task id %.100q: %w", s, err)
	}
	return u, nil
}

func parseUPID(s string) (UPID, error) {
	parts := strings.Split(s, ":")
	if parts[0] != "UPID" {
		return UPID{}, errors.New(`does not begin with "UPID:"`)
	}
	if len(parts) != 9 || parts[8] != "" {
		return UPID{}, errors.New("needs 7 fields, each closed by a colon")
	}
	u := UPID{Node: parts[1], Type: parts[5], ID: parts[6], User: parts[7]}
	if !isNodeName(u.Node) {
		return UPID{}, fmt.Errorf("node %.100q is not a host name", u.Node)
	}
	var err error
	if u.PID, err = upidNumber("pid", parts[2], 8); err != nil {
		return UPID{}, err
	}
	if u.ProcessStart, err = upidNumber("process start", parts[3], 9); err != nil {
		return UPID{}, err
	}
	start, err := upidNumber("start time", parts[4], 8)
	if err != nil {
		return UPID{}, err
	}
	u.Start = int64(start)
	if u.Type == "" || !isUPIDWord(u.Type) {
		return UPID{}, fmt.Errorf("type %.100q is not a word", u.Type)
	}
	if !isUPIDWord(u.ID) {
		return UPID{}, fmt.Errorf("id %.100q is not a word", u.ID)
	}
	if u.User == "" || !isUPIDWord(u.User) {
		return UPID{}, fmt.Errorf("user %.100q is not a word", u.User)
	}
	return u, nil
}

// String writes the task id in Proxmox VE's canonical form, with upper-case digits and the trailing colon.
func (u UPID) String() string {
	return fmt.Sprintf("UPID:%s:%08X:%08X:%08X:%s:%s:%s:", u.Node, u.PID, u.ProcessStart, u.Start, u.Type, u.ID, u.User)
}

// upidNumber reads a hexadecimal number of 8 to most digits.
func upidNumber(name, digits string, most int) (uint64, error) {
	n, err := strconv.ParseUint(digits, 16, 64)
	if err != nil || len(digits) < 8 || len(digits) > most {
		return 0, fmt.Errorf("%s %.100q is not a number of %d hexadecimal digits", name, digits, most)
	}
	return n, nil
}

func isNodeName(s string) bool {
	for i := range len(s) {
		alphanumeric := s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' || isDecimal(s[i])
		if !alphanumeric && (s[i] != '-' || i == 0 || i == len(s)-1) {
			return false
		}
	}
	return s != ""
}

// isUPIDWord reports whether s has neither blanks nor slashes. Colons cannot be in a field.
func isUPIDWord(s string) bool { return !strings.ContainsAny(s, "/ \t\n\v\f\r") }
