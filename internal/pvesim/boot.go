package pvesim

import "time"

// bootState is how a guest that was started through the API comes up.
type bootState struct {
	started int64         // Unix seconds; 0 for one that ran from the beginning
	needs   time.Duration // until it is up
	never   bool
	silent  bool // its agent does not answer
}

// started makes a guest run from now on, by what was ordered for its start; nil for nothing.
func (c *Cluster) started(g *Guest, t *Trouble) {
	for key, value := range g.Pending {
		g.take(key, value)
	}
	g.Stopped = false
	g.boot = bootState{started: c.at, needs: map[string]time.Duration{"qemu": 20 * time.Second, "lxc": 3 * time.Second}[g.Type]}
	if t == nil {
		return
	}
	g.boot.never, g.boot.silent = t.NeverBoots || t.Dies, t.AgentSilent
	if t.Boot > 0 {
		g.boot.needs = t.Boot
	}
	if began := c.at; t.Dies {
		c.schedule(c.at+int64(g.boot.needs.Seconds()), func() {
			if g.boot.started == began {
				c.change(func(*Model) { g.halt() })
			}
		})
	}
}

// halt is what is left of a guest that stopped.
func (g *Guest) halt() { g.Stopped, g.boot = true, bootState{} }

// up reports whether the system in the guest has come up.
func (c *Cluster) up(g *Guest) bool {
	return g.status() == "running" && !g.boot.never && c.at >= g.boot.started+int64(g.boot.needs.Seconds())
}

// uptime is for how many seconds a running guest has been on.
func (c *Cluster) uptime(g *Guest) int64 { return c.at - max(g.boot.started, c.nodes[g.Node].boot) }

// crashGuests stops what was started through the API on a node whose power failed, except for what starts with the node.
func (c *Cluster) crashGuests(node string) {
	for _, g := range c.model.Guests {
		if g.Node == node && g.boot.started > 0 && g.Config["onboot"] != "1" {
			g.halt()
		}
	}
}
