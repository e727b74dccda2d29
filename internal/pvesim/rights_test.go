package pvesim_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
)

// count returns how many elements the list in an answer has.
func count(t *testing.T, body []byte) int {
	t.Helper()
	var answer struct{ Data []any }
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	return len(answer.Data)
}

// guarded is the workbench with a pool, archives of guests 100 and 102, and a token for each set of rights that the tests need.
func guarded(t *testing.T) *pvesim.Cluster {
	t.Helper()
	c, clock := workbench(t)
	c.Change(func(m *pvesim.Model) {
		m.Pools["p"] = &pvesim.Pool{}
		m.Guests[100].Pool = "p"
		m.Jobs = []*pvesim.Job{job("j", "yearly", "vmid=100,102")}
	})
	backup(c, clock, map[string]string{"vmid": "100,102", "storage": "nas"})
	c.Change(func(m *pvesim.Model) {
		m.Access.Roles["Space"] = []string{"Datastore.Audit", "Datastore.AllocateSpace"}
		m.Access.Roles["Backup"] = []string{"VM.Audit", "VM.Backup"}
		m.Access.Roles["Allocate"] = []string{"Datastore.Allocate", "Datastore.Audit"}
		add := func(name string, grants ...string) {
			user := name + "@pve"
			m.Access.Users[user] = &access.User{}
			m.Access.Tokens[user+"!t"] = &access.Token{Secret: "s", FullRights: true}
			for _, grant := range grants {
				path, role, _ := strings.Cut(grant, " ")
				m.Access.Grants = append(m.Access.Grants, access.Grant{Path: path, Who: user, Role: role})
			}
		}
		add("none")
		add("audit", "/ PVEAuditor")
		add("space", "/ PVEAuditor", "/storage Space")
		add("details", "/ PVEAuditor", "/storage Space", "/vms Backup")
		add("one", "/ PVEAuditor", "/storage Space", "/vms/102 Backup")
		add("pool", "/pool/p PVEVMUser", "/pool/p PVEPoolUser", "/storage/nas Space")
		add("allocate", "/ PVEAuditor", "/storage/nas Allocate")
		add("blind", "/ PVEAuditor", "/vms NoAccess")
	})
	return c
}

func TestRightsFilterWithoutAWord(t *testing.T) {
	c := guarded(t)
	client, base := serve(t, c, "pve1")
	const content, prune, guests, tasks, storages = "/nodes/pve1/storage/nas/content?content=backup", "/nodes/pve1/storage/nas/prunebackups", "/cluster/resources?type=vm", "/nodes/pve1/tasks", "/storage"
	tests := []struct {
		who, path string
		want      int
	}{
		{"audit", content, 0},
		{"space", content, 0},
		{"details", content, 2},
		{"one", content, 1},
		{"pool", content, 1},
		{"allocate", content, 2},
		{"audit", prune, 2},
		{"pool", prune, 2},
		{"allocate", prune, 2},
		{"none", guests, 0},
		{"audit", guests, 5},
		{"pool", guests, 1},
		{"blind", guests, 0},
		{"none", tasks, 0},
		{"audit", tasks, 1},
		{"pool", tasks, 0},
		{"none", "/cluster/tasks", 0},
		{"audit", "/cluster/tasks", 1},
		{"none", storages, 0},
		{"audit", storages, 4},
		{"pool", storages, 1},
		{"none", "/nodes/pve1/storage", 0},
		{"pool", "/nodes/pve1/storage", 1},
		{"none", "/pools", 0},
		{"audit", "/pools", 1},
		{"pool", "/pools", 1},
		{"none", "/nodes/pve1/qemu", 0},
		{"audit", "/nodes/pve1/qemu", 3},
		{"blind", "/cluster/backup-info/not-backed-up", 0},
		{"audit", "/cluster/backup-info/not-backed-up", 3},
	}
	for _, tt := range tests {
		if got := count(t, get(t, client, base, tt.path, tt.who+"@pve!t", "s")); got != tt.want {
			t.Errorf("%s sees %d of %s, want %d", tt.who, got, tt.path, tt.want)
		}
	}
}

func TestRightsThatRefuse(t *testing.T) {
	c := guarded(t)
	client, base := serve(t, c, "pve1")
	var upid string
	c.Change(func(m *pvesim.Model) { upid = m.Tasks("pve1", "vzdump")[0] })
	tests := []struct{ who, path, status string }{
		{"none", "/cluster/backup", "403 Permission check failed (/, Sys.Audit)"},
		{"none", "/cluster/status", "403 Permission check failed (/, Sys.Audit)"},
		{"none", "/cluster/backup/j/included_volumes", "403 Permission check failed (/, Sys.Audit)"},
		{"none", "/nodes/pve1/time", "403 Permission check failed (/nodes/pve1, Sys.Audit)"},
		{"none", "/nodes/pve1/tasks/" + upid + "/log", "403 Permission check failed (/nodes/pve1, Sys.Audit)"},
		{"none", "/nodes/pve1/qemu/100/config", "403 Permission check failed (/vms/100, VM.Audit)"},
		{"none", "/nodes/pve1/storage/nas/prunebackups", "403 Permission check failed (/storage/nas, Datastore.Audit|Datastore.AllocateSpace)"},
		{"none", "/pools/p", "403 Permission check failed (/pool/p, Pool.Audit)"},
		{"audit", "/storage/nas", "403 Permission check failed (/storage/nas, Datastore.Allocate)"},
		{"audit", "/nodes/pve1/qemu/100/config", "200 OK"},
		{"pool", "/nodes/pve1/qemu/100/config", "200 OK"},
		{"pool", "/nodes/pve1/qemu/101/config", "403 Permission check failed (/vms/101, VM.Audit)"},
		{"allocate", "/storage/nas", "200 OK"},
		{"nobody", "/version", "401 Authentication failed!"},
	}
	for _, tt := range tests {
		r, err := http.NewRequest(http.MethodGet, base+"/api2/json"+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "PVEAPIToken="+tt.who+"@pve!t=s")
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.Status != tt.status {
			t.Errorf("%s on %s: %q, want %q", tt.who, tt.path, res.Status, tt.status)
		}
	}
}

func TestLosingARightShowsAtOnce(t *testing.T) {
	c := guarded(t)
	client, base := serve(t, c, "pve1")
	c.Change(func(m *pvesim.Model) {
		m.Access.Grants = append(m.Access.Grants, access.Grant{Path: "/vms", Who: "audit@pve", Role: "NoAccess"})
	})
	if got := count(t, get(t, client, base, "/cluster/resources?type=vm", "audit@pve!t", "s")); got != 0 {
		t.Errorf("still sees %d guests", got)
	}
	if body := string(get(t, client, base, "/access/permissions", "audit@pve!t", "s")); strings.Contains(body, `"/vms":`) || !strings.Contains(body, `"/":{`) {
		t.Errorf("permissions %s", body)
	}
}
