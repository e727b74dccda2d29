package pvesim

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// nodeState is what a node does, besides what the Model says of it.
type nodeState struct {
	node   *Node
	index  taskIndex
	forks  uint64
	boot   int64
	holder *backupRun   // of the global vzdump lock
	queue  []*backupRun // waiting for it
	works  []*work      // other tasks that go on
	daily  bool         // fillers are planned
	down   bool
	// unnoticed are tasks that ended while nobody could write it down.
	unnoticed []*task
}

// syncNodes gives every node of the model its state.
func (c *Cluster) syncNodes() {
	for _, n := range c.model.Nodes {
		state := c.nodes[n.Name]
		if state == nil {
			state = &nodeState{boot: c.at - 40*86400 - int64(hash(c.options.Seed, hashText(n.Name))%(60*86400))}
			c.nodes[n.Name] = state
		}
		state.node = n
		if n.Zone == nil {
			n.Zone = time.UTC
		}
		if n.Offline != state.down {
			state.down = n.Offline
			if n.Offline {
				c.powerFailure(state)
			} else {
				c.bootNode(state)
			}
		}
		if n.Fillers > 0 && !state.daily {
			state.daily = true
			c.scheduleFiller(n.Name, 0)
		}
	}
}

// powerFailure ends everything that runs on a node, without last words.
func (c *Cluster) powerFailure(state *nodeState) {
	waiting := state.queue
	state.queue = nil
	for _, run := range waiting {
		c.abort(run, runlog.Crashed)
		c.over(run)
	}
	if state.holder != nil {
		c.stop(state.holder, true)
	}
	c.crashWorks(state)
	c.crashGuests(state.node.Name)
}

// bootNode brings a node up again: what died with it is noticed half a minute later.
func (c *Cluster) bootNode(state *nodeState) {
	state.boot = c.at
	died := state.unnoticed
	state.unnoticed = nil
	c.schedule(c.at+30, func() {
		for _, t := range died {
			c.archiveTask(t)
		}
	})
}

// fillerKinds are the tasks that fill a node's index besides backups.
var fillerKinds = [...]string{"vncproxy", "aptupdate", "qmstart", "vzstart", "imgdel", "srvreload"}

// scheduleFiller plans the nth of a node's short tasks of other kinds.
func (c *Cluster) scheduleFiller(node string, n uint64) {
	model := c.nodes[node].node
	if model.Fillers <= 0 {
		c.nodes[node].daily = false
		return
	}
	h := hash(c.options.Seed, hashText(node), n, 77)
	step := int64(86400 / float64(model.Fillers) * between(h, 0.5, 1.5))
	c.schedule(c.at+max(step, 1), func() {
		if !model.Offline {
			kind := fillerKinds[h%uint64(len(fillerKinds))]
			id := ""
			if kind != "aptupdate" && kind != "srvreload" {
				id = "100"
			}
			t := c.newTask(node, kind, id, "root@pam")
			c.endTask(t, "OK", int64(h>>8%3))
		}
		c.scheduleFiller(node, n+1)
	})
}
