package pvesim

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// taskEndpoints are the calls about a node's tasks.
func (c *Cluster) taskEndpoints() []wire.Endpoint {
	least := wire.Limit(0)
	upid := "/nodes/{node}/tasks/{upid}"
	return []wire.Endpoint{
		{Method: "GET", Template: "/nodes/{node}/tasks", OnNode: true, Handle: c.getTasks, Params: []wire.Param{
			{Name: "start", Kind: wire.Integer, Min: least},
			{Name: "limit", Kind: wire.Integer, Min: least},
			{Name: "userfilter"},
			{Name: "typefilter"},
			vmidParam(false),
			{Name: "errors", Kind: wire.Boolean},
			{Name: "source", Values: []string{"archive", "active", "all"}},
			{Name: "statusfilter", Check: checkStatusFilter},
			{Name: "since", Kind: wire.Integer},
			{Name: "until", Kind: wire.Integer},
		}},
		{Method: "GET", Template: upid, OnNode: true, Handle: c.getTaskIndex},
		{Method: "DELETE", Template: upid, OnNode: true, Protected: true, Handle: c.deleteTask},
		{Method: "GET", Template: upid + "/status", OnNode: true, Protected: true, Handle: c.getTaskStatus},
		{Method: "GET", Template: upid + "/log", OnNode: true, Protected: true, Handle: c.getTaskLog, Params: c.logParams()},
	}
}

// checkStatusFilter is PVE's format for lists of task states.
func checkStatusFilter(text string) error {
	for kind := range strings.SplitSeq(text, ",") {
		if !slices.Contains([]string{"ok", "error", "warning", "unknown"}, kind) {
			return textError("invalid task status type '" + kind + "'")
		}
	}
	return nil
}

// taskRow is a task in the lists. Which members are there depends on the list and on whether the task runs.
type taskRow struct {
	UPID      string `json:"upid"`
	Node      string `json:"node"`
	PID       uint32 `json:"pid,omitempty"`
	PStart    uint64 `json:"pstart,omitempty"`
	StartTime int64  `json:"starttime"`
	Type      string `json:"type"`
	ID        string `json:"id"`
	User      string `json:"user"`
	TokenID   string `json:"tokenid,omitempty"`
	EndTime   int64  `json:"endtime,omitempty"`
	Status    string `json:"status,omitempty"`
	Saved     any    `json:"saved,omitempty"`
}

// archivedRow shows a task as the archive does: with its token split off.
func archivedRow(t *task) taskRow {
	user, token := t.owner()
	return taskRow{
		UPID: t.upid, Node: t.node, PID: t.pid, PStart: t.pstart, StartTime: t.start, Type: t.kind, ID: t.id, User: user, TokenID: token,
		EndTime: t.end, Status: t.status,
	}
}

// activeRow shows a running task as a node's active list does: with the token left in the user.
func activeRow(t *task) taskRow {
	return taskRow{
		UPID: t.upid, Node: t.node, PID: t.pid, PStart: t.pstart, StartTime: t.start, Type: t.kind, ID: t.id, User: t.user,
		Status: "RUNNING", Saved: "0",
	}
}

// getTasks lists a node's tasks, running ones first. Without Sys.Audit a caller sees its own only, without being told.
func (c *Cluster) getTasks(call *wire.Call) (wire.Answer, *wire.Error) {
	node := call.Get("node")
	keep := c.taskFilter(call)
	start, limit := int(call.Int("start", 0)), int(call.Int("limit", 50))
	data, total := []taskRow{}, 0
	add := func(t *task, row func(*task) taskRow) {
		if !keep(t) {
			return
		}
		if total >= start && len(data) < limit {
			data = append(data, row(t))
		}
		total++
	}
	index, source := &c.nodes[node].index, call.Get("source")
	if source == "active" || source == "all" {
		for _, t := range index.active {
			if t.end == 0 {
				add(t, activeRow)
			}
		}
	}
	if source != "active" {
		index.newestFirst(func(t *task) bool {
			add(t, archivedRow)
			return true
		})
	}
	return wire.Answer{Data: data, Total: total}, nil
}

// taskFilter combines the caller's rights with the filters of a call.
func (c *Cluster) taskFilter(call *wire.Call) func(*task) bool {
	all := c.may(call, "/nodes/"+call.Get("node"), "Sys.Audit")
	kind, user, vmid := call.Get("typefilter"), strings.ToLower(call.Get("userfilter")), call.Get("vmid")
	failed, states := call.Bool("errors"), call.Get("statusfilter")
	since, until := call.Int("since", 0), call.Int("until", 0)
	return func(t *task) bool {
		switch {
		case !all && t.user != call.Who && !c.ownsTask(call.Who, t),
			kind != "" && t.kind != kind,
			vmid != "" && t.id != vmid,
			user != "" && !strings.Contains(strings.ToLower(t.user), user),
			since != 0 && t.start < since, until != 0 && t.start > until:
			return false
		case failed:
			return t.end != 0 && t.failed()
		case states != "":
			return slices.Contains(strings.Split(states, ","), t.statusKind())
		}
		return true
	}
}

// ownsTask reports whether a caller started the task: a token its own, a user also those of its tokens. A token with all of its user's
// rights counts as a token here.
func (c *Cluster) ownsTask(who string, t *task) bool {
	user, _ := t.owner()
	return who == t.user || who == user
}

// getClusterTasks merges what the nodes share of their active lists. A node that is down leaves its last list behind.
func (c *Cluster) getClusterTasks(call *wire.Call) (wire.Answer, *wire.Error) {
	all := c.may(call, "/", "Sys.Audit")
	data := []taskRow{}
	for _, node := range c.model.Nodes {
		for i, t := range c.nodes[node.Name].index.shared() {
			if !all && !c.ownsTask(call.Who, t) {
				continue
			}
			row := archivedRow(t)
			row.PStart, row.Saved = 0, "1"
			switch {
			case t.end == 0:
				row.Status, row.Saved = "", "0"
			case i == 0: // written by the call that saved it, and not yet read back
				row.Saved = 1
			}
			if t.end != 0 {
				row.PID = 0
			}
			data = append(data, row)
			if c.nodes[node.Name].index.twice[t.upid] {
				data = append(data, row)
			}
		}
	}
	return wire.Answer{Data: data}, nil
}

// deleteTask stops a task that runs; for one that is over there is nothing to do.
func (c *Cluster) deleteTask(call *wire.Call) (wire.Answer, *wire.Error) {
	t, failure := c.ownTask(call, "Sys.Modify")
	if failure == nil && t != nil {
		c.model.Stop(t.upid)
	}
	return wire.Answer{}, failure
}
