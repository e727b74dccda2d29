package pve

import (
	"context"
	"net/url"
	"strconv"
	"strings"
)

// Task is one task of a node.
type Task struct {
	UPID string
	Node string
	Type string // vzdump, qmrestore, prunebackups, ...
	// ID is what the task is about. For vzdump it is the guest's id when the task backs up exactly one guest of its node, else empty.
	ID      string
	User    string // user@realm
	TokenID string // the token's name, without the user, if a token started the task
	// Status is the exit status: OK, "WARNINGS: 2", or an error's text. It is empty while the task runs.
	Status string
	Start  int64 // Unix seconds
	// End is when the task was seen to have ended, in Unix seconds; 0 while it runs, and from TaskStatus, which does not say. After a crash
	// it is the time of the next start, not of the crash.
	End int64
}

// Running reports that the task has not ended.
func (t Task) Running() bool { return t.Status == "" && t.End == 0 }

// Sources of a node's task list.
const (
	TasksArchive = "archive" // those that have ended
	TasksActive  = "active"  // those that run, and a few that have just ended
	TasksAll     = "all"
)

// allTasks is more than a node keeps: its index files hold up to about 1800 tasks.
const allTasks = 5000

// TaskQuery selects tasks of a node.
type TaskQuery struct {
	Since, Until int64  // bounds of the start, inclusive, in Unix seconds; 0 for none
	Type         string // exact, such as vzdump; empty for all
	Source       string // TasksArchive, TasksActive or TasksAll; empty for TasksArchive
	Start, Limit int    // a page; a Limit of 0 is everything
}

// NodeTasks lists a node's tasks, newest end first, running ones before them (GET /nodes/{node}/tasks), and returns how many match in all.
// Without Sys.Audit on /nodes/{node} only the token's own tasks are listed, and nothing says so.
func (c *Client) NodeTasks(ctx context.Context, node string, query TaskQuery) ([]Task, int, error) {
	tasks, ask, err := fetchRows(ctx, c, query.values(), readTask, "/nodes/{node}/tasks", node)
	if err != nil {
		return nil, 0, err
	}
	// The total is left out when it is 0.
	return distinct(tasks), int(ask.total.Or(0)), nil
}

func (q TaskQuery) values() url.Values {
	v := url.Values{"limit": {strconv.Itoa(allTasks)}} // a limit of 0 would list nothing
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	setPositive(v, "start", int64(q.Start))
	setPositive(v, "since", q.Since)
	setPositive(v, "until", q.Until)
	if q.Type != "" {
		v.Set("typefilter", q.Type)
	}
	if q.Source != "" {
		v.Set("source", q.Source)
	}
	return v
}

func setPositive(v url.Values, name string, value int64) {
	if value > 0 {
		v.Set(name, strconv.FormatInt(value, 10))
	}
}

// ClusterTasks lists what all nodes run now and have ended last, at most about 25 tasks of a node, of any type (GET /cluster/tasks): good
// for what runs now, not for history. It needs Sys.Audit on /, and otherwise lists only the token's own.
func (c *Client) ClusterTasks(ctx context.Context) ([]Task, error) {
	tasks, _, err := fetchRows(ctx, c, nil, readTask, "/cluster/tasks")
	return distinct(tasks), err
}

// TaskStatus asks for one task (GET /nodes/{node}/tasks/{upid}/status). Once its log was cleaned up, [IsNotFound] is true of the error.
func (c *Client) TaskStatus(ctx context.Context, node, upid string) (Task, error) {
	return fetchObject(ctx, c, nil, readTaskStatus, "/nodes/{node}/tasks/{upid}/status", node, upid)
}

func readTask(r *record) Task {
	t := Task{
		UPID: r.required("upid"), Node: r.text("node"), Type: r.text("type"), ID: r.text("id"), User: r.text("user"), TokenID: r.text("tokenid"),
		Status: r.text("status"), Start: r.count("starttime"), End: r.count("endtime"),
	}
	if t.Status == "RUNNING" {
		t.Status = ""
	}
	// Tasks that run list a token as user@realm!name, ended ones apart.
	if user, token, ok := strings.Cut(t.User, "!"); ok {
		t.User = user
		if t.TokenID == "" {
			t.TokenID = token
		}
	}
	return t
}

// readTaskStatus reads a task whose "status" is running or stopped, and whose result is elsewhere.
func readTaskStatus(r *record) Task {
	t := readTask(r)
	t.Status = r.text("exitstatus")
	if t.Status == "" && r.text("status") == "stopped" {
		t.Status = "unexpected status" // what Proxmox VE itself says of a log that just ends
	}
	return t
}

// distinct drops a task that is listed twice, which happens while it moves from the active list to the archive, and keeps the ended one.
func distinct(tasks []Task) []Task {
	seen := make(map[string]int, len(tasks))
	out := tasks[:0]
	for _, t := range tasks {
		at, twice := seen[t.UPID]
		switch {
		case !twice:
			seen[t.UPID] = len(out)
			out = append(out, t)
		case out[at].Running():
			out[at] = t
		}
	}
	return out
}
