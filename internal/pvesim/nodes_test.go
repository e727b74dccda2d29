package pvesim_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
)

// ask sends a GET as root and returns the status line, or the error of a broken connection.
func ask(t *testing.T, client *http.Client, base, path string) (status string, err error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, base+"/api2/json"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "PVEAPIToken=root@pam!t=s")
	res, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	return res.Status, nil
}

func rooted(t *testing.T) (*pvesim.Cluster, *pvesim.Clock) {
	t.Helper()
	c, clock := workbench(t)
	c.Change(func(m *pvesim.Model) {
		m.Access.Tokens["root@pam!t"] = &access.Token{Secret: "s", FullRights: true}
		m.Guests[101].Node = "pve2"
		m.Guests[101].Pool = "p"
		m.Pools["p"] = &pvesim.Pool{}
	})
	return c, clock
}

func TestStatesOfDaemonsAndNodes(t *testing.T) {
	tests := []struct {
		name  string
		state func(m *pvesim.Model)
		want  map[string]string // by path
	}{
		{"another node is off", func(m *pvesim.Model) { m.Node("pve2").Offline = true }, map[string]string{
			"/version": "200 OK", "/cluster/resources": "200 OK", "/nodes/pve1/tasks": "200 OK",
			"/nodes/pve2/tasks": "595 No route to host", "/nodes/pve2/storage": "595 No route to host", "/nodes/pve2/time": "595 No route to host",
		}},
		{"its privileged daemon is dead", func(m *pvesim.Model) { m.Node("pve1").DaemonDown = true }, map[string]string{
			"/version": "200 OK", "/nodes/pve1/tasks": "200 OK", "/cluster/backup": "200 OK", "/cluster/status": "595 Connection refused",
			"/nodes/pve1/storage": "595 Connection refused", "/nodes/pve1/storage/nas/content": "595 Connection refused", "/nodes/pve2/storage": "200 OK",
		}},
		{"the cluster file system is away", func(m *pvesim.Model) { m.PmxcfsDown = true }, map[string]string{
			"/version":         "500 RPCEnvironment init request failed: Unable to load access control list: Connection refused",
			"/nodes/pve2/time": "500 RPCEnvironment init request failed: Unable to load access control list: Connection refused",
		}},
		{"the quorum is lost", func(m *pvesim.Model) { m.Quorate = false }, map[string]string{"/version": "200 OK", "/cluster/resources": "200 OK"}},
		{"a storage that is off", func(m *pvesim.Model) { m.Storage("pbs").DownOn = []string{"pve1"} }, map[string]string{
			"/nodes/pve1/storage/pbs/content": "500 pbs: error fetching datastores - 500 Can't connect to 192.0.2.30:8007 (No route to host)",
			"/nodes/pve2/storage/pbs/content": "200 OK", "/nodes/pve1/storage/pbs/status": "200 OK",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := rooted(t)
			c.Change(tt.state)
			client, base := serve(t, c, "pve1")
			for path, want := range tt.want {
				if status, err := ask(t, client, base, path); err != nil || status != want {
					t.Errorf("%s: %q (%v), want %q", path, status, err, want)
				}
			}
		})
	}
}

func TestAnOfflineNodeAnswersNothingItself(t *testing.T) {
	c, _ := rooted(t)
	client, base := serve(t, c, "pve2")
	c.Change(func(m *pvesim.Model) { m.Node("pve2").Offline = true })
	if _, err := ask(t, client, base, "/version"); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	c.Change(func(m *pvesim.Model) { m.Node("pve2").Offline = false })
	if status, err := ask(t, client, base, "/version"); err != nil || status != "200 OK" {
		t.Errorf("after its return: %q %v", status, err)
	}
	c.Change(func(m *pvesim.Model) { m.Down = true })
	if _, err := ask(t, client, base, "/version"); !errors.Is(err, io.EOF) {
		t.Errorf("with the whole API down: %v", err)
	}
}

func TestGuestsOfAnOfflineNodeLoseAllButTheirID(t *testing.T) {
	c, _ := rooted(t)
	c.Change(func(m *pvesim.Model) { m.Node("pve2").Offline = true })
	client, base := serve(t, c, "pve1")
	var answer struct{ Data []map[string]any }
	if err := json.Unmarshal(get(t, client, base, "/cluster/resources", "root@pam!t", "s"), &answer); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, r := range answer.Data {
		switch r["id"] {
		case "qemu/101":
			seen++
			if r["status"] != "unknown" || r["name"] != nil || r["pool"] != "p" || len(r) != 6 {
				t.Errorf("the guest is %v", r)
			}
		case "node/pve2":
			seen++
			if r["status"] != "offline" || r["cpu"] != nil {
				t.Errorf("the node is %v", r)
			}
		case "storage/pve2/nas":
			seen++
			if r["status"] != "unknown" || r["disk"] != nil || r["maxdisk"] != nil {
				t.Errorf("the storage is %v", r)
			}
		}
	}
	if seen != 3 {
		t.Errorf("%d of three were listed", seen)
	}
}

func TestNodeTime(t *testing.T) {
	c, _ := rooted(t)
	c.Change(func(m *pvesim.Model) { m.Node("pve2").ClockSkew = 90 * time.Second })
	client, base := serve(t, c, "pve1")
	for node, want := range map[string]string{
		"pve1": `{"data":{"localtime":1795179600,"time":1795176000,"timezone":"Europe/Paris"}}`,
		"pve2": `{"data":{"localtime":1795179690,"time":1795176090,"timezone":"Europe/Paris"}}`,
	} {
		if got := string(get(t, client, base, "/nodes/"+node+"/time", "root@pam!t", "s")); got != want {
			t.Errorf("%s: %s", node, got)
		}
	}
}

func TestArchiveTimesAreReadInTheNodesZone(t *testing.T) {
	c, clock := rooted(t)
	backup(c, clock, map[string]string{"vmid": "100", "storage": "nas"})
	c.Change(func(m *pvesim.Model) { m.Node("pve2").Zone = time.UTC })
	client, base := serve(t, c, "pve1")
	ctime := func(node string) float64 {
		var answer struct{ Data []map[string]any }
		if err := json.Unmarshal(get(t, client, base, "/nodes/"+node+"/storage/nas/content", "root@pam!t", "s"), &answer); err != nil {
			t.Fatal(err)
		}
		return answer.Data[0]["ctime"].(float64)
	}
	if one, two := ctime("pve1"), ctime("pve2"); one != float64(start().Unix()+1) || two-one != 3600 {
		t.Errorf("read by its own node %v, by one in another zone %v", one, two)
	}
}

func TestHostileNamesTravelUnchanged(t *testing.T) {
	c, _ := rooted(t)
	name := "a\"b\\c\n\x01\xff\xfe<script>\u2028ü"
	c.Change(func(m *pvesim.Model) { m.Guests[100].SetName(name) })
	client, base := serve(t, c, "pve1")
	body := string(get(t, client, base, "/cluster/resources?type=vm", "root@pam!t", "s"))
	if want := `"name":"a\"b\\c\n\u0001` + "\xff\xfe<script>\u2028ü\""; !strings.Contains(body, want) {
		t.Errorf("the name is not in %.300q", body)
	}
}

func TestOlderVersionsHaveNoDownload(t *testing.T) {
	clock := pvesim.NewClock(start())
	c := pvesim.Scale(pvesim.Options{Now: clock.Now, Version: "7.2-11"}, 1, 2)
	client, base := serve(t, c, "pve1")
	c.Change(func(m *pvesim.Model) { m.Access.Tokens["root@pam!t"] = &access.Token{Secret: "s", FullRights: true} })
	var upid string
	c.Change(func(m *pvesim.Model) { upid = m.Tasks("pve1", "vzdump")[0] })
	if status, err := ask(t, client, base, "/nodes/pve1/tasks/"+upid+"/log?download=1"); err != nil || status != "400 Parameter verification failed." {
		t.Errorf("download: %q %v", status, err)
	}
	if got := count(t, get(t, client, base, "/nodes/pve1/tasks/"+upid+"/log?limit=0", "root@pam!t", "s")); got != 0 {
		t.Errorf("limit=0 gave %d lines", got)
	}
	if got := string(get(t, client, base, "/version", "root@pam!t", "s")); got != `{"data":{"release":"7.2","repoid":"14a22df35955d97d","version":"7.2-11"}}` {
		t.Errorf("version %s", got)
	}
}
