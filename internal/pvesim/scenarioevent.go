package pvesim

import (
	"slices"
	"time"
)

// ScenarioEvent is something that happens: At is how long ago, In how far ahead; Times times, Every so often. Exactly one of the actions
// is set.
type ScenarioEvent struct {
	At    Age `yaml:"at"`
	In    Age `yaml:"in"`
	Every Age `yaml:"every"`
	Times int `yaml:"times"` // 0 for once

	Migrate       *guestAction   `yaml:"migrate"` // to another node
	Rename        *guestAction   `yaml:"rename"`  // to another name
	Lock          *guestAction   `yaml:"lock"`    // to: the lock, empty to unlock
	Destroy       *guestAction   `yaml:"destroy"`
	StopGuest     *guestAction   `yaml:"stop_guest"`
	StartGuest    *guestAction   `yaml:"start_guest"`
	Backup        *backupAction  `yaml:"backup"` // by hand
	Crash         *crashAction   `yaml:"crash"`
	NodeDown      *downAction    `yaml:"node_down"`
	SchedulerDown *downAction    `yaml:"scheduler_down"`
	StorageDown   *downAction    `yaml:"storage_down"`
	Job           *ScenarioJob   `yaml:"job"` // new or instead of the one of that id
	LoseArchives  *archiveAction `yaml:"lose_archives"`
	Verify        *archiveAction `yaml:"verify"`
	Task          *taskAction    `yaml:"task"`

	Create         *ScenarioGuest   `yaml:"create"`
	ChangeGuest    *changeGuest     `yaml:"change_guest"`
	ChangeJob      *changeJob       `yaml:"change_job"`
	RemoveJob      *jobAction       `yaml:"remove_job"`
	ChangeStorage  *changeStorage   `yaml:"change_storage"`
	RemoveStorage  *storageAction   `yaml:"remove_storage"`
	Fill           *fillAction      `yaml:"fill"`
	Archive        *ScenarioArchive `yaml:"archive"`
	StopBackup     *nodeAction      `yaml:"stop_backup"`
	LoseTaskIndex  *nodeAction      `yaml:"lose_task_index"`
	DaemonDown     *downAction      `yaml:"daemon_down"`
	APIDown        *downAction      `yaml:"api_down"`
	QuorumLost     *downAction      `yaml:"quorum_lost"`
	Clock          *clockAction     `yaml:"clock"`
	TokenExpired   *rightsAction    `yaml:"token_expired"`
	PrivilegeTaken *rightsAction    `yaml:"privilege_taken"`
	Fault          *faultAction     `yaml:"fault"`
}

// guestAction is an action on one guest.
type guestAction struct {
	Guest int    `yaml:"guest"`
	To    string `yaml:"to"`
	Purge bool   `yaml:"purge"`
	User  string `yaml:"user"`
}

// backupAction is a backup by hand.
type backupAction struct {
	Node    string            `yaml:"node"`
	Options map[string]string `yaml:"options"`
	User    string            `yaml:"user"`
}

// crashAction kills the backup that a node is working on.
type crashAction struct {
	Node     string `yaml:"node"`
	KeepLock bool   `yaml:"keep_lock"`
}

// downAction takes a node, its scheduler or a storage down, for a while or for good.
type downAction struct {
	Node    string `yaml:"node"`
	Storage string `yaml:"storage"`
	For     Age    `yaml:"for"`
}

// archiveAction is about the archives of a guest on a storage.
type archiveAction struct {
	Storage string `yaml:"storage"`
	Node    string `yaml:"node"`  // that sees them; empty for any
	Guest   int    `yaml:"guest"` // 0 for all
	Keep    int    `yaml:"keep"`  // so many of the newest stay, or are left out
	State   string `yaml:"state"` // of the verification
}

// taskAction is a task of another kind.
type taskAction struct {
	Node   string `yaml:"node"`
	Kind   string `yaml:"kind"`
	ID     string `yaml:"id"`
	User   string `yaml:"user"`
	Status string `yaml:"status"`
}

// do performs the event.
func (e *ScenarioEvent) do(m *Model) {
	for _, action := range e.actions() {
		action(m)
	}
}

// actions lists what the event does.
func (e *ScenarioEvent) actions() []func(*Model) {
	list := append(e.guestActions(), e.changeActions()...)
	add := func(set bool, action func(*Model)) {
		if set {
			list = append(list, action)
		}
	}
	add(e.Backup != nil, func(m *Model) { m.Backup(e.Backup.Node, e.Backup.Options, userOr(e.Backup.User)) })
	add(e.Crash != nil, func(m *Model) { m.Crash(e.Crash.Node, e.Crash.KeepLock) })
	add(e.NodeDown != nil, func(m *Model) {
		e.NodeDown.apply(m, func(m *Model, down bool) { m.Node(e.NodeDown.Node).Offline = down })
	})
	add(e.SchedulerDown != nil, func(m *Model) {
		e.SchedulerDown.apply(m, func(m *Model, down bool) { m.Node(e.SchedulerDown.Node).SchedulerStopped = down })
	})
	add(e.StorageDown != nil, func(m *Model) { e.StorageDown.apply(m, e.StorageDown.storage) })
	add(e.Job != nil, func(m *Model) {
		m.RemoveJob(e.Job.ID)
		m.Jobs = append(m.Jobs, e.Job.job())
	})
	add(e.LoseArchives != nil, func(m *Model) { e.LoseArchives.each(m, m.RemoveArchive) })
	add(e.Verify != nil, func(m *Model) { e.Verify.each(m, func(a *Archive) { a.Verification = e.Verify.State }) })
	add(e.Task != nil, func(m *Model) { m.Task(e.Task.Node, e.Task.Kind, e.Task.ID, userOr(e.Task.User), e.Task.Status) })
	return list
}

// guestActions lists what the event does to a guest.
func (e *ScenarioEvent) guestActions() []func(*Model) {
	var list []func(*Model)
	add := func(a *guestAction, action func(*Model, *Guest)) {
		if a != nil {
			list = append(list, func(m *Model) {
				if g := m.Guests[a.Guest]; g != nil {
					action(m, g)
				}
			})
		}
	}
	add(e.Migrate, func(m *Model, g *Guest) { m.Migrate(g.VMID, e.Migrate.To, userOr(e.Migrate.User)) })
	add(e.Rename, func(_ *Model, g *Guest) { g.SetName(e.Rename.To) })
	add(e.Lock, func(_ *Model, g *Guest) { g.Lock = e.Lock.To })
	add(e.Destroy, func(m *Model, g *Guest) { m.Destroy(g.VMID, e.Destroy.Purge, userOr(e.Destroy.User)) })
	add(e.StopGuest, func(_ *Model, g *Guest) { g.Stopped = true })
	add(e.StartGuest, func(_ *Model, g *Guest) { g.Stopped = false })
	return list
}

// userOr is the user of an action; root where the file names none.
func userOr(user string) string {
	if user == "" {
		return "root@pam"
	}
	return user
}

// apply takes something down, and plans its return.
func (a *downAction) apply(m *Model, set func(m *Model, down bool)) {
	set(m, true)
	if a.For != 0 {
		m.At(m.Now().Add(time.Duration(a.For)), func(m *Model) { set(m, false) })
	}
}

// storage takes a storage down on a node, or on all.
func (a *downAction) storage(m *Model, down bool) {
	s := m.Storage(a.Storage)
	if s == nil {
		return
	}
	node := a.Node
	if node == "" {
		node = "*"
	}
	s.DownOn = slices.DeleteFunc(s.DownOn, func(n string) bool { return n == node })
	if down {
		s.DownOn = append(s.DownOn, node)
	}
}

// each calls f for a guest's archives, the newest ones left out.
func (a *archiveAction) each(m *Model, f func(*Archive)) {
	ofGuest := map[int][]*Archive{}
	for _, archive := range a.lying(m) {
		if a.Guest == 0 || archive.VMID == a.Guest {
			ofGuest[archive.VMID] = append(ofGuest[archive.VMID], archive)
		}
	}
	for _, list := range ofGuest {
		slices.SortFunc(list, func(x, y *Archive) int { return int(y.Created - x.Created) })
		for _, archive := range list[min(a.Keep, len(list)):] {
			f(archive)
		}
	}
}

// lying lists the archives that a node sees on the storage, or without one those that any node sees.
func (a *archiveAction) lying(m *Model) []*Archive {
	s := m.Storage(a.Storage)
	if a.Node != "" || s == nil || s.IsShared() {
		return m.Archives(a.Storage, a.Node)
	}
	var list []*Archive
	for _, node := range m.Nodes {
		list = append(list, m.Archives(a.Storage, node.Name)...)
	}
	return list
}
