package pvesim

import (
	"slices"
	"strconv"
	"strings"
)

// drop takes an id out of a list of ids in the job's options.
func (j *Job) drop(option string, vmid int) {
	ids := listed(j.Options[option])
	if i := slices.Index(ids, vmid); i >= 0 {
		ids = slices.Delete(ids, i, i+1)
		words := make([]string, len(ids))
		for k, id := range ids {
			words[k] = strconv.Itoa(id)
		}
		j.Options[option] = strings.Join(words, ",")
	}
}

// LoseTaskIndex empties a node's list of tasks, archive and active list, as a restored system disk does. Running tasks go on, unlisted.
func (m *Model) LoseTaskIndex(node string) {
	if state := m.cluster.nodes[node]; state != nil {
		state.index = taskIndex{}
	}
}

// ListTwice makes a node list a task twice from now on.
func (m *Model) ListTwice(upid string) {
	if t := m.cluster.tasks[upid]; t != nil {
		index := &m.cluster.nodes[t.node].index
		if index.twice == nil {
			index.twice = map[string]bool{}
		}
		index.twice[upid] = true
	}
}

// EmptyLog empties a task's log file.
func (m *Model) EmptyLog(upid string) { m.setLog(upid, logEmpty) }

// RemoveLog removes a task's log file.
func (m *Model) RemoveLog(upid string) { m.setLog(upid, logGone) }

func (m *Model) setLog(upid string, state logState) {
	if t := m.cluster.tasks[upid]; t != nil {
		t.log = state
	}
}

// Tasks returns the UPIDs of a node's archived tasks of a kind, newest first; an empty kind is any.
func (m *Model) Tasks(node, kind string) []string {
	var list []string
	m.cluster.nodes[node].index.newestFirst(func(t *task) bool {
		if kind == "" || t.kind == kind {
			list = append(list, t.upid)
		}
		return true
	})
	return list
}

// Log returns a task's log as far as it has come; nil for an unknown task.
func (m *Model) Log(upid string) []byte {
	if t := m.cluster.tasks[upid]; t != nil {
		return t.text(m.cluster.at)
	}
	return nil
}

// TaskStatus returns the status of a task that is over, as PVE reads it from its log; empty while it runs.
func (m *Model) TaskStatus(upid string) string {
	if t := m.cluster.tasks[upid]; t != nil {
		return t.status
	}
	return ""
}
