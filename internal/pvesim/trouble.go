package pvesim

import "time"

// Trouble gives a task about a guest another course than success: a restore, a creation, a start, a stop, a removal. Or it lets the task
// succeed and a guest that was started not come up. Each field of the first group that is set must match; of several that match the one added last
// decides, and one that orders nothing stands for success. For backups see [Rule].
type Trouble struct {
	VMID  int
	Task  string // its type: qmrestore, vzrestore, vzcreate, qmstart, vzstart, qmstop, vzstop, qmdestroy, vzdestroy, ...; empty for any
	Node  string
	Times int // only so many; 0 for all

	// Fails makes the task fail with this reason.
	Fails string
	// NodeFails takes the node's power in the midst of the task.
	NodeFails bool
	// After is when either happens, as a share of the task's duration between 0 and 1; 0 for two thirds.
	After    float64
	Duration float64 // factor; 0 for 1

	// The rest is for tasks that start a guest.

	// NeverBoots keeps the guest running without ever coming up: no agent answers, no address appears.
	NeverBoots bool
	// Dies makes the guest stop again instead of coming up.
	Dies bool
	// AgentSilent lets a virtual machine come up without its agent.
	AgentSilent bool
	// Boot is how long it takes to come up; 0 for twenty seconds of a virtual machine, three of a container.
	Boot time.Duration
}

// activeTrouble is a trouble with its counter.
type activeTrouble struct {
	Trouble
	used int
}

// AddTrouble puts a trouble to work for the tasks to come, and returns how to end it. It may be called inside Change.
func (m *Model) AddTrouble(t Trouble) (remove func()) {
	c, entry := m.cluster, &activeTrouble{Trouble: t}
	c.troublesOrdered = append(c.troublesOrdered, entry)
	return func() {
		for i, e := range c.troublesOrdered {
			if e == entry {
				c.troublesOrdered = append(c.troublesOrdered[:i:i], c.troublesOrdered[i+1:]...)
				return
			}
		}
	}
}

// troubleOf finds the trouble for a task that begins now, and counts it.
func (c *Cluster) troubleOf(t *task) *Trouble {
	for i := len(c.troublesOrdered) - 1; i >= 0; i-- {
		o := c.troublesOrdered[i]
		if o.VMID != 0 && decimal(o.VMID) != t.id || o.Task != "" && o.Task != t.kind || o.Node != "" && o.Node != t.node || o.Times > 0 && o.used >= o.Times {
			continue
		}
		o.used++
		t.trouble = &o.Trouble
		return t.trouble
	}
	return nil
}
