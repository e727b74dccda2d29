package pvesim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
)

// row is a task in any of the lists.
type row struct {
	UPID, Node, Type, ID, User, TokenID, Status string
	PID, PStart                                 int64
	StartTime, EndTime                          int64
	Saved                                       any
}

// list asks for a list of tasks as root.
func list(t *testing.T, client *http.Client, base, path string) (rows []row, total int) {
	t.Helper()
	var answer struct {
		Data  []row
		Total int
	}
	if err := json.Unmarshal(get(t, client, base, path, "root@pam!t", "s"), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data, answer.Total
}

// busy is the workbench with a token of root and so many short tasks on pve1, one a minute.
func busy(t *testing.T, tasks int) (*pvesim.Cluster, *pvesim.Clock) {
	t.Helper()
	c, clock := workbench(t)
	c.Change(func(m *pvesim.Model) { m.Access.Tokens["root@pam!t"] = &access.Token{Secret: "s", FullRights: true} })
	for i := range tasks {
		c.Change(func(m *pvesim.Model) { m.Task("pve1", "qmstart", fmt.Sprint(100+i%4), "root@pam", "OK") })
		clock.Advance(time.Minute)
	}
	return c, clock
}

func TestIndexRotatesByItsSize(t *testing.T) {
	c, clock := busy(t, 0)
	var first string
	var last, lines int
	for lines = 0; lines < 3000; lines++ {
		c.Change(func(m *pvesim.Model) {
			upid := m.Task("pve1", "qmstart", "100", "root@pam", "OK")
			if first == "" {
				first = upid
			}
		})
		clock.Advance(time.Minute)
		var now int
		c.Change(func(m *pvesim.Model) { now = len(m.Tasks("pve1", "")) })
		if now < last {
			break
		}
		last = now
	}
	// A line is the UPID of 58 bytes, a blank, eight digits, a blank, the status and a newline: 71 here. The first file turns over with
	// its 705th line, and what is in it is lost with the second turn.
	if last != 2*705-1 || lines != 2*705-1 {
		t.Errorf("the list fell from %d tasks after %d", last, lines+1)
	}
	c.Change(func(m *pvesim.Model) {
		if m.Log(first) != nil || slices.Contains(m.Tasks("pve1", ""), first) {
			t.Error("the oldest task must be gone")
		}
	})
}

func TestActiveListIsShort(t *testing.T) {
	c, clock := busy(t, 60)
	client, base := serve(t, c, "pve1")
	var running string
	c.Change(func(m *pvesim.Model) { running = m.StartTask("pve1", "qmigrate", "100", "root@pam!t") })
	clock.Advance(time.Minute)
	rows, _ := list(t, client, base, "/cluster/tasks")
	if len(rows) != 25 {
		t.Fatalf("%d tasks of one node", len(rows))
	}
	if r := rows[0]; r.UPID != running || r.EndTime != 0 || r.Status != "" || r.TokenID != "t" || r.User != "root@pam" || r.PID == 0 || r.PStart != 0 || r.Saved != "0" {
		t.Errorf("the running task comes first, split and without an end: %+v", r)
	}
	if r := rows[1]; r.EndTime == 0 || r.Status != "OK" || r.PID != 0 || r.Saved != "1" {
		t.Errorf("a finished one: %+v", r)
	}
	c.Change(func(m *pvesim.Model) { m.EndTask(running, "migration aborted") })
	if rows, _ := list(t, client, base, "/cluster/tasks"); rows[0].Status != "migration aborted" {
		t.Errorf("after its end: %+v", rows[0])
	}
}

func TestTaskLists(t *testing.T) {
	c, clock := busy(t, 60)
	client, base := serve(t, c, "pve1")
	var upid, active string
	c.Change(func(m *pvesim.Model) {
		upid = m.Task("pve1", "imgdel", "101@nas", "mon@pve!x", "cannot remove it")
		m.Task("pve1", "aptupdate", "", "root@pam", "WARNINGS: 2")
		active = m.StartTask("pve1", "vzmigrate", "102", "root@pam!t")
	})
	tests := []struct {
		query       string
		rows, total int
		first       string
	}{
		{"", 50, 62, ""},
		{"?limit=0", 0, 62, ""},
		{"?limit=5", 5, 62, ""},
		{"?start=60", 2, 62, ""},
		{"?start=600", 0, 62, ""},
		{"?source=active", 1, 1, active},
		{"?source=all", 50, 63, active},
		{"?source=all&typefilter=vzmigrate", 1, 1, active},
		{"?typefilter=imgdel", 1, 1, upid},
		{"?typefilter=img", 0, 0, ""},
		{"?errors=1", 1, 1, upid},
		{"?statusfilter=warning", 1, 1, ""},
		{"?statusfilter=error,warning", 2, 2, ""},
		{"?statusfilter=ok&limit=1", 1, 60, ""},
		{"?statusfilter=unknown&source=all", 1, 1, active},
		{"?userfilter=MON", 1, 1, upid},
		{"?vmid=103&limit=2", 2, 15, ""},
		{"?vmid=102&source=active", 1, 1, active},
		{fmt.Sprintf("?since=%d", clock.Now().Unix()), 2, 2, ""},
		{fmt.Sprintf("?until=%d&limit=3", start().Unix()), 1, 1, ""},
		{fmt.Sprintf("?since=%d&until=%d", start().Unix()+60, start().Unix()+180), 3, 3, ""},
	}
	for _, tt := range tests {
		rows, total := list(t, client, base, "/nodes/pve1/tasks"+tt.query)
		if len(rows) != tt.rows || total != tt.total || tt.first != "" && rows[0].UPID != tt.first {
			t.Errorf("%q: %d rows of %d, want %d of %d", tt.query, len(rows), total, tt.rows, tt.total)
		}
	}
	rows, _ := list(t, client, base, "/nodes/pve1/tasks?source=all&limit=1")
	if r := rows[0]; r.Status != "RUNNING" || r.User != "root@pam!t" || r.TokenID != "" || r.EndTime != 0 || r.Saved != "0" || r.PID == 0 || r.PStart == 0 {
		t.Errorf("a running task in its node's list: %+v", r)
	}
	rows, _ = list(t, client, base, "/nodes/pve1/tasks?errors=1")
	if r := rows[0]; r.User != "mon@pve" || r.TokenID != "x" || r.EndTime == 0 || r.Status != "cannot remove it" || r.PStart == 0 {
		t.Errorf("an archived task: %+v", r)
	}
}

func TestMishapsOfTaskLists(t *testing.T) {
	c, _ := busy(t, 3)
	client, base := serve(t, c, "pve1")
	var tasks []string
	c.Change(func(m *pvesim.Model) {
		tasks = m.Tasks("pve1", "")
		m.ListTwice(tasks[0])
		m.EmptyLog(tasks[1])
		m.RemoveLog(tasks[2])
	})
	if rows, total := list(t, client, base, "/nodes/pve1/tasks"); total != 4 || rows[0].UPID != rows[1].UPID {
		t.Errorf("a task that is listed twice: %d rows", total)
	}
	for i, want := range map[int]string{0: `{"n":1,"t":"TASK OK"}`, 1: `{"n":1,"t":"no content"}`, 2: `{"n":1,"t":"unable to open file - No such file or directory"}`} {
		body := get(t, client, base, "/nodes/pve1/tasks/"+tasks[i]+"/log", "root@pam!t", "s")
		if got := string(body); got != `{"data":[`+want+`],"total":1}` {
			t.Errorf("log %d is %s", i, got)
		}
	}
	c.Change(func(m *pvesim.Model) { m.LoseTaskIndex("pve1") })
	if rows, total := list(t, client, base, "/nodes/pve1/tasks?source=all"); len(rows) != 0 || total != 0 {
		t.Errorf("a lost index still has %d tasks", total)
	}
	if body := get(t, client, base, "/nodes/pve1/tasks/"+tasks[0]+"/log", "root@pam!t", "s"); !strings.Contains(string(body), "TASK OK") {
		t.Error("the log's file is still there")
	}
}

func TestLogsByPage(t *testing.T) {
	c, clock := workbench(t)
	c.Change(func(m *pvesim.Model) { m.Access.Tokens["root@pam!t"] = &access.Token{Secret: "s", FullRights: true} })
	log, _, upid := backup(c, clock, map[string]string{"vmid": "100,101,102", "storage": "nas"})
	client, base := serve(t, c, "pve1")
	lines := strings.Split(strings.TrimSuffix(string(log), "\n"), "\n")
	type page struct {
		Data []struct {
			N int
			T string
		}
		Total int
	}
	read := func(query string) (p page) {
		if err := json.Unmarshal(get(t, client, base, "/nodes/pve1/tasks/"+upid+"/log"+query, "root@pam!t", "s"), &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for query, want := range map[string][2]int{"": {0, 50}, "?limit=0": {0, len(lines)}, "?start=10&limit=4": {10, 14}, "?start=5000": {0, 0}, "?limit=5000": {0, len(lines)}} {
		p := read(query)
		if p.Total != len(lines) || len(p.Data) != want[1]-want[0] {
			t.Errorf("%q: %d lines of %d, want %d of %d", query, len(p.Data), p.Total, want[1]-want[0], len(lines))
		}
		for i, line := range p.Data {
			if line.N != want[0]+i+1 || line.T != lines[want[0]+i] {
				t.Fatalf("%q: line %d is %q", query, line.N, line.T)
			}
		}
	}
	if body := get(t, client, base, "/nodes/pve1/tasks/"+upid+"/log?download=1", "root@pam!t", "s"); string(body) != string(log) {
		t.Error("the download is another text")
	}
}
