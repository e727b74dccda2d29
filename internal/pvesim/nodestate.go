package pvesim

import "time"

// nodeState is what a node does, besides what the Model says of it.
type nodeState struct {
	node   *Node
	index  taskIndex
	forks  uint64
	boot   int64
	holder *backupRun   // of the global vzdump lock
	queue  []*backupRun // waiting for it
	daily  bool         // fillers are planned
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
		if n.Fillers > 0 && !state.daily {
			state.daily = true
			c.scheduleFiller(n.Name, 0)
		}
	}
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
