package pvesim

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// taskEndpoints are the calls about a node's tasks.
func (c *Cluster) taskEndpoints() []wire.Endpoint {
	least := wire.Limit(0)
	upid := "/nodes/{node}/tasks/{upid}"
	return []wire.Endpoint{
		{Method: "GET", Template: "/nodes/{node}/tasks", OnNode: true, Handle: c.getTasks, Params: []wire.Param{
			{Name: "start", Kind: wire.Integer, Min: least}, {Name: "limit", Kind: wire.Integer, Min: least},
			{Name: "userfilter"}, {Name: "typefilter"}, vmidParam(false), {Name: "errors", Kind: wire.Boolean},
			{Name: "source", Values: []string{"archive", "active", "all"}}, {Name: "statusfilter", Check: checkStatusFilter},
			{Name: "since", Kind: wire.Integer}, {Name: "until", Kind: wire.Integer}}},
		{Method: "GET", Template: upid, OnNode: true, Handle: c.getTaskIndex},
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
	return taskRow{UPID: t.upid, Node: t.node, PID: t.pid, PStart: t.pstart, StartTime: t.start, Type: t.kind, ID: t.id, User: user, TokenID: token,
		EndTime: t.end, Status: t.status}
}

// activeRow shows a running task as a node's active list does: with the token left in the user.
func activeRow(t *task) taskRow {
	return taskRow{UPID: t.upid, Node: t.node, PID: t.pid, PStart: t.pstart, StartTime: t.start, Type: t.kind, ID: t.id, User: t.user,
		Status: "RUNNING", Saved: "0"}
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

func (c *Cluster) getTaskIndex(call *wire.Call) (wire.Answer, *wire.Error) {
	if _, err := vzdump.ParseUPID(call.Get("upid")); err != nil {
		return wire.Answer{}, wire.Invalid("upid", "unable to parse worker upid")
	}
	return wire.Answer{Data: []object{{"name": "log"}, {"name": "status"}}}, nil
}

// taskOf finds the task of a call and checks the caller's rights. The task is nil where the node has no log of it.
func (c *Cluster) taskOf(call *wire.Call) (*task, *wire.Error) {
	upid, node := call.Get("upid"), call.Get("node")
	parsed, err := vzdump.ParseUPID(upid)
	if err != nil {
		return nil, wire.Invalid("upid", "unable to parse worker upid")
	}
	t := c.tasks[upid]
	if t != nil && t.node != node {
		t = nil
	}
	if owner := (&task{user: parsed.User}); !c.ownsTask(call.Who, owner) && !c.may(call, "/nodes/"+node, "Sys.Audit") {
		return nil, wire.Forbidden("/nodes/" + node + ", Sys.Audit")
	}
	return t, nil
}

func (c *Cluster) getTaskStatus(call *wire.Call) (wire.Answer, *wire.Error) {
	t, failure := c.taskOf(call)
	if failure != nil {
		return wire.Answer{}, failure
	}
	if t == nil || t.log == logGone {
		return wire.Answer{}, wire.Invalid("upid", "no such task")
	}
	user, token := t.owner()
	data := object{"upid": t.upid, "node": t.node, "pid": t.pid, "pstart": t.pstart, "starttime": t.start, "type": t.kind, "id": t.id, "user": user,
		"status": "running"}
	if token != "" {
		data["tokenid"] = token
	}
	if !t.running() {
		data["status"], data["exitstatus"] = "stopped", t.status
	}
	return wire.Answer{Data: data}, nil
}

// logLine is one line of a log in JSON.
type logLine struct {
	N int     `json:"n"`
	T rawText `json:"t"`
}

// getTaskLog answers a log, by pages of JSON or as a file. A log that cannot be read is a line that says so.
func (c *Cluster) getTaskLog(call *wire.Call) (wire.Answer, *wire.Error) {
	t, failure := c.taskOf(call)
	if failure != nil {
		return wire.Answer{}, failure
	}
	if call.Bool("download") {
		return c.downloadLog(call, t)
	}
	var lines [][]byte
	switch {
	case t == nil || t.log == logGone:
		lines = [][]byte{[]byte("unable to open file - No such file or directory")}
	default:
		text := t.text(c.at)
		lines = bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
		if len(text) == 0 {
			lines = [][]byte{[]byte("no content")}
		}
	}
	start, limit := int(call.Int("start", 0)), int(call.Int("limit", 50))
	if limit == 0 && c.atLeast(7, 3) {
		limit = len(lines)
	}
	data := []logLine{}
	for i := start; i < len(lines) && len(data) < limit; i++ {
		data = append(data, logLine{i + 1, rawText(lines[i])})
	}
	return wire.Answer{Data: data, Total: len(lines)}, nil
}

// downloadLog answers a log as a file.
func (c *Cluster) downloadLog(call *wire.Call, t *task) (wire.Answer, *wire.Error) {
	if call.Has("start") || call.Has("limit") {
		return wire.Answer{}, wire.Failure("'download' cannot be used together with 'start' or 'limit' parameters")
	}
	if t == nil || t.log == logGone {
		return wire.Answer{}, wire.Failure("unable to open file '/var/log/pve/tasks/" + call.Get("upid") + "' - No such file or directory")
	}
	name := "task-" + t.node + "-" + t.kind + "-" + time.Unix(t.start, 0).UTC().Format("2006-01-02T15:04:05Z") + ".log"
	return wire.Answer{File: append([]byte{}, t.text(c.at)...), FileName: name}, nil
}

// logParams are the parameters of the log call; the download came with PVE 7.3.
func (c *Cluster) logParams() []wire.Param {
	params := []wire.Param{{Name: "start", Kind: wire.Integer, Min: wire.Limit(0)}, {Name: "limit", Kind: wire.Integer, Min: wire.Limit(0)}}
	if c.atLeast(7, 3) {
		params = append(params, wire.Param{Name: "download", Kind: wire.Boolean})
	}
	return params
}

// atLeast compares the cluster's version.
func (c *Cluster) atLeast(major, minor int) bool {
	parts := strings.SplitN(c.options.Version+".0", ".", 3)
	have, _ := strconv.Atoi(parts[0])
	haveMinor, _ := strconv.Atoi(strings.SplitN(parts[1], "-", 2)[0])
	return have > major || have == major && haveMinor >= minor
}
