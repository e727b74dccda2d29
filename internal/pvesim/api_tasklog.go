package pvesim

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

func (c *Cluster) getTaskIndex(call *wire.Call) (wire.Answer, *wire.Error) {
	if _, err := vzdump.ParseUPID(call.Get("upid")); err != nil {
		return wire.Answer{}, wire.Invalid("upid", "unable to parse worker upid")
	}
	return wire.Answer{Data: []object{{"name": "log"}, {"name": "status"}}}, nil
}

// taskOf finds the task of a call that only looks at it.
func (c *Cluster) taskOf(call *wire.Call) (*task, *wire.Error) { return c.ownTask(call, "Sys.Audit") }

// ownTask finds the task of a call and checks that the caller started it or has a privilege on its node. The task is nil where the node has
// no log of it.
func (c *Cluster) ownTask(call *wire.Call, privilege string) (*task, *wire.Error) {
	upid, node := call.Get("upid"), call.Get("node")
	parsed, err := vzdump.ParseUPID(upid)
	if err != nil {
		return nil, wire.Invalid("upid", "unable to parse worker upid")
	}
	t := c.tasks[upid]
	if t != nil && t.node != node {
		t = nil
	}
	if owner := (&task{user: parsed.User}); !c.ownsTask(call.Who, owner) && !c.may(call, "/nodes/"+node, privilege) {
		return nil, wire.Forbidden("/nodes/" + node + ", " + privilege)
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
	data := object{
		"upid": t.upid, "node": t.node, "pid": t.pid, "pstart": t.pstart, "starttime": t.start, "type": t.kind, "id": t.id, "user": user,
		"status": "running",
	}
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
	parts := strings.SplitN(c.model.Version+".0", ".", 3)
	have, _ := strconv.Atoi(parts[0])
	haveMinor, _ := strconv.Atoi(strings.SplitN(parts[1], "-", 2)[0])
	return have > major || have == major && haveMinor >= minor
}
