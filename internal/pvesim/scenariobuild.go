package pvesim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// Build makes the cluster. Its history ends at options.Now, where the scenario's times count from; options.Seed, Name, Version and Start
// override the scenario's own.
func (s *Scenario) Build(options Options) *Cluster { return s.BuildAt(options.Now(), options) }

// BuildAt is Build with another moment to count from: what was to come after it may have happened by options.Now.
func (s *Scenario) BuildAt(now time.Time, options Options) *Cluster {
	options.Seed = cmp.Or(options.Seed, s.Seed)
	options.Name = cmp.Or(options.Name, s.Cluster)
	options.Version = cmp.Or(options.Version, s.Version)
	if options.Start.IsZero() {
		options.Start = now.Add(-time.Duration(s.History))
	}
	c := New(options)
	b := &scenarioBuilder{Scenario: s, cluster: c, now: now, start: options.Start}
	c.Build(b.fixtures)
	b.late()
	for _, e := range s.Events {
		at := now.Add(time.Duration(e.In - e.At))
		for range max(e.Times, 1) {
			c.ChangeAt(at, e.do)
			at = at.Add(time.Duration(e.Every))
		}
	}
	return c
}

// scenarioBuilder turns a scenario into a cluster.
type scenarioBuilder struct {
	*Scenario
	cluster    *Cluster
	now, start time.Time
}

// fixtures puts everything into the model that is there from the beginning.
func (b *scenarioBuilder) fixtures(m *Model) {
	for _, n := range b.Nodes {
		zone, _ := time.LoadLocation(n.Zone) // validated
		m.Nodes = append(m.Nodes, &Node{Name: n.Name, Address: n.Address, Zone: zone, Fillers: n.Fillers})
	}
	for name, p := range b.Pools {
		m.Pools[name] = &Pool{Comment: p.Comment, Storages: p.Storages}
	}
	for _, st := range b.Storages {
		config := maps.Clone(st.Config)
		if config == nil {
			config = map[string]string{}
		}
		m.Storages = append(m.Storages, &Storage{
			ID: st.ID, Type: st.Type, Content: st.Content, Nodes: st.Nodes, Shared: st.Shared, Disabled: st.Disabled,
			DownOn: slices.Clone(st.Down), Retention: st.Retention, Config: config, Size: parseSize(st.Size), Base: parseSize(st.Base),
		})
	}
	for _, g := range b.Guests {
		if !b.lies(g.Created) {
			m.AddGuest(g.guest())
		}
	}
	for _, j := range b.Jobs {
		if !b.lies(j.Created) {
			m.Jobs = append(m.Jobs, j.job())
		}
	}
	for _, a := range b.Archives {
		if !b.lies(a.Age) {
			m.AddArchive(a.archive(b.now))
		}
	}
	for _, o := range b.Outcomes {
		m.AddRule(b.rule(o))
	}
	b.accounts(m.Access)
	if len(b.Tokens) == 0 {
		m.addTokens()
	}
}

// late plans what appears within the history.
func (b *scenarioBuilder) late() {
	for _, g := range b.Guests {
		if b.lies(g.Created) {
			b.cluster.ChangeAt(b.now.Add(-time.Duration(g.Created)), func(m *Model) { m.AddGuest(g.guest()) })
		}
	}
	for _, j := range b.Jobs {
		if b.lies(j.Created) {
			b.cluster.ChangeAt(b.now.Add(-time.Duration(j.Created)), func(m *Model) { m.Jobs = append(m.Jobs, j.job()) })
		}
	}
	for _, a := range b.Archives {
		if b.lies(a.Age) {
			b.cluster.ChangeAt(b.now.Add(-time.Duration(a.Age)), func(m *Model) { m.AddArchive(a.archive(b.now)) })
		}
	}
}

// lies reports whether an age lies within the history; none stands for its beginning.
func (b *scenarioBuilder) lies(age Age) bool {
	return age != 0 && time.Duration(age) < b.now.Sub(b.start)
}

// accounts creates users, tokens, roles and grants. Token and user get the same grants, since separated privileges need both.
func (b *scenarioBuilder) accounts(c *access.Control) {
	for name, privileges := range b.Roles {
		c.Roles[name] = privileges
	}
	for _, t := range b.Tokens {
		user, _, _ := strings.Cut(t.ID, "!")
		if c.Users[user] == nil {
			c.Users[user] = &access.User{}
		}
		c.Tokens[t.ID] = &access.Token{Secret: t.Secret, FullRights: t.FullRights}
		for _, path := range slices.Sorted(maps.Keys(t.Grants)) {
			c.Grants = append(c.Grants, access.Grant{Path: path, Who: user, Role: t.Grants[path]}, access.Grant{Path: path, Who: t.ID, Role: t.Grants[path]})
		}
	}
}

// rule turns an outcome of the file into a rule.
func (b *scenarioBuilder) rule(o ScenarioOutcome) Rule {
	outcome, _ := runlog.ParseOutcome(o.Outcome) // validated
	r := Rule{
		VMID: o.Guest, Job: o.Job, Node: o.Node, Storage: o.Storage, Every: o.Every, Times: o.Times, Outcome: outcome, KeepLock: o.KeepLock,
		Size: o.Size, Duration: o.Duration, Task: o.Task, JobHookFails: o.JobHook, LockTimeout: o.LockTimeout, Unpruned: o.Unpruned,
	}
	if o.Since != 0 {
		r.From = b.now.Add(-time.Duration(o.Since))
	}
	if o.Until != 0 {
		r.Until = b.now.Add(-time.Duration(o.Until))
	}
	if o.In != 0 || o.For != 0 {
		r.From = b.now.Add(time.Duration(o.In))
	}
	if o.For != 0 {
		r.Until = b.now.Add(time.Duration(o.In + o.For))
	}
	return r
}

func (j *ScenarioJob) job() *Job {
	return &Job{ID: j.ID, Schedule: j.Schedule, Disabled: j.Disabled, Options: maps.Clone(j.Options)}
}

func (a *ScenarioArchive) archive(now time.Time) Archive {
	return Archive{
		Storage: a.Storage, Node: a.Node, VMID: a.Guest, Type: a.Type, Created: now.Add(-time.Duration(a.Age)).Unix(), Size: parseSize(a.Size),
		Renamed: a.Renamed, Protected: a.Protected, Notes: a.Notes, Verification: a.Verification,
	}
}

// guest makes the guest with the configuration that the file leaves out.
func (g *ScenarioGuest) guest() *Guest {
	config := maps.Clone(g.Config)
	if config == nil {
		config = map[string]string{}
	}
	out := &Guest{
		VMID: g.ID, Type: g.Type, Node: g.Node, Pool: g.Pool, Stopped: g.Stopped, Lock: g.Lock, Config: config, Used: parseSize(g.Used),
		Rate: parseSize(g.Rate), HookLines: g.Hook,
	}
	out.SetName(g.Name)
	defaults := map[string]string{"memory": "2048", "cores": "2", "ostype": "l26", "agent": "1", "scsihw": "virtio-scsi-single", "boot": "order=scsi0"}
	first, volume := "scsi0", "local-zfs:vm-%d-disk-0,size=%s"
	if g.Type == "lxc" {
		defaults = map[string]string{"memory": "512", "swap": "512", "cores": "1", "ostype": "debian", "arch": "amd64", "unprivileged": "1"}
		first, volume = "rootfs", "local-zfs:subvol-%d-disk-0,size=%s"
	}
	for key, value := range defaults {
		if _, set := config[key]; !set {
			config[key] = value
		}
	}
	if _, set := config[first]; !set && g.Size != "" {
		config[first] = fmt.Sprintf(volume, g.ID, g.Size)
	}
	return out
}
