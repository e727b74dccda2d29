// Package explain says what a vzdump task log means: as text for people, and as JSON for programs.
//
// It renders a [vzdump.Report] and nothing else: it reads no log, asks no cluster and guesses nothing that the log does not state. What a
// failure means, how to confirm it, what to do and what prevents it hang on its reason alone, see [Of].
package explain

import (
	"strconv"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Answer is a report with what is known of where it comes from.
type Answer struct {
	vzdump.Report
	// Task is the task whose log was read; zero for a file and for standard input.
	Task Task
	// Guest is the guest that was asked for; nil where all guests of the log are wanted.
	Guest *Guest
	// Zone is in which zone moments are shown as text; nil is UTC.
	Zone *time.Location
}

// Task names a task of a cluster.
type Task struct {
	Cluster, Node, UPID string
	Started             int64 // Unix seconds
}

// Guest is a guest that was asked for, with what was found of it.
type Guest struct {
	VMID int
	Type string // qemu or lxc; empty for a guest that is in no inventory
	Name string
	Node string // where it lives now
	// Attempts are the newest backups of it that a node still knows, newest first.
	Attempts []Attempt
	// NotAsked are the nodes that could not be asked for their tasks: newer attempts may be there.
	NotAsked []string
}

// Attempt is one backup of one guest, by what its task's log says.
type Attempt struct {
	Task
	Storage   string // where to; empty when the log does not say
	Result    vzdump.GuestResult
	Reason    vzdump.Reason
	Explained bool // its log is the one that the answer explains
}

// ID is the guest's id as the metrics write it, qemu/104, or its number where the type is not known.
func (g Guest) ID() string {
	if g.Type == "" {
		return strconv.Itoa(g.VMID)
	}
	return g.Type + "/" + strconv.Itoa(g.VMID)
}

// shown returns the guests that the answer is about.
func (a Answer) shown() []vzdump.Guest {
	if a.Guest == nil {
		return a.Guests
	}
	var guests []vzdump.Guest
	for _, guest := range a.Guests {
		if guest.VMID == a.Guest.VMID {
			guests = append(guests, guest)
		}
	}
	return guests
}

// place is where the job as a whole ran, for the commands of a diagnosis.
func (a Answer) place() Place {
	return Place{Storage: StorageOf(a.Report), Node: a.Task.Node, UPID: a.Task.UPID}
}

// placeOf is where a guest's backup ran.
func (a Answer) placeOf(guest vzdump.Guest) Place {
	place := a.place()
	place.VMID, place.Type = guest.VMID, guest.Type
	if place.Type == "" && a.Guest != nil && a.Guest.VMID == guest.VMID {
		place.Type = a.Guest.Type
	}
	return place
}

// StorageOf returns the storage that a log's command line names; empty when it names none.
func StorageOf(report vzdump.Report) string {
	line, err := vzdump.ParseCommandLine(report.Command)
	if err != nil {
		return ""
	}
	return line.Options["storage"]
}
