package pvesim

import "slices"

// selected is one guest of a job's selection and where it lives; an empty node stands for a guest that no longer exists.
type selected struct {
	vmid int
	node string
}

// selection is what a job picks at one moment.
type selection struct {
	guests []selected // by id
	all    bool       // the job takes all guests
}

// selectionCache keeps the selections of one revision of the model: all nodes ask for the same one at the same time.
type selectionCache struct {
	revision int
	byJob    map[string]*selection
}

// selection returns the job's guests by PVE's rules: ids as listed, the direct members of a pool, or all but the excluded ones. A job for
// one node leaves out the other nodes' guests unless it names them.
func (c *Cluster) selection(job *Job) *selection {
	if c.selected.revision != c.revision || c.selected.byJob == nil {
		c.selected = selectionCache{c.revision, map[string]*selection{}}
	}
	if s := c.selected.byJob[job.ID]; s != nil {
		return s
	}
	s := c.model.pick(job.Options)
	c.selected.byJob[job.ID] = s
	return s
}

// pick evaluates the selection in a job's options.
func (m *Model) pick(options map[string]string) *selection {
	s := &selection{}
	if ids := idList(options["vmid"]); len(ids) > 0 {
		for _, id := range ids {
			node := ""
			if g := m.Guests[id]; g != nil {
				node = g.Node
			}
			s.guests = append(s.guests, selected{id, node})
		}
		return s
	}
	pool, only := options["pool"], options["node"]
	s.all = pool == "" && (options["all"] == "1" || options["exclude"] != "")
	var excluded []int
	if s.all {
		excluded = idList(options["exclude"])
	}
	for _, g := range m.sortedGuests() {
		if (s.all || pool != "" && g.Pool == pool) && (only == "" || g.Node == only) && !slices.Contains(excluded, g.VMID) {
			s.guests = append(s.guests, selected{g.VMID, g.Node})
		}
	}
	return s
}

// on returns the ids that a node's task works through: its own guests and those that no longer exist.
func (s *selection) on(node string) []int {
	var ids []int
	for _, g := range s.guests {
		if g.node == node || g.node == "" {
			ids = append(ids, g.vmid)
		}
	}
	return ids
}

// elsewhere returns the ids that live on other nodes.
func (s *selection) elsewhere(node string) []int {
	var ids []int
	for _, g := range s.guests {
		if g.node != node && g.node != "" {
			ids = append(ids, g.vmid)
		}
	}
	return ids
}
