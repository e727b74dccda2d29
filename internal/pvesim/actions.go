package pvesim

import (
	"fmt"
	"maps"
	"strconv"
)

// The actions below change the model the way the API's own calls do: with a task in the node's index. For changes without a task, such as
// an edited configuration file, set the fields themselves.

// Task adds a finished task of any kind to a node, as if it had run for seconds until now. Status is "OK" or an error's text.
func (m *Model) Task(node, kind, id, user, status string, lines ...string) string {
	t := m.cluster.newTask(node, kind, id, user)
	t.lines = lines
	m.cluster.endTask(t, status, 0)
	return t.upid
}

// StartTask adds a task that runs until EndTask.
func (m *Model) StartTask(node, kind, id, user string, lines ...string) (upid string) {
	t := m.cluster.newTask(node, kind, id, user)
	t.lines = lines
	return t.upid
}

// EndTask ends a task of StartTask.
func (m *Model) EndTask(upid, status string) {
	if t := m.cluster.tasks[upid]; t != nil && t.running() && t.run == nil {
		m.cluster.endTask(t, status, 0)
	}
}

// kindPrefix is how the tasks of a guest's kind begin.
func kindPrefix(g *Guest) string {
	if g.Type == "lxc" {
		return "vz"
	}
	return "qm"
}

// Destroy removes a guest; purge takes its id out of jobs as well. Its archives stay.
func (m *Model) Destroy(vmid int, purge bool, user string) {
	g := m.Guests[vmid]
	if g == nil {
		return
	}
	m.forget(g, purge)
	var lines []string
	if purge {
		lines = append(lines, fmt.Sprintf("purging %s %d from related configurations..", kindName(g.Type), vmid))
	}
	m.Task(g.Node, kindPrefix(g)+"destroy", strconv.Itoa(vmid), user, "OK", lines...)
}

// Migrate moves a guest to another node.
func (m *Model) Migrate(vmid int, to, user string) {
	g := m.Guests[vmid]
	if g == nil || g.Node == to || m.Node(to) == nil {
		return
	}
	from := g.Node
	g.Node = to
	m.Task(from, map[string]string{"qemu": "qmigrate", "lxc": "vzmigrate"}[g.Type], strconv.Itoa(vmid), user, "OK",
		fmt.Sprintf("starting migration of %s %d to node '%s'", map[string]string{"qemu": "VM", "lxc": "CT"}[g.Type], vmid, to),
		"migration finished successfully (duration 00:00:42)")
}

// Restore makes a guest from an archive, under any id that is free on the cluster, on a node that can read the archive.
func (m *Model) Restore(a *Archive, vmid int, node, user string) *Guest {
	g := &Guest{VMID: vmid, Type: a.Type, Node: node, Stopped: true, Config: maps.Clone(m.contents(a).Config)}
	m.AddGuest(g)
	kind := map[string]string{"qemu": "qmrestore", "lxc": "vzrestore"}[a.Type]
	m.Task(node, kind, strconv.Itoa(vmid), user, "OK", "recovering backed-up configuration from '"+a.Volume()+"'",
		"restoring '"+a.Volume()+"' now..", "merging backed-up and given configuration..")
	return g
}

// Backup starts a vzdump task by hand, as "Backup now" does, and returns its UPID; empty where no guest of the selection is on the node.
// The options are those of a job.
func (m *Model) Backup(node string, options map[string]string, user string) (upid string) {
	sel := m.pick(options)
	local := sel.on(node)
	if len(local) == 0 && !sel.all {
		return ""
	}
	values := map[string]string{"node": node}
	for name, value := range options {
		values[name] = value
	}
	if values["storage"] == "" && values["dumpdir"] == "" {
		values["storage"] = "local"
	}
	run := m.cluster.startRun(node, "", values, local, func() []int { return sel.elsewhere(node) }, user)
	return run.task.upid
}

// Stop ends a running backup, or another task of the API, as a click on "Stop" does.
func (m *Model) Stop(upid string) {
	switch t := m.cluster.tasks[upid]; {
	case t == nil || !t.running():
	case t.run != nil:
		m.cluster.stop(t.run, false)
	case t.work != nil:
		m.cluster.interrupt(t.work)
	}
}

// Crash kills the backup that a node is working on, as a power failure does: its log just ends. The locks of guests stay with keepLock.
func (m *Model) Crash(node string, keepLock bool) {
	state := m.cluster.nodes[node]
	if state == nil || state.holder == nil {
		return
	}
	run := state.holder
	gr := run.open(m.cluster.at)
	m.cluster.stop(run, true)
	if gr != nil && keepLock && m.Guests[gr.VMID] != nil {
		m.Guests[gr.VMID].Lock = "backup"
	}
}

// RunningBackups returns the UPIDs of the vzdump tasks that a node has open, waiting ones included.
func (m *Model) RunningBackups(node string) []string {
	var list []string
	for _, t := range m.cluster.nodes[node].index.active {
		if t.kind == "vzdump" && t.running() {
			list = append(list, t.upid)
		}
	}
	return list
}
