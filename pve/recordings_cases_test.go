package pve

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

func recordedInventory() []playback {
	ctx := context.Background()
	return []playback{
		{name: "0011", call: func(c *Client) (any, error) { return c.Version(ctx) }, check: equals(Version{Major: 9, Minor: 2, Patch: 11, Text: "9.2.11", Release: "9.2"})},
		{name: "0493", call: func(c *Client) (any, error) { return c.RequireVersion(ctx, MinimumVersion) }, check: equals(Version{Major: 9, Minor: 2, Patch: 11, Text: "9.2.11", Release: "9.2"})},
		{name: "0022", call: func(c *Client) (any, error) { return c.Permissions(ctx) }, check: func(t *testing.T, got any) {
			p := got.(Permissions)
			for _, privilege := range []string{"Sys.Audit", "VM.Audit", "Datastore.Audit", "Pool.Audit"} {
				for _, path := range []string{"/", "/vms/100", "/storage/local", "/nodes/pve1", "/pool/prod"} {
					if !p.Has(path, privilege) {
						t.Errorf("an auditor has %s on %s", privilege, path)
					}
				}
			}
			if p.Has("/vms/100", "VM.Backup") {
				t.Error("an auditor has no VM.Backup")
			}
		}},
		{name: "0023", call: func(c *Client) (any, error) { return c.Permissions(ctx) }, check: equals(Permissions{})},
		{name: "0026", call: func(c *Client) (any, error) { return c.Permissions(ctx) }, check: func(t *testing.T, got any) {
			if p := got.(Permissions); !p.Has("/storage/backup1", "Datastore.Allocate") {
				t.Error("root has everything")
			}
		}},
		{name: "0430", call: func(c *Client) (any, error) { return c.Resources(ctx) }, check: checkResources},
		{name: "0382", call: func(c *Client) (any, error) { return c.Resources(ctx) }, check: func(t *testing.T, got any) {
			if r := got.(Resources); len(r.Guests) == 0 || len(r.Nodes) != 1 {
				t.Errorf("the compressed reply has guests and a node: %+v", r)
			}
		}},
		{name: "0432", call: func(c *Client) (any, error) { return c.ClusterStatus(ctx) }, check: equals(ClusterStatus{Quorate: true, Nodes: []ClusterNode{{Name: "pve1", Online: true, Local: true}}})},
		{name: "0351", call: func(c *Client) (any, error) { return c.GuestConfig(ctx, "pve1", "qemu", 200) }, check: func(t *testing.T, got any) {
			if cfg := got.(map[string]string); cfg["scsi1"] != "local:200/vm-200-disk-1.qcow2,size=64M,backup=0" || cfg["cores"] != "2" || cfg["memory"] != "128" {
				t.Errorf("config: %v", cfg)
			}
		}},
	}
}

func recordedPlans() []playback {
	ctx := context.Background()
	return []playback{
		{name: "0030", call: func(c *Client) (any, error) { return c.Jobs(ctx) }, check: equals([]Job{})},
		{name: "0149", call: func(c *Client) (any, error) { return c.Jobs(ctx) }, check: checkJobs},
		{name: "0080", call: func(c *Client) (any, error) { return c.Storages(ctx) }, check: checkStorages},
		{name: "0034", call: func(c *Client) (any, error) { return c.Storages(ctx) }, check: equals([]StorageConfig{})},
		{name: "0107", call: func(c *Client) (any, error) { return c.NodeStorages(ctx, "pve1") }, check: func(t *testing.T, got any) {
			for _, s := range got.([]NodeStorage) {
				if s.Storage == "nas" && (s.Active || s.Total.Known() || !s.Shared) {
					t.Errorf("an inactive storage has no sizes: %+v", s)
				}
				if s.Storage == "backup1" && (s.Total != optional.Some[int64](270553174016) || s.Available != optional.Some[int64](54016704512)) {
					t.Errorf("sizes of %+v", s)
				}
			}
			if n := len(got.([]NodeStorage)); n != 5 {
				t.Errorf("%d storages, want 5", n)
			}
		}},
		{name: "0241", other: true, call: pruneList, check: checkPruneList},
		{name: "0243", other: true, call: func(c *Client) (any, error) {
			return c.PrunePreview(ctx, "pve1", "backup1", "keep-daily=3,keep-weekly=2")
		}, check: func(t *testing.T, got any) {
			if len(got.([]Archive)) == 0 {
				t.Error("no archives")
			}
		}},
		{name: "0224", call: content, check: checkContent},
		{name: "0223", other: true, call: content, check: equals([]Archive{})},
		{name: "0164", call: func(c *Client) (any, error) { return c.IncludedVolumes(ctx, "nightly") }, check: equals([]IncludedGuest{
			{VMID: 100, Type: "lxc", Name: "web1", Volumes: []IncludedVolume{{Key: "rootfs", Volume: "local:100/vm-100-disk-0.raw", Included: true}}},
			{VMID: 101, Type: "lxc", Name: "db1", Volumes: []IncludedVolume{{Key: "rootfs", Volume: "local:101/vm-101-disk-0.raw", Included: true}}},
			{VMID: 200, Type: "qemu", Name: "win1", Volumes: []IncludedVolume{{Key: "scsi0", Volume: "local:200/vm-200-disk-0.qcow2", Included: true}}},
		})},
		{name: "0170", call: analyze("mon..fri 22:30"), check: equals([]int64{1795473000, 1795559400, 1795645800})},
		{name: "0174", call: analyze("2020-01-01 00:00"), check: equals([]int64{})},
		{name: "0253", call: func(c *Client) (any, error) { return c.VZDumpDefaults(ctx, "pve1", "backup1") }, check: func(t *testing.T, got any) {
			d := got.(VZDumpDefaults)
			if d.Retention != "keep-daily=7,keep-last=3,keep-weekly=4" || d.Mode != "snapshot" || !d.Remove || d.Storage != "backup1" ||
				d.Options["performance"] != "max-workers=16,pbs-entries-max=1048576" || d.Options["fleecing"] != "enabled=0" {
				t.Errorf("defaults: %+v", d)
			}
		}},
	}
}

func recordedTasks(t *testing.T) []playback {
	ctx := context.Background()
	return []playback{
		{name: "0216", call: func(c *Client) (any, error) { return c.ClusterTasks(ctx) }, check: func(t *testing.T, got any) {
			tasks := got.([]Task)
			want := Task{UPID: "UPID:pve1:0000460A:00051E73:6B038A7D:vzdump:200:root@pam!full:", Node: "pve1", Type: "vzdump", ID: "200", User: "root@pam", TokenID: "full", Start: 1795394173}
			if tasks[0] != want || !tasks[0].Running() {
				t.Errorf("got %+v, want %+v", tasks[0], want)
			}
			if tasks[1].Running() || tasks[1].Status != "OK" || tasks[1].End != 1795394046 {
				t.Errorf("ended task: %+v", tasks[1])
			}
		}},
		{name: "0198", other: true, call: nodeTasks(TaskQuery{Source: TasksActive}), check: func(t *testing.T, got any) {
			for _, task := range got.([]Task) {
				if !task.Running() || strings.Contains(task.User, "!") {
					t.Errorf("a running task: %+v", task)
				}
			}
			if n := len(got.([]Task)); n != 6 {
				t.Errorf("%d tasks, want 6", n)
			}
		}},
		{name: "0415", other: true, call: nodeTasks(TaskQuery{Since: 1795394046, Until: 1795394254}), check: func(t *testing.T, got any) {
			tasks := got.([]Task)
			want := Task{UPID: "UPID:pve1:0000485E:00053DFA:6B038ACE:vzdump:998:prov2@pve!ci:", Node: "pve1", Type: "vzdump", ID: "998", User: "prov2@pve", TokenID: "ci", Status: "job errors", Start: 1795394254, End: 1795394254}
			if len(tasks) != 12 || tasks[0] != want {
				t.Errorf("%d tasks, the first %+v", len(tasks), tasks[0])
			}
		}},
		{name: "0286", call: func(c *Client) (any, error) {
			tasks, total, err := c.NodeTasks(ctx, "pve1", TaskQuery{})
			if len(tasks) != total || total < 90 {
				t.Errorf("%d tasks of %d", len(tasks), total)
			}
			return nil, err
		}},
		{name: "0264", call: nodeTasks(TaskQuery{Start: 2, Limit: 2}), check: func(t *testing.T, got any) {
			if len(got.([]Task)) != 2 {
				t.Errorf("a page of two: %v", got)
			}
		}},
		{name: "0284", other: true, call: nodeTasks(TaskQuery{Type: "nosuch"}), check: equals([]Task{})},
		{name: "0289", call: taskStatus(recordedTask), check: equals(Task{UPID: recordedTask, Node: "pve1", Type: "vzdump", ID: "200", User: "root@pam", TokenID: "full", Status: "OK", Start: 1795394199})},
		{name: "0222", call: taskStatus("UPID:pve1:0000466B:000523C6:6B038A8B:vzdump:200:root@pam!full:"), check: func(t *testing.T, got any) {
			if s := got.(Task).Status; s != "unexpected status" {
				t.Errorf("status of a killed task: %q", s)
			}
		}},
		{name: "0213", call: taskStatus("UPID:pve1:0000460A:00051E73:6B038A7D:vzdump:200:root@pam!full:"), check: func(t *testing.T, got any) {
			if !got.(Task).Running() {
				t.Errorf("it runs: %+v", got)
			}
		}},
		{name: "0297", call: taskLog(recordedTask), check: func(t *testing.T, got any) {
			log := got.(string)
			if !strings.HasPrefix(log, "INFO: starting new backup job: vzdump 200 ") || !strings.HasSuffix(log, "TASK OK") && !strings.HasSuffix(log, "TASK OK\n") {
				t.Errorf("log:\n%s", log)
			}
		}},
		{name: "0293", call: func(c *Client) (any, error) {
			lines, total, err := c.TaskLogPage(ctx, "pve1", recordedTask, 3, 4)
			if total < 20 || len(lines) != 4 {
				t.Errorf("%d lines of %d", len(lines), total)
			}
			return nil, err
		}},
		{name: "0295", call: func(c *Client) (any, error) {
			lines, total, err := c.TaskLogPage(ctx, "pve1", recordedTask, 5000, 10)
			if total < 20 || len(lines) != 0 {
				t.Errorf("%d lines of %d beyond the end", len(lines), total)
			}
			return nil, err
		}},
	}
}

func recordedRefusals() []playback {
	ctx := context.Background()
	return []playback{
		{name: "0003", call: func(c *Client) (any, error) { return c.Version(ctx) }, check: refusal(401, "Authentication failed!")},
		{name: "0001", call: func(c *Client) (any, error) { return c.Version(ctx) }, check: refusal(401, "No ticket")},
		{name: "0027", call: func(c *Client) (any, error) { return c.Jobs(ctx) }, check: refusal(403, "Permission check failed (/, Sys.Audit)")},
		{name: "0300", other: true, call: taskLog(recordedTask), check: refusal(403, "Permission check failed (/nodes/pve1, Sys.Audit)")},
		{name: "0301", call: taskStatus("UPID:pve1:00000631:000376F7:5B038641:vzdump:101:root@pam!full:"), check: refusal(400, "Parameter verification failed.")},
		{name: "0172", call: analyze("foo"), check: refusal(400, "Parameter verification failed.")},
		{name: "0246", other: true, call: func(c *Client) (any, error) { return c.PrunePreview(ctx, "pve1", "backup2", "") }, check: refusal(500, "no prune-backups options configured for storage 'backup2'")},
		{name: "0101", other: true, call: func(c *Client) (any, error) { return c.Content(ctx, "pve1", "olddisk") }, check: refusal(500, "storage 'olddisk' is disabled")},
		{name: "0014", other: true, call: func(c *Client) (any, error) { _, _, err := c.NodeTasks(ctx, "ghost", TaskQuery{}); return nil, err }, check: func(t *testing.T, got any) {
			refusal(500, "hostname lookup 'ghost' failed - failed to get address info for: ghost: Name or service not known")(t, got)
			if !IsNodeUnreachable(got.(error)) {
				t.Error("the node is unreachable")
			}
		}},
		{name: "0487", other: true, call: func(c *Client) (any, error) { _, _, err := c.NodeTasks(ctx, "pve2", TaskQuery{}); return nil, err }, check: func(t *testing.T, got any) {
			if !IsNodeUnreachable(got.(error)) {
				t.Errorf("the node is unreachable: %v", got)
			}
		}},
		{name: "0495", other: true, call: func(c *Client) (any, error) { return c.NodeStorages(ctx, "pve1") }, check: func(t *testing.T, got any) {
			refusal(595, "Connection refused")(t, got)
			if !IsNodeUnreachable(got.(error)) {
				t.Error("the node is unreachable")
			}
		}},
		{name: "0499", call: func(c *Client) (any, error) { return c.Version(ctx) }, check: refusal(500, "RPCEnvironment init request failed: Unable to load access control list: Connection refused")},
		{name: "0302", other: true, call: func(c *Client) (any, error) {
			_, _, err := c.TaskLogPage(ctx, "pve1", "UPID:pve1:00000631:000376F7:5B038641:vzdump:101:root@pam!full:", 0, 50)
			return nil, err
		}, check: func(t *testing.T, got any) {
			if !errors.Is(got.(error), ErrNoLog) {
				t.Errorf("want ErrNoLog, got %v", got)
			}
		}},
		{name: "0012", other: true, call: func(c *Client) (any, error) { return playAnyPath(ctx, c, "/nope") }, check: refusal(501, "Method 'GET /nope' not implemented")},
		{name: "0058", other: true, call: func(c *Client) (any, error) { return c.Version(ctx) }, check: refusal(301, "Moved Permanently")},
		{name: "0054", other: true, call: func(c *Client) (any, error) { return c.Version(ctx) }, check: refusal(506, "upload 'Content-Type 'text/plain' not implemented")},
	}
}
