package pvesim

import (
	"strconv"
	"strings"
)

// apply changes the configuration by the rules of the guest's kind. What a running guest does not take waits for its restart; what is set to
// its present value no longer waits.
func (g *Guest) apply(e guestEdit) {
	if g.Pending == nil {
		g.Pending = map[string]string{}
	}
	for _, key := range e.revert {
		delete(g.Pending, key)
	}
	for _, key := range e.remove {
		if _, exists := g.Config[key]; exists {
			g.Pending[key] = ""
		} else {
			delete(g.Pending, key)
		}
	}
	for key, value := range e.set {
		g.Pending[key] = value
	}
	for key, value := range g.Pending {
		if g.status() != "running" || value == g.Config[key] || g.takes(key, value) {
			g.take(key, value)
		}
	}
}

// takes reports whether a key can change while the guest runs. A container's mount points cannot; a machine's disks can, but for some of
// their options.
func (g *Guest) takes(key, value string) bool {
	if g.Type == "qemu" && driveKey.MatchString(key) && value != "" {
		_, now := splitProperties(g.Config[key])
		_, then := splitProperties(value)
		for name := range strings.FieldsSeq(coldOptions) {
			if now[name] != then[name] {
				return false
			}
		}
		return true
	}
	known := guestKeyOf(g.Type, key)
	return known != nil && known.hot && formatOf(g.Type, key) == nil
}

// take makes a waiting change true.
func (g *Guest) take(key, value string) {
	delete(g.Pending, key)
	if value == "" {
		delete(g.Config, key)
		return
	}
	g.Config[key] = value
}

// Restart stops a guest and starts it again, with a task: what waited in its configuration becomes true. A stopped guest is started.
func (m *Model) Restart(vmid int, user string) {
	g := m.Guests[vmid]
	if g == nil {
		return
	}
	action := "reboot"
	if g.Stopped {
		action = "start"
	}
	g.Stopped = false
	for key, value := range g.Pending {
		g.take(key, value)
	}
	m.Task(g.Node, kindPrefix(g)+action, strconv.Itoa(vmid), user, "OK")
}
