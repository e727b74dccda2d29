package pvesim_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// recordedCluster is a cluster with the objects of the recorded node, and tasks that stand for the recorded ones.
func recordedCluster() (c *pvesim.Cluster, tasks map[string]string) {
	clock := pvesim.NewClock(time.Unix(1795394000, 0))
	c = pvesim.New(pvesim.Options{Now: clock.Now, Seed: 9})
	tasks = map[string]string{}
	c.Build(func(m *pvesim.Model) {
		m.Nodes = []*pvesim.Node{{Name: "pve1", Address: "192.0.2.10"}}
		recordedStorages(m)
		recordedGuests(m)
		recordedJobs(m)
		recordedTokens(m.Access)
		m.Pools["prod"] = &pvesim.Pool{}
	})
	run := func(name, vmid, user string, rules ...pvesim.Rule) {
		c.Change(func(m *pvesim.Model) {
			for _, r := range rules {
				defer m.AddRule(r)()
			}
			tasks[name] = m.Backup("pve1", map[string]string{"vmid": vmid, "storage": "backup1", "mode": "snapshot", "compress": "zstd"}, user)
			if name == "{killed}" {
				clock.Advance(2 * time.Second)
			}
		})
		clock.Advance(2 * time.Minute)
	}
	run("{ok}", "200", "root@pam!full")
	run("{failed}", "998", "prov2@pve!ci")
	run("{long}", "100,101,102,200,201", "root@pam!full")
	run("{warned}", "101", "root@pam!full")
	c.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 101, Times: 1, Outcome: runlog.Warned}) })
	run("{warned}", "101", "root@pam!full")
	c.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{VMID: 200, Times: 1, Outcome: runlog.Crashed}) })
	run("{killed}", "200", "root@pam!full")
	run("{mine}", "100", "prov2@pve!ci")
	c.Change(func(m *pvesim.Model) {
		m.Guests[200].Rate = 1 << 10
		tasks["{running}"] = m.Backup("pve1", map[string]string{"vmid": "200", "storage": "backup1", "mode": "snapshot"}, "root@pam!full")
		tasks["{queued}"] = m.Backup("pve1", map[string]string{"vmid": "102", "storage": "backup1", "mode": "stop"}, "root@pam!full")
	})
	clock.Set(time.Unix(1795395000, 0))
	return c, tasks
}

func recordedStorages(m *pvesim.Model) {
	dir := func(id, content string, change func(*pvesim.Storage)) {
		s := &pvesim.Storage{ID: id, Type: "dir", Content: strings.Split(content, ","), Config: map[string]string{"path": "/var/lib/" + id}, Size: 250 << 30, Base: 40 << 30}
		if change != nil {
			change(s)
		}
		m.Storages = append(m.Storages, s)
	}
	dir("local", "iso,snippets,vztmpl,images,rootdir,backup", func(s *pvesim.Storage) { s.Retention = "keep-all=1"; s.Config["priority"] = "0" })
	dir("backup1", "backup", func(s *pvesim.Storage) { s.Retention = "keep-last=3,keep-daily=7,keep-weekly=4" })
	dir("backup2", "backup", func(s *pvesim.Storage) { s.Config["max-protected-backups"] = "1" })
	dir("tiny", "images,rootdir,backup", nil)
	dir("olddisk", "backup", func(s *pvesim.Storage) { s.Disabled = true })
	dir("other", "backup", func(s *pvesim.Storage) { s.Nodes = []string{"pve2"} })
	dir("nas", "backup", func(s *pvesim.Storage) {
		s.Shared, s.DownOn, s.Config["is_mountpoint"], s.Config["path"] = true, []string{"*"}, "1", "/var/lib/pve-nas"
	})
	for i := range 12 {
		m.AddArchive(pvesim.Archive{Storage: "backup1", VMID: 101, Type: "lxc", Created: 1793498404 + int64(i)*86400, Size: 4134302})
		m.AddArchive(pvesim.Archive{Storage: "backup1", VMID: 200, Type: "qemu", Created: 1793498731 + int64(i)*86400, Size: 300027, Protected: i == 0, Notes: "keep me\nsecond line"})
	}
	m.AddArchive(pvesim.Archive{Storage: "backup1", VMID: 200, Type: "qemu", Created: 1794394253, Size: 300027, Renamed: "manual"})
}

func recordedGuests(m *pvesim.Model) {
	add := func(id int, kind, pool string, stopped bool, config map[string]string) {
		m.AddGuest(&pvesim.Guest{VMID: id, Type: kind, Node: "pve1", Pool: pool, Stopped: stopped, Config: config, Used: 100 << 20})
	}
	add(100, "lxc", "prod", false, map[string]string{"hostname": "web1", "memory": "128", "swap": "512", "arch": "amd64", "ostype": "debian", "unprivileged": "1", "rootfs": "local:100/vm-100-disk-0.raw,size=256M"})
	add(101, "lxc", "prod", true, map[string]string{"hostname": "db1", "memory": "128", "swap": "512", "rootfs": "local:101/vm-101-disk-0.raw,size=256M"})
	add(102, "lxc", "", true, map[string]string{"hostname": "mail", "memory": "128", "rootfs": "local:102/vm-102-disk-0.raw,size=256M"})
	add(150, "lxc", "", true, map[string]string{
		"hostname": "new1", "memory": "256", "swap": "0", "cores": "1", "onboot": "1", "arch": "amd64", "ostype": "debian", "features": "nesting=1",
		"unprivileged": "1", "tags": "backup;test", "description": "hello\nworld", "rootfs": "local:150/vm-150-disk-0.raw,size=256M",
	})
	add(156, "lxc", "", true, map[string]string{
		"hostname": "CT156", "memory": "512", "swap": "512", "arch": "amd64", "ostype": "debian", "unprivileged": "1", "rootfs": "local:156/vm-156-disk-0.raw,size=256M",
		"mp0": "local:156/vm-156-disk-1.raw,mp=/data,backup=1,size=64M", "mp1": "local:156/vm-156-disk-2.raw,mp=/scratch,size=64M",
	})
	add(200, "qemu", "", false, map[string]string{
		"name": "win1", "memory": "128", "cores": "2", "agent": "1", "boot": "order=scsi0", "scsihw": "virtio-scsi-single", "ostype": "l26", "ide2": "none,media=cdrom",
		"meta": "creation-qemu=7.2.22,ctime=1795392335", "smbios1": "uuid=4b04d3a4-fe2b-4e59-8780-d47a2444e9b6", "vmgenid": "0f1b2e9c-d7c9-4016-8e03-c8747a343496",
		"scsi0": "local:200/vm-200-disk-0.qcow2,size=128M", "scsi1": "local:200/vm-200-disk-1.qcow2,size=64M,backup=0", "unused0": "local:200/vm-200-disk-9.qcow2",
	})
	add(201, "qemu", "", true, map[string]string{"name": "nodisk", "memory": "64"})
	add(203, "qemu", "", true, map[string]string{"name": "tmpl", "memory": "64", "template": "1"})
}

func recordedJobs(m *pvesim.Model) {
	add := func(id, schedule string, disabled bool, options ...string) {
		job := &pvesim.Job{ID: id, Schedule: schedule, Disabled: disabled, Options: map[string]string{"storage": "local"}}
		for _, option := range options {
			name, value, _ := strings.Cut(option, "=")
			job.Options[name] = value
		}
		m.Jobs = append(m.Jobs, job)
	}
	add("nightly", "mon..fri 22:30", false, "storage=backup1", "vmid=100,101,200", "mode=snapshot", "compress=zstd", "prune-backups=keep-last=3,keep-daily=7", "bwlimit=51200",
		"repeat-missed=1", "notes-template={{guestname}} {{vmid}} {{node}}", "notification-mode=notification-system", "comment=nightly prod")
	add("all-but", "sat 02:00", true, "storage=backup1", "all=1", "exclude=102,150,156,203", "mode=stop", "compress=gzip", "mailto=ops@example.org", "mailnotification=failure", "notification-mode=legacy-sendmail")
	add("pooljob", "*-*-01 04:00", false, "pool=prod", "fleecing=enabled=1,storage=local", "performance=max-workers=4,pbs-entries-max=1048576")
	add("never", "2020-01-01 00:00", true, "vmid=100")
	add("badp2", "daily", true, "vmid=100", "prune-backups=keep-last=2", "remove=0")
	add("nodejob", "daily", true, "vmid=100", "node=pve1")
	add("exclp", "daily", true, "vmid=100", "exclude-path=/tmp/?*\n/var/cache")
	add("ka", "daily", true, "vmid=100", "prune-backups=keep-all=1")
	add("sp", "daily", true, "vmid=100, 101;102")
}

func recordedTokens(a *access.Control) {
	a.Roles["Auditor"] = a.Roles["PVEAuditor"]
	a.Roles["AuditAndBackup"] = append([]string{"VM.Backup"}, a.Roles["PVEAuditor"]...)
	a.Roles["AuditAndSpace"] = append([]string{"Datastore.AllocateSpace"}, a.Roles["PVEAuditor"]...)
	a.Roles["AuditBackupSpace"] = append([]string{"VM.Backup", "Datastore.AllocateSpace"}, a.Roles["PVEAuditor"]...)
	a.Roles["AuditAndAllocate"] = append([]string{"Datastore.Allocate"}, a.Roles["PVEAuditor"]...)
	a.Roles["StorageAudit"] = []string{"Datastore.Audit"}
	grant := func(token, path, role string) {
		user, _, _ := strings.Cut(token, "!")
		if a.Users[user] == nil {
			a.Users[user] = &access.User{}
		}
		a.Tokens[token] = &access.Token{Secret: "secret", FullRights: true}
		if role != "" {
			a.Grants = append(a.Grants, access.Grant{Path: path, Who: user, Role: role})
		}
	}
	grant("root@pam!full", "/", "")
	grant("mon@pve!exporter", "/", "PVEAuditor")
	grant("mon@pve!expired", "/", "")
	a.Tokens["mon@pve!expired"].Expires = time.Unix(1, 0)
	grant("nobody@pve!none", "/", "")
	grant("off@pve!tok", "/", "PVEAuditor")
	a.Users["off@pve"].Disabled = true
	grant("prov2@pve!ci", "/", "PVEAdmin")
	grant("ea@pve!tok", "/", "Auditor")
	grant("eb@pve!tok", "/", "AuditAndBackup")
	grant("ec@pve!tok", "/", "AuditAndSpace")
	grant("ed@pve!tok", "/", "AuditBackupSpace")
	grant("ee@pve!tok", "/", "AuditAndAllocate")
	grant("eg@pve!tok", "/storage/backup1", "StorageAudit")
}

// prepare makes the HTTP request of a recorded case.
func prepare(t *testing.T, base string, c recordedCase, tasks map[string]string) *http.Request {
	t.Helper()
	text := c.Request
	for name, upid := range tasks {
		text = strings.ReplaceAll(text, name, upid)
	}
	method, path, _ := strings.Cut(text, " ")
	path, query, _ := strings.Cut(path, "?")
	values := url.Values{}
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, found := strings.Cut(pair, "="); found {
			values.Add(name, value)
		}
	}
	r, err := http.NewRequest(method, base, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Path, r.URL.RawQuery = "/api2/json"+path, values.Encode()
	r.Header.Set("Accept-Encoding", "identity")
	switch {
	case c.Token == "-":
	case strings.Contains(c.Token, "@pve!"), c.Token == "root@pam!full":
		r.Header.Set("Authorization", "PVEAPIToken="+c.Token+"=secret")
		if strings.HasPrefix(c.Token, "PVEAPIToken") {
			r.Header.Set("Authorization", c.Token)
		}
	default:
		r.Header.Set("Authorization", c.Token)
	}
	return r
}

// TestRecordedRequestsAreAnsweredAlike replays what was recorded of a real node: status line, error body, and the members of good answers
// with their types.
func TestRecordedRequestsAreAnsweredAlike(t *testing.T) {
	data := readRecorded(t)
	c, tasks := recordedCluster()
	client, base := serve(t, c, "pve1")
	answered, schema := map[string]*shape{}, readSchema(t)
	for _, rc := range data.Cases {
		t.Run(rc.Name, func(t *testing.T) {
			res, err := client.Do(prepare(t, base, rc, tasks))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.Status != rc.Status {
				t.Fatalf("status %q, recorded %q\n%s", res.Status, rc.Status, body)
			}
			compareBody(t, rc, res, body)
			if template := templateOf(rc.Request); res.StatusCode == 200 && !strings.Contains(rc.Request, "download") {
				if answered[template] == nil {
					answered[template] = newShape()
				}
				answered[template].read(body)
			}
		})
	}
	for _, template := range slices.Sorted(maps.Keys(answered)) {
		compareShape(t, template, answered[template].fields(), data.Shapes[template], schema)
	}
}

// compareBody compares an error's body; JSON members may come in any order.
func compareBody(t *testing.T, rc recordedCase, res *http.Response, body []byte) {
	t.Helper()
	if rc.Empty != (len(body) == 0) && res.StatusCode != 200 {
		t.Errorf("body %q, recorded empty: %v", body, rc.Empty)
	}
	if res.StatusCode == 200 || rc.Empty {
		return
	}
	var got recordedCase
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	if got.Message != rc.Message || !maps.Equal(got.Errors, rc.Errors) {
		t.Errorf("error %q %q, recorded %q %q", got.Message, got.Errors, rc.Message, rc.Errors)
	}
}

// compareShape complains of members and types that neither a recording nor the schema has, and of members that every recording has and the answer lacks.
func compareShape(t *testing.T, template string, got, want recordedFields, schema schemaData) {
	t.Helper()
	for path, text := range got {
		if template == "/storage" && slices.Contains([]string{"data[].shared", "data[].is_mountpoint"}, path) {
			continue // properties of storage.cfg, for which the schema lists no answers
		}
		if want[path] == "" && schema.knows(template, path, text) {
			continue // the recorded node had no occasion to show it
		}
		known := strings.Split(strings.TrimPrefix(want[path], "!"), "|")
		for kind := range strings.SplitSeq(strings.TrimPrefix(text, "!"), "|") {
			if !slices.Contains(known, kind) {
				t.Errorf("%s: %s is a %s, recorded %q", template, path, kind, want[path])
			}
		}
	}
	for path, text := range want {
		if parent := path[:max(strings.LastIndexByte(path, '.'), 0)]; strings.HasPrefix(text, "!") && got[parent] != "" && !strings.HasPrefix(got[path], "!") {
			t.Errorf("%s: %s is always there in the recordings, here it is %q", template, path, got[path])
		}
	}
}
