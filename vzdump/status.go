package vzdump

import (
	"strconv"
	"strings"
)

// StatusKind is the class of a task's status.
type StatusKind int

// The classes of PVE::UPID, where a task without status is one that runs.
const (
	StatusRunning    StatusKind = iota // no status yet
	StatusOK                           // OK
	StatusWarnings                     // WARNINGS: n
	StatusError                        // the text of the error that ended the task
	StatusUnexpected                   // "unexpected status": the log ends without a TASK line
)

// Status is the status of a task as task lists and task status calls of the API give it.
type Status struct {
	Kind     StatusKind
	Warnings int    // the number of a StatusWarnings
	Text     string // as given, never empty but for a running task
}

// ParseStatus reads a task's status. Every text means something: what is no known status is the message of a failed task.
func ParseStatus(s string) Status {
	switch s {
	case "", "RUNNING":
		return Status{Kind: StatusRunning, Text: s}
	case "OK":
		return Status{Kind: StatusOK, Text: s}
	case "unexpected status":
		return Status{Kind: StatusUnexpected, Text: s}
	}
	if count, found := strings.CutPrefix(s, "WARNINGS: "); found {
		if n, err := strconv.ParseUint(count, 10, 31); err == nil {
			return Status{Kind: StatusWarnings, Warnings: int(n), Text: s}
		}
	}
	return Status{Kind: StatusError, Text: s}
}

// Ended reports whether the task no longer runs.
func (s Status) Ended() bool { return s.Kind != StatusRunning }

// Failed reports whether the task ended neither well nor with warnings only.
func (s Status) Failed() bool { return s.Kind == StatusError || s.Kind == StatusUnexpected }
