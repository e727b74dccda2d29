package pvesim

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// Rule gives backups another outcome than success, or another size or duration. Each field of the first group that is set must match; of
// several rules that match the one added last decides.
type Rule struct {
	VMID    int
	Job     string // its id; empty matches runs by hand as well
	Node    string
	Storage string
	From    time.Time // the guest's backup begins at this time or later
	Until   time.Time // or before this one
	Every   int       // only every so many matching backups, the first one included; 0 for all
	Times   int       // only so many; 0 for all

	Outcome  runlog.Outcome
	KeepLock bool    // a crash leaves the guest locked
	Size     float64 // factor of the archive's size; 0 for 1
	Duration float64 // factor of the duration; 0 for 1
	// Task makes the whole task fail with this text before any guest, as an unusable storage does.
	Task string
	// JobHookFails makes the hook script refuse the whole task.
	JobHookFails bool
	// LockTimeout makes a task that has to wait for the global lock give up.
	LockTimeout bool
	// Unpruned leaves the older archives where they are, without a word in the log.
	Unpruned bool
}

// activeRule is a rule with its counters.
type activeRule struct {
	Rule
	seen, used int
}

// AddRule puts a rule to work for the backups to come, and returns how to end it. It may be called inside Change.
func (m *Model) AddRule(r Rule) (remove func()) {
	c, entry := m.cluster, &activeRule{Rule: r}
	c.rules = append(c.rules, entry)
	return func() {
		for i, e := range c.rules {
			if e == entry {
				c.rules = append(c.rules[:i:i], c.rules[i+1:]...)
				return
			}
		}
	}
}

// ruleFor finds the rule for a guest's backup that begins now; vmid is 0 for a whole task.
func (c *Cluster) ruleFor(run *backupRun, vmid int, whole func(*Rule) bool) *Rule {
	for i := len(c.rules) - 1; i >= 0; i-- {
		r := c.rules[i]
		if whole(&r.Rule) && r.matches(run, vmid, c.at) {
			return &r.Rule
		}
	}
	return nil
}

// matches reports whether the rule is about a backup, and counts it if so.
func (r *activeRule) matches(run *backupRun, vmid int, now int64) bool {
	if r.VMID != 0 && r.VMID != vmid || r.Job != "" && r.Job != run.job || r.Node != "" && r.Node != run.task.node ||
		r.Storage != "" && r.Storage != run.options["storage"] ||
		!r.From.IsZero() && now < r.From.Unix() || !r.Until.IsZero() && now >= r.Until.Unix() {
		return false
	}
	r.seen++
	if r.Every > 1 && (r.seen-1)%r.Every != 0 || r.Times > 0 && r.used >= r.Times {
		return false
	}
	r.used++
	return true
}

// aboutTask tells rules for whole tasks from those for guests.
func aboutTask(r *Rule) bool { return r.Task != "" || r.JobHookFails || r.LockTimeout }

func aboutGuest(r *Rule) bool { return !aboutTask(r) }
