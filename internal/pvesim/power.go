package pvesim

import (
	"maps"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
)

// startGuest starts the task that starts a guest.
func (c *Cluster) startGuest(g *Guest, user string) string {
	s, w := &script{at: c.at}, &work{}
	s.pass(2)
	w.ends = func() string {
		switch {
		case g.Lock != "":
			return kindName(g.Type) + " is locked (" + g.Lock + ")"
		case g.status() == "running":
			return kindName(g.Type) + " " + decimal(g.VMID) + " already running"
		case g.Template():
			return "you can't start a " + strings.ToLower(kindName(g.Type)) + " if it's a template"
		}
		for _, v := range g.volumes() {
			if v.Kind != "volume" {
				continue
			}
			if text := c.model.refusal(storageOf(v.ID), g.Node); text != "" {
				return text
			}
		}
		c.started(g, w.task.trouble)
		return "OK"
	}
	return c.beginWork(g.Node, kindPrefix(g)+"start", decimal(g.VMID), user, s, w).upid
}

// stopGuest starts the task that switches a guest off.
func (c *Cluster) stopGuest(g *Guest, user string) string {
	s, w := &script{at: c.at}, &work{}
	s.pass(1)
	w.ends = func() string {
		if g.Lock != "" {
			return kindName(g.Type) + " is locked (" + g.Lock + ")"
		}
		g.halt()
		return "OK"
	}
	return c.beginWork(g.Node, kindPrefix(g)+"stop", decimal(g.VMID), user, s, w).upid
}

// shutDownGuest starts the task that asks the guest's system to shut down: one that has not come up does not listen, and is switched off
// after the timeout with force.
func (c *Cluster) shutDownGuest(g *Guest, user string, timeout int64, force bool) string {
	s, w := &script{at: c.at}, &work{}
	listens := c.up(g)
	switch {
	case listens || g.status() != "running":
		s.pass(min(5, timeout))
	default:
		s.pass(timeout)
	}
	w.ends = func() string {
		switch {
		case g.Lock != "":
			return kindName(g.Type) + " is locked (" + g.Lock + ")"
		case listens || force:
			g.halt()
			return "OK"
		case g.Type == "lxc":
			return "command 'lxc-stop -n " + decimal(g.VMID) + " --nokill --timeout " + decimal(int(timeout)) + "' failed: exit code 2"
		}
		return "VM quit/powerdown failed - got timeout"
	}
	return c.beginWork(g.Node, kindPrefix(g)+"shutdown", decimal(g.VMID), user, s, w).upid
}

// destroyGuest starts the task that removes a guest.
func (c *Cluster) destroyGuest(g *Guest, user string, purge bool) string {
	s, w := &script{at: c.at}, &work{}
	if g.status() == "running" {
		s.say("forced to stop CT " + decimal(g.VMID) + " before destroying!")
	}
	s.pass(2)
	if purge {
		s.say("purging " + kindName(g.Type) + " " + decimal(g.VMID) + " from related configurations..")
	}
	before := g.Lock
	w.ends = func() string {
		switch {
		case before != "" && before != "destroyed":
			return "VM is locked (" + before + ")"
		case g.Type == "qemu" && g.status() == "running":
			return "VM " + decimal(g.VMID) + " is running - destroy failed"
		}
		c.model.forget(g, purge)
		return "OK"
	}
	return c.beginWork(g.Node, kindPrefix(g)+"destroy", decimal(g.VMID), user, s, w).upid
}

// forget removes a guest and what belongs to it, grants on its path included; purge takes it out of jobs as well.
func (m *Model) forget(g *Guest, purge bool) {
	path := "/vms/" + decimal(g.VMID)
	delete(m.Guests, g.VMID)
	m.Access.Grants = slices.DeleteFunc(m.Access.Grants, func(g access.Grant) bool { return g.Path == path })
	delete(m.cluster.firewalls, "guest/"+decimal(g.VMID))
	m.cluster.release(g)
	for _, job := range m.Jobs {
		if purge {
			job.drop("vmid", g.VMID)
			job.drop("exclude", g.VMID)
		}
	}
}

// configText is the guest's configuration file as an archive holds it.
func configText(g *Guest) string {
	var b strings.Builder
	if text := g.Config["description"]; text != "" {
		for line := range strings.SplitSeq(text, "\n") {
			b.WriteString("#" + line + "\n")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(g.Config)) {
		if key != "description" {
			b.WriteString(key + ": " + g.Config[key] + "\n")
		}
	}
	if g.Type == "qemu" {
		for _, v := range g.volumes() {
			if v.Included {
				b.WriteString("#qmdump#map:" + v.Key + ":drive-" + v.Key + ":" + storageOf(v.ID) + ":raw:\n")
			}
		}
	}
	return b.String()
}
