package pvesim

import (
	"maps"
	"time"
)

// changeGuest edits a guest's configuration; an empty text removes a key.
type changeGuest struct {
	Guest  int               `yaml:"guest"`
	Pool   *string           `yaml:"pool"`
	Config map[string]string `yaml:"config"`
}

// changeJob edits a job; an empty text removes an option.
type changeJob struct {
	Job      string            `yaml:"job"`
	Schedule string            `yaml:"schedule"`
	Disabled *bool             `yaml:"disabled"`
	Options  map[string]string `yaml:"options"`
}

// jobAction is an action on one job.
type jobAction struct {
	Job string `yaml:"job"`
}

// changeStorage edits a storage. Size is a text such as "500G".
type changeStorage struct {
	Storage   string   `yaml:"storage"`
	Disabled  *bool    `yaml:"disabled"`
	Nodes     []string `yaml:"nodes"`
	Content   []string `yaml:"content"`
	Retention *string  `yaml:"retention"`
	Size      string   `yaml:"size"`
}

// storageAction is an action on one storage.
type storageAction struct {
	Storage string `yaml:"storage"`
}

// nodeAction is an action on one node.
type nodeAction struct {
	Node string `yaml:"node"`
}

// changeActions lists what the event changes of the cluster's configuration and around it.
func (e *ScenarioEvent) changeActions() []func(*Model) {
	var list []func(*Model)
	add := func(set bool, action func(*Model)) {
		if set {
			list = append(list, action)
		}
	}
	add(e.Create != nil, func(m *Model) { m.AddGuest(e.Create.guest()) })
	add(e.ChangeGuest != nil, func(m *Model) { e.ChangeGuest.do(m) })
	add(e.ChangeJob != nil, func(m *Model) { e.ChangeJob.do(m) })
	add(e.RemoveJob != nil, func(m *Model) { m.RemoveJob(e.RemoveJob.Job) })
	add(e.ChangeStorage != nil, func(m *Model) { e.ChangeStorage.do(m) })
	add(e.RemoveStorage != nil, func(m *Model) { m.RemoveStorage(e.RemoveStorage.Storage) })
	add(e.Fill != nil, func(m *Model) { e.Fill.do(m) })
	add(e.Archive != nil, func(m *Model) {
		if m.Storage(e.Archive.Storage) != nil {
			m.AddArchive(e.Archive.archive(m.Now()))
		}
	})
	add(e.StopBackup != nil, func(m *Model) {
		for _, upid := range m.RunningBackups(e.StopBackup.Node) {
			m.Stop(upid)
		}
	})
	add(e.LoseTaskIndex != nil, func(m *Model) { m.LoseTaskIndex(e.LoseTaskIndex.Node) })
	add(e.DaemonDown != nil, func(m *Model) {
		e.DaemonDown.apply(m, func(m *Model, down bool) { m.Node(e.DaemonDown.Node).DaemonDown = down })
	})
	add(e.APIDown != nil, func(m *Model) { e.APIDown.apply(m, func(m *Model, down bool) { m.Down = down }) })
	add(e.QuorumLost != nil, func(m *Model) { e.QuorumLost.apply(m, func(m *Model, lost bool) { m.Quorate = !lost }) })
	add(e.Clock != nil, func(m *Model) { e.Clock.do(m) })
	add(e.TokenExpired != nil, func(m *Model) { e.TokenExpired.expire(m) })
	add(e.PrivilegeTaken != nil, func(m *Model) { e.PrivilegeTaken.take(m) })
	add(e.Fault != nil, func(m *Model) { e.Fault.do(m) })
	return list
}

func (a *changeGuest) do(m *Model) {
	g := m.Guests[a.Guest]
	if g == nil {
		return
	}
	if a.Pool != nil {
		g.Pool = *a.Pool
	}
	edit(g.Config, a.Config)
}

func (a *changeJob) do(m *Model) {
	job := m.Job(a.Job)
	if job == nil {
		return
	}
	if a.Schedule != "" {
		job.Schedule = a.Schedule
	}
	if a.Disabled != nil {
		job.Disabled = *a.Disabled
	}
	if job.Options == nil {
		job.Options = map[string]string{}
	}
	edit(job.Options, a.Options)
}

// edit takes changes over; an empty text removes.
func edit(config, changes map[string]string) {
	maps.Copy(config, changes)
	maps.DeleteFunc(config, func(key, _ string) bool {
		text, changed := changes[key]
		return changed && text == ""
	})
}

func (a *changeStorage) do(m *Model) {
	s := m.Storage(a.Storage)
	if s == nil {
		return
	}
	if a.Disabled != nil {
		s.Disabled = *a.Disabled
	}
	if a.Nodes != nil {
		s.Nodes = a.Nodes
	}
	if a.Content != nil {
		s.Content = a.Content
	}
	if a.Retention != nil {
		s.Retention = *a.Retention
	}
	if a.Size != "" {
		s.Size = parseSize(a.Size)
	}
}

// fillAction fills or empties a storage with other things than backups, evenly over a time.
type fillAction struct {
	Storage string  `yaml:"storage"`
	To      float64 `yaml:"to"` // percent of the storage that are then in use, backups included
	Over    Age     `yaml:"over"`
}

// do begins to fill: a step an hour.
func (a *fillAction) do(m *Model) {
	s := m.Storage(a.Storage)
	if s == nil {
		return
	}
	began, from := m.Now(), m.Used(s.ID, m.Nodes[0].Name)*100
	var step func(*Model)
	step = func(m *Model) {
		part := 1.0
		if a.Over > 0 {
			part = min(1, float64(m.Now().Sub(began))/float64(a.Over))
		}
		want := int64((from + (a.To-from)*part) / 100 * float64(s.Size))
		s.Base = max(0, want-m.cluster.shelfAt(m.place(s, m.Nodes[0].Name)).bytes)
		if part < 1 {
			m.At(m.Now().Add(time.Hour), step)
		}
	}
	step(m)
}
