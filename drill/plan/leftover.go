package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Entry is a line of the journal: a restore that was about to be asked for. It is written before the call, so that no guest is ever made that
// nothing knows of.
type Entry struct {
	Run     string `json:"run"`
	Cluster string `json:"cluster"`
	Node    string `json:"node"`
	Kind    string `json:"kind"` // qemu or lxc
	VMID    int    `json:"vmid"` // the scratch guest's
	Archive string `json:"archive"`
	Source  string `json:"source"`         // qemu/100
	Token   string `json:"token"`          // user@realm!name
	Started int64  `json:"started"`        // Unix seconds
	Task    string `json:"task,omitempty"` // UPID of the restore, once it is known
}

// Found is a guest that has one of the ids that are kept for scratch guests.
type Found struct {
	VMID        int
	Kind        string
	Description string
	Described   bool // the configuration could be read, and Description is what it says
}

// Evidence is what is known about how a guest came to be.
type Evidence struct {
	First, Last int     // the range of ids kept for scratch guests
	Entries     []Entry // of the journal, those of the cluster
	// Tasks are those of the node of the journal's entry, since its start, with this guest's id. Complete tells that the token may see all.
	Tasks    []pve.Task
	Complete bool
	Now      int64 // Unix seconds
}

// Verdict says whether a guest may be removed.
type Verdict struct {
	Remove bool
	Busy   bool   // another machine may be at it: nothing should be restored beside it
	Why    string // a clause that follows the guest's name
}

// Judge decides whether a guest is the leftover of a drill. It is removed only if its id is in the range, and either its description carries
// the mark of a run that is over, or the journal names it and the task that made it is the restore of that entry.
func Judge(guest Found, evidence Evidence) Verdict {
	if guest.VMID < evidence.First || guest.VMID > evidence.Last {
		return Verdict{Why: fmt.Sprintf("is outside of %d-%d, the ids kept for scratch guests", evidence.First, evidence.Last)}
	}
	at := slices.IndexFunc(evidence.Entries, func(entry Entry) bool { return entry.VMID == guest.VMID && entry.Kind == guest.Kind })
	if mark, marked := FindMark(guest.Description); marked && guest.Described {
		switch {
		case slices.ContainsFunc(evidence.Entries, func(entry Entry) bool { return entry.Run == mark.Run }):
			return Verdict{Remove: true, Why: "carries the mark of a drill of this machine that did not end"}
		case mark.Until < evidence.Now:
			return Verdict{Remove: true, Why: "carries the mark of a drill whose time is over"}
		}
		return Verdict{Busy: true, Why: "carries the mark of a drill that another machine may be at"}
	}
	if at < 0 {
		return Verdict{Why: "carries no mark of a drill, and the journal does not name it"}
	}
	return made(evidence.Entries[at], evidence)
}

// Skew is how far the clocks of a node and of this machine may be apart, in seconds.
const Skew = 300

// making are the tasks after which there is a guest where there was none, or another one.
var making = []string{"qmrestore", "qmcreate", "qmclone", "qmigrate", "vzrestore", "vzcreate", "vzclone", "vzmigrate"}

// made decides by the tasks of the node whether the guest without a mark is what the journal's entry was about to make.
func made(entry Entry, evidence Evidence) Verdict {
	if !evidence.Complete {
		return Verdict{Why: fmt.Sprintf("is named in the journal, but carries no mark, and without Sys.Audit on /nodes/%s nobody knows who made it", entry.Node)}
	}
	var newest pve.Task
	for _, task := range evidence.Tasks {
		if slices.Contains(making, task.Type) && task.ID == fmt.Sprint(entry.VMID) && task.Start >= newest.Start {
			newest = task
		}
	}
	switch {
	case newest.UPID == "":
		return Verdict{Why: "is named in the journal, but carries no mark, and no restore of this time is known"}
	case !Makes(entry, newest):
		return Verdict{Why: fmt.Sprintf("is named in the journal, but was made by another task since: %s", newest.UPID)}
	}
	return Verdict{Remove: true, Why: "was restored by a drill that ended before it could mark it"}
}

// Makes reports whether a task is the restore of an entry of the journal: by its UPID where it is known, else by its token and time.
func Makes(entry Entry, task pve.Task) bool {
	return task.Type == restoreTask(entry.Kind) && task.ID == fmt.Sprint(entry.VMID) && Ours(entry, task) && task.Start >= entry.Started-Skew &&
		(entry.Task == "" || entry.Task == task.UPID)
}

// Ours reports whether a task was started with the token of an entry. The user of a task that runs is told with the token's name.
func Ours(entry Entry, task pve.Task) bool {
	user, token, _ := strings.Cut(entry.Token, "!")
	return task.User == user && task.TokenID == token || task.User == entry.Token
}

func restoreTask(kind string) string {
	if kind == Container {
		return "vzrestore"
	}
	return "qmrestore"
}
