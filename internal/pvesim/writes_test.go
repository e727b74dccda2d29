package pvesim_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// clientOf talks to a cluster with a token, without a network.
func clientOf(t testing.TB, c *pvesim.Cluster, token, secret string) *pve.Client {
	t.Helper()
	client, err := pve.New(pve.Config{
		Endpoints: []string{"https://anywhere.invalid:8006"}, TokenID: token, TokenSecret: func() (string, error) { return secret, nil },
		Transport: wire.InProcess{Handler: c.Handler()},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// provisioned is the workbench with a pool and a token that may do everything here.
func provisioned(t testing.TB) (*pvesim.Cluster, *pvesim.Clock, *pve.Client) {
	t.Helper()
	c, clock := workbench(t)
	c.Change(func(m *pvesim.Model) {
		m.Pools["prod"] = &pvesim.Pool{}
		m.Guests[100].Pool = "prod"
		m.Access.Tokens["root@pam!full"] = &access.Token{Secret: "0000", FullRights: true}
	})
	return c, clock, clientOf(t, c, "root@pam!full", "0000")
}

type options = map[string]string

// wantRefusal expects an answer of this status and words.
func wantRefusal(t *testing.T, what string, err error, status int, words string) {
	t.Helper()
	var e *pve.Error
	if !errors.As(err, &e) || e.Status != status || !strings.Contains(e.Error(), words) {
		t.Errorf("%s: want %d %s, got %v", what, status, words, err)
	}
}

func TestAWrittenJobRuns(t *testing.T) {
	c, clock, client := provisioned(t)
	ctx := context.Background()
	runs := func() (n int) {
		c.Change(func(m *pvesim.Model) { n = len(m.Archives("nas", "pve1")) })
		return n
	}
	if err := client.CreateJob(ctx, "late", options{"schedule": "01:00", "storage": "nas", "vmid": "101", "prune-backups": "keep-all=1"}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(48 * time.Hour)
	if n := runs(); n != 2 {
		t.Errorf("%d archives after two nights", n)
	}
	if err := client.UpdateJob(ctx, "late", options{"enabled": "0"}, nil); err != nil {
		t.Fatal(err)
	}
	clock.Advance(48 * time.Hour)
	if n := runs(); n != 2 {
		t.Errorf("%d archives: a disabled job ran", n)
	}
	if err := client.UpdateJob(ctx, "late", options{"enabled": "1", "schedule": "hourly", "prune-backups": "keep-last=1"}, nil); err != nil {
		t.Fatal(err)
	}
	clock.Advance(5 * time.Hour)
	if n := runs(); n != 1 {
		t.Errorf("%d archives under the new rule", n)
	}
	if err := client.DeleteJob(ctx, "late"); err != nil {
		t.Fatal(err)
	}
	if jobs, err := client.Jobs(ctx); err != nil || len(jobs) != 0 {
		t.Errorf("%v %v", jobs, err)
	}
}

func TestAJobsSelectionIsReplaced(t *testing.T) {
	_, _, client := provisioned(t)
	ctx := context.Background()
	if err := client.CreateJob(ctx, "sw", options{"schedule": "daily", "storage": "nas", "pool": "prod", "exclude": "100"}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		set    options
		remove []string
		want   string
	}{
		{nil, []string{"comment"}, "pool=prod"}, // the exclusion that only creation keeps is gone
		{options{"all": "1"}, nil, "all=1"},
		{options{"exclude": "101"}, nil, "all=1 exclude=101"},
		{options{"vmid": "102, 103"}, nil, "vmid=102, 103"},
		{options{"pool": "prod"}, nil, "pool=prod"},
		{options{"vmid": "100"}, []string{"pool"}, "vmid=100"},
	} {
		if err := client.UpdateJob(ctx, "sw", step.set, step.remove); err != nil {
			t.Fatal(err)
		}
		job, _, err := client.Job(ctx, "sw")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range []string{"all", "exclude", "pool", "vmid"} {
			if value := job.Raw[name]; value != nil {
				got = append(got, fmt.Sprintf("%s=%v", name, value))
			}
		}
		if text := strings.Join(got, " "); text != step.want {
			t.Errorf("after %v -%v: %s, want %s", step.set, step.remove, text, step.want)
		}
	}
	wantRefusal(t, "nothing is selected", client.UpdateJob(ctx, "sw", nil, []string{"vmid"}), 500, "vmid: property is missing")
	wantRefusal(t, "a schedule goes", client.UpdateJob(ctx, "sw", nil, []string{"schedule"}), 500, "delete: unknown option 'schedule'")
	wantRefusal(t, "two kinds", client.UpdateJob(ctx, "sw", options{"vmid": "100", "pool": "prod"}, nil), 500, "pool: option conflicts with option 'vmid'")
	wantRefusal(t, "notes alone", client.UpdateJob(ctx, "sw", options{"notes-template": "{{vmid}}"}, nil), 400, "storage: missing property - 'notes-template' requires this property")
}

func TestOldVersionsDoNotKnowNewOptions(t *testing.T) {
	for _, tt := range []struct{ version, option, value string }{
		{"7.1-12", "notes-template", "{{vmid}}"},
		{"7.1-12", "protected", "1"},
		{"7.2-4", "repeat-missed", "1"},
		{"8.0.9", "notification-mode", "auto"},
		{"8.1.11", "fleecing", "enabled=1,storage=plain"},
		{"8.2.2", "pbs-change-detection-mode", "data"},
	} {
		c, _, client := provisioned(t)
		c.Change(func(m *pvesim.Model) { m.Version = tt.version })
		job := options{"schedule": "daily", "storage": "nas", "vmid": "100", tt.option: tt.value}
		err := client.CreateJob(context.Background(), "new", job)
		wantRefusal(t, tt.version+" "+tt.option, err, 400, tt.option+": property is not defined in schema and the schema does not allow additional properties")
		c.Change(func(m *pvesim.Model) { m.Version = "9.2.11" })
		if err := client.CreateJob(context.Background(), "new", job); err != nil {
			t.Errorf("%s: %v", tt.option, err)
		}
	}
	c, _, client := provisioned(t)
	c.Change(func(m *pvesim.Model) { m.Version = "7.1-12" })
	err := client.CreateStorage(context.Background(), "usb", "dir", options{"path": "/usb", "max-protected-backups": "1"})
	wantRefusal(t, "storage", err, 400, "max-protected-backups: property is not defined")
}

func TestWritesNeedPrivileges(t *testing.T) {
	c, _, _ := provisioned(t)
	job := options{"schedule": "daily", "storage": "nas", "vmid": "100"}
	for _, tt := range []struct {
		grants, words string
		write         func(context.Context, *pve.Client) error
	}{
		{"", "(/, Sys.Modify)", func(ctx context.Context, p *pve.Client) error {
			return p.CreateJob(ctx, "xx", options{"bogus": "1"}) // before any parameter is looked at
		}},
		{"Sys.Modify", "(/storage/nas, Datastore.Allocate)", func(ctx context.Context, p *pve.Client) error { return p.CreateJob(ctx, "xx", job) }},
		{"Sys.Modify Datastore.Allocate", "(/pool/prod, VM.Backup)", func(ctx context.Context, p *pve.Client) error {
			return p.CreateJob(ctx, "xx", options{"schedule": "daily", "storage": "nas", "pool": "prod"})
		}},
		{"Sys.Modify Datastore.Allocate", "(/storage/plain, Datastore.AllocateSpace)", func(ctx context.Context, p *pve.Client) error {
			return p.CreateJob(ctx, "xx", options{"schedule": "daily", "storage": "nas", "vmid": "100", "fleecing": "enabled=1,storage=plain"})
		}},
		{"Sys.Audit", "(/storage, Datastore.Allocate)", func(ctx context.Context, p *pve.Client) error { return p.CreateStorage(ctx, "xx", "dir", nil) }},
		{"VM.Audit", "(/vms/101, VM.Config.Disk|VM.Config.CDROM|", func(ctx context.Context, p *pve.Client) error {
			return p.UpdateGuest(ctx, "pve1", "qemu", 101, options{"onboot": "1"}, "")
		}},
		{"VM.Config.Options", "(/vms/102, VM.Config.Disk)", func(ctx context.Context, p *pve.Client) error {
			return p.UpdateGuest(ctx, "pve1", "lxc", 102, options{"mp1": "local-zfs:subvol-102-disk-1,mp=/c,backup=1"}, "")
		}},
		{"VM.Config.Disk", "mount point type bind is only allowed for root@pam", func(ctx context.Context, p *pve.Client) error {
			return p.UpdateGuest(ctx, "pve1", "lxc", 102, options{"mp0": "/srv,mp=/srv,backup=1"}, "")
		}},
	} {
		c.Change(func(m *pvesim.Model) {
			m.Access.Roles["Test"] = strings.Fields(tt.grants)
			m.Access.Users["test@pve"], m.Access.Tokens["test@pve!t"] = &access.User{}, &access.Token{Secret: "0000", FullRights: true}
			m.Access.Grants = []access.Grant{{Path: "/", Who: "test@pve", Role: "Test"}}
		})
		wantRefusal(t, tt.grants, tt.write(context.Background(), clientOf(t, c, "test@pve!t", "0000")), 403, tt.words)
	}
}

// The least rights suffice, and the exporter's do for nothing.
func TestTheProvisionersTokenMayProvision(t *testing.T) {
	for _, name := range []string{"home", "small"} {
		scenario, err := pvesim.LoadScenario(name)
		if err != nil {
			t.Fatal(err)
		}
		clock := pvesim.NewClock(start())
		c := scenario.Build(pvesim.Options{Now: clock.Now})
		writes := func(p *pve.Client) map[string]error {
			ctx := context.Background()
			return map[string]error{
				"create a job":     p.CreateJob(ctx, "new", options{"schedule": "daily", "storage": "local-backup", "all": "1"}),
				"change a job":     p.UpdateJob(ctx, "new", options{"comment": "x"}, nil),
				"remove a job":     p.DeleteJob(ctx, "new"),
				"create a storage": p.CreateStorage(ctx, "usb", "dir", options{"path": "/usb", "content": "backup"}),
				"change a storage": p.UpdateStorage(ctx, "usb", options{"disable": "1"}, nil, ""),
			}
		}
		refused := writes(clientOf(t, c, pvesim.ExporterToken, pvesim.ExporterSecret))
		for what, err := range refused {
			if !pve.IsForbidden(err) {
				t.Errorf("%s: the exporter may %s: %v", name, what, err)
			}
		}
		if n := len(c.Requests.Writes()); n != len(refused) {
			t.Errorf("%d writes were noted, want %d", n, len(refused))
		}
		for what, err := range writes(clientOf(t, c, pvesim.ProvisionerToken, pvesim.ProvisionerSecret)) {
			if err != nil {
				t.Errorf("%s: the provisioner may not %s: %v", name, what, err)
			}
		}
		c.Requests.Reset()
		if _, err := clientOf(t, c, pvesim.ProvisionerToken, pvesim.ProvisionerSecret).Jobs(context.Background()); err != nil || len(c.Requests.Writes()) != 0 {
			t.Errorf("reading counts as writing, or %v", err)
		}
	}
}

func TestWritesWithoutAQuorum(t *testing.T) {
	c, _, client := provisioned(t)
	ctx := context.Background()
	if err := client.CreateJob(ctx, "aa", options{"schedule": "daily", "storage": "nas", "vmid": "100"}); err != nil {
		t.Fatal(err)
	}
	c.Change(func(m *pvesim.Model) { m.Quorate = false })
	for what, err := range map[string]error{
		"create": client.CreateJob(ctx, "bb", options{"schedule": "daily", "storage": "nas", "vmid": "100"}), "update": client.UpdateJob(ctx, "aa", options{"enabled": "0"}, nil),
		"delete": client.DeleteJob(ctx, "aa"), "storage": client.UpdateStorage(ctx, "nas", options{"disable": "1"}, nil, ""),
	} {
		wantRefusal(t, what, err, 500, "no quorum!")
	}
	wantRefusal(t, "guest", client.UpdateGuest(ctx, "pve1", "qemu", 101, options{"onboot": "1"}, ""), 500, "Permission denied")
	if job, found, err := client.Job(ctx, "aa"); !found || !job.Enabled || err != nil {
		t.Errorf("something was changed: %+v %v %v", job, found, err)
	}
}

// What is written twice at the same time is written once.
func TestWritesAtTheSameTime(t *testing.T) {
	_, _, client := provisioned(t)
	results := make(chan error)
	for range 8 {
		go func() {
			results <- client.CreateJob(context.Background(), "same", options{"schedule": "daily", "storage": "nas", "vmid": "100"})
		}()
	}
	made := 0
	for range 8 {
		if err := <-results; err == nil {
			made++
		} else if !pve.IsAlreadyExists(err) {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("the job was made %d times", made)
	}
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
