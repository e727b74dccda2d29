package pvesim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// forwardHead is a cluster to which things happen in the tests below: a job at one o'clock for three guests.
const forwardHead = `
cluster: test
history: 3d
nodes: [{name: pve1, zone: UTC}, {name: pve2, zone: UTC}]
pools: {prod: {}}
storages:
  - {id: nas, type: nfs, content: [backup], retention: keep-last=3, size: 1T}
guests:
  - {id: 100, type: qemu, name: web, node: pve1, size: 16G}
  - {id: 101, type: lxc, name: dns, node: pve1, size: 8G}
jobs:
  - {id: nightly, schedule: "01:00", options: {storage: nas, all: "1", mode: snapshot}}
`

// forward builds a scenario that begins at midnight and lets so many hours go by.
func forward(t *testing.T, text string, hours int) *pvesim.Cluster {
	t.Helper()
	scenario, err := pvesim.ParseScenario("test", []byte(forwardHead+text))
	if err != nil {
		t.Fatal(err)
	}
	clock := pvesim.NewClock(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	cluster := scenario.Build(pvesim.Options{Now: clock.Now})
	clock.Advance(time.Duration(hours) * time.Hour)
	return cluster
}

func TestWhatIsToComeHappens(t *testing.T) {
	for name, test := range map[string]struct {
		story string
		hours int
		want  string // of look
		look  func(m *pvesim.Model) string
	}{
		"a guest appears":         {`events: [{in: 5h, create: {id: 200, type: lxc, node: pve2, size: 4G}}]`, 6, "lxc/200 on pve2", guestText(200)},
		"and not before its time": {`events: [{in: 5h, create: {id: 200, type: lxc, node: pve2, size: 4G}}]`, 4, "none", guestText(200)},
		"a guest becomes a template in a pool": {
			`events: [{in: 5h, change_guest: {guest: 100, pool: prod, config: {template: "1", memory: ""}}}]`, 6, "prod true ",
			func(m *pvesim.Model) string {
				return fmt.Sprint(m.Guests[100].Pool, " ", m.Guests[100].Template(), " ", m.Guests[100].Config["memory"])
			},
		},
		"a job is edited": {
			`events: [{in: 5h, change_job: {job: nightly, schedule: "04:00", disabled: true, options: {mode: stop}}}]`, 6, "04:00 true stop nas",
			func(m *pvesim.Model) string {
				j := m.Job("nightly")
				return fmt.Sprint(j.Schedule, " ", j.Disabled, " ", j.Get("mode"), " ", j.Storage())
			},
		},
		"a job goes": {`events: [{in: 5h, remove_job: {job: nightly}}]`, 6, "0", func(m *pvesim.Model) string { return fmt.Sprint(len(m.Jobs)) }},
		"a storage is edited": {
			`events: [{in: 5h, change_storage: {storage: nas, disabled: true, retention: "keep-last=1", size: 2T}}]`, 6, "true keep-last=1 2",
			func(m *pvesim.Model) string {
				s := m.Storage("nas")
				return fmt.Sprint(s.Disabled, " ", s.Retention, " ", s.Size>>40)
			},
		},
		"a storage goes":           {`events: [{in: 5h, remove_storage: {storage: nas}}]`, 6, "true", func(m *pvesim.Model) string { return fmt.Sprint(m.Storage("nas") == nil) }},
		"a storage fills at once":  {`events: [{in: 5h, fill: {storage: nas, to: 90}}]`, 6, "90", percent},
		"half the way is half":     {`events: [{in: 6h, fill: {storage: nas, to: 80, over: 100h}}]`, 56, "41", percent},
		"a saw has teeth":          {`events: [{in: 4h, every: 6h, times: 3, fill: {storage: nas, to: 90}}, {in: 7h, every: 6h, times: 3, fill: {storage: nas, to: 50}}]`, 17, "90", percent},
		"and gaps":                 {`events: [{in: 4h, every: 6h, times: 3, fill: {storage: nas, to: 90}}, {in: 7h, every: 6h, times: 3, fill: {storage: nas, to: 50}}]`, 20, "50", percent},
		"an archive appears":       {`events: [{in: 5h, archive: {storage: nas, guest: 300, type: qemu, size: 1G}}]`, 6, "1", archivesOf(300)},
		"old ones are kept":        {`outcomes: [{guest: 100, in: 0s, for: 72h, unpruned: true}]`, 60, "6", archivesOf(100)},
		"and pruned when it ends":  {`outcomes: [{guest: 100, in: 1h, for: 47h, unpruned: true}]`, 60, "3", archivesOf(100)},
		"archives disappear":       {`events: [{in: 5h, lose_archives: {storage: nas, guest: 100, keep: 1}}]`, 6, "1", archivesOf(100)},
		"the index is lost":        {`events: [{in: 5h, lose_task_index: {node: pve1}}]`, 6, "0", func(m *pvesim.Model) string { return fmt.Sprint(len(m.Tasks("pve1", ""))) }},
		"a clock goes wrong":       {`events: [{in: 5h, clock: {node: pve1, behind: 10m, for: 2h}}]`, 6, "-10m0s", func(m *pvesim.Model) string { return fmt.Sprint(m.Node("pve1").ClockSkew) }},
		"and right again":          {`events: [{in: 5h, clock: {node: pve1, behind: 10m, for: 2h}}]`, 8, "0s", func(m *pvesim.Model) string { return fmt.Sprint(m.Node("pve1").ClockSkew) }},
		"the quorum is lost":       {`events: [{in: 5h, quorum_lost: {for: 2h}}]`, 6, "false", func(m *pvesim.Model) string { return fmt.Sprint(m.Quorate) }},
		"a backup hangs":           {`outcomes: [{guest: 100, in: 0s, duration: 1000}]`, 6, "1", running},
		"and is stopped":           {"outcomes: [{guest: 100, in: 0s, for: 2h, duration: 1000}]\nevents: [{in: 5h, stop_backup: {node: pve1}}]", 6, "0", running},
		"only in the stated times": {`outcomes: [{guest: 100, in: 20h, for: 20h, outcome: io_error}]`, 60, "OK job errors OK", statuses},
	} {
		t.Run(name, func(t *testing.T) {
			forward(t, test.story, test.hours).Change(func(m *pvesim.Model) {
				if got := test.look(m); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		})
	}
}

func guestText(id int) func(*pvesim.Model) string {
	return func(m *pvesim.Model) string {
		if m.Guests[id] == nil {
			return "none"
		}
		return m.Guests[id].ID() + " on " + m.Guests[id].Node
	}
}

func percent(m *pvesim.Model) string { return fmt.Sprintf("%.0f", m.Used("nas", "pve1")*100) }

func archivesOf(id int) func(*pvesim.Model) string {
	return func(m *pvesim.Model) string {
		count := 0
		for _, a := range m.Archives("nas", "pve1") {
			if a.VMID == id {
				count++
			}
		}
		return fmt.Sprint(count)
	}
}

func running(m *pvesim.Model) string { return fmt.Sprint(len(m.RunningBackups("pve1"))) }

func statuses(m *pvesim.Model) string {
	var list []string
	for _, upid := range m.Tasks("pve1", "vzdump")[:3] {
		list = append(list, m.TaskStatus(upid))
	}
	return strings.Join(list, " ")
}

func TestATokenLosesWhatItMay(t *testing.T) {
	for name, test := range map[string]struct {
		story string
		hours int
		path  string
		want  int
	}{
		"expired":                      {`events: [{in: 5h, token_expired: {for: 2h}}]`, 6, "/version", 401},
		"renewed":                      {`events: [{in: 5h, token_expired: {for: 2h}}]`, 8, "/version", 200},
		"another's":                    {`events: [{in: 5h, token_expired: {token: "backup-details@pve!metrics"}}]`, 6, "/version", 200},
		"without a privilege":          {`events: [{in: 5h, privilege_taken: {privilege: Sys.Audit, for: 2h}}]`, 6, "/cluster/backup", 403},
		"with it again":                {`events: [{in: 5h, privilege_taken: {privilege: Sys.Audit, for: 2h}}]`, 8, "/cluster/backup", 200},
		"with the others":              {`events: [{in: 5h, privilege_taken: {privilege: Datastore.Audit}}]`, 6, "/cluster/backup", 200},
		"on one path":                  {`events: [{in: 5h, privilege_taken: {privilege: Datastore.Audit, path: /storage/nas}}]`, 6, "/nodes/pve1/storage/nas/status", 403},
		"the API answers an error":     {`events: [{in: 5h, fault: {endpoint: /cluster/backup, status: 503, for: 2h}}]`, 6, "/cluster/backup", 503},
		"and then no more":             {`events: [{in: 5h, fault: {endpoint: /cluster/backup, status: 503, for: 2h}}]`, 8, "/cluster/backup", 200},
		"a daemon of a node is down":   {`events: [{in: 5h, daemon_down: {node: pve1, for: 2h}}]`, 6, "/nodes/pve1/storage", 595},
		"the daemon of a node is back": {`events: [{in: 5h, daemon_down: {node: pve1, for: 2h}}]`, 8, "/nodes/pve1/storage", 200},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := forward(t, test.story, test.hours)
			cluster.Change(func(*pvesim.Model) {}) // faults begin when time has come so far
			status, _, err := askInProcess(t, cluster, pvesim.ExporterSecret, test.path)
			if err != nil || !strings.HasPrefix(status, fmt.Sprint(test.want)) {
				t.Errorf("got %s, %v, want %d", status, err, test.want)
			}
		})
	}
}

func TestMistakesInWhatIsToComeAreFound(t *testing.T) {
	for text, want := range map[string]string{
		`events: [{in: 1h, migrate: {guest: 999, to: pve2}}]`:                                  "event 1: unknown guest 999",
		`events: [{in: 1h, migrate: {guest: 100, to: pve9}}]`:                                  `event 1: unknown node "pve9"`,
		`events: [{in: 1h, fill: {storage: nfs, to: 50}}]`:                                     `event 1: unknown storage "nfs"`,
		`events: [{in: 1h, fill: {storage: nas, to: 500}}]`:                                    "event 1: fills the storage to 500 percent",
		`events: [{in: 1h, change_job: {job: weekly}}]`:                                        `event 1: unknown job "weekly"`,
		`events: [{in: 1h, change_job: {job: nightly, schedule: "fry 02:00"}}]`:                `event 1: job "nightly"`,
		`events: [{in: 1h, remove_job: {job: weekly}}]`:                                        `event 1: unknown job "weekly"`,
		`events: [{in: 1h, times: 3, node_down: {node: pve1}}]`:                                "event 1: happens 3 times, but not every how long",
		`events: [{in: 1h, create: {id: 200, type: vm, node: pve1}}]`:                          `event 1: guest 200: type "vm" is neither`,
		`events: [{in: 1h, change_guest: {guest: 100, pool: lab}}]`:                            `event 1: unknown pool "lab"`,
		`events: [{in: 1h, token_expired: {token: "a@pve!b"}}]`:                                `event 1: unknown token "a@pve!b"`,
		`events: [{in: 1h, privilege_taken: {path: /}}]`:                                       "event 1: no privilege is named",
		`outcomes: [{guest: 100, since: 3d, for: 2d, outcome: io_error}]`:                      "outcome 1: is stated both",
		`events: [{in: 1h, clock: {node: pve1, ahead: 1m}, node_down: {node: pve1}}]`:          "event 1: has 2 actions instead of one",
		`events: [{in: 1h, clocks: {node: pve1}}]`:                                             "clocks",
		`events: [{in: 1h, storage_down: {storage: nas, node: pve9}}]`:                         `event 1: unknown node "pve9"`,
		`events: [{in: 1h, lose_archives: {storage: nfs, node: pve1}}]`:                        `event 1: unknown storage "nfs"`,
		`events: [{in: 1h, job: {id: weekly, schedule: "fry 02:00", options: {all: "1"}}}]`:    `event 1: job "weekly"`,
		`events: [{in: 1h, job: {id: weekly, schedule: daily, options: {storage: nas}}}]`:      `event 1: job "weekly": selects no guest`,
		`events: [{in: 1h, job: {id: weekly, schedule: daily, options: {pool: lab}}}]`:         `event 1: job "weekly": unknown pool "lab"`,
		`events: [{in: 1h, job: {id: weekly, schedule: daily, options: {vmid: web}}}]`:         `vmid: "web" is no id of a guest`,
		`events: [{in: 1h, change_job: {job: nightly, options: {prune: "keep-last=3"}}}]`:      `event 1: unknown option "prune"`,
		`events: [{in: 1h, change_job: {job: nightly, options: {prune-backups: "last=3"}}}]`:   `event 1: retention rule "last=3"`,
		`events: [{in: 1h, change_storage: {storage: nas, size: big}}]`:                        `event 1: size: "big" is no size`,
		`events: [{in: 1h, change_storage: {storage: nas, content: [backups]}}]`:               `event 1: unknown content "backups"`,
		`events: [{in: 1h, change_storage: {storage: nas, nodes: [pve9]}}]`:                    `event 1: unknown node "pve9"`,
		`events: [{in: 1h, change_storage: {storage: nas, retention: "keep-daily"}}]`:          `event 1: retention rule "keep-daily"`,
		`events: [{in: 1h, lock: {guest: 100, to: frozen}}]`:                                   `event 1: unknown lock "frozen"`,
		`events: [{in: 1h, rename: {guest: 100}}]`:                                             "event 1: names no to",
		`events: [{in: 1h, destroy: {}}]`:                                                      "event 1: names no guest",
		`events: [{in: 1h, node_down: {for: 1h}}]`:                                             "event 1: names no node",
		`events: [{in: 1h, verify: {storage: nas, state: bad}}]`:                               `event 1: unknown state "bad"`,
		`events: [{in: 1h, fault: {endpoint: /node}}]`:                                         `event 1: unknown endpoint "/node"`,
		`events: [{in: 1h, every: 1d, lock: {guest: 100}}]`:                                    "event 1: happens every 1d, but not how many times",
		`events: [{at: 30d, lock: {guest: 100}}]`:                                              "event 1: happens 30d before the beginning, and the history is only 3d long",
		`events: [{in: 1h, create: {id: 100, type: lxc, node: pve1}}]`:                         "event 1: guest 100 is there already, at the beginning",
		`events: [{in: 2h, rename: {guest: 100, to: a}}, {in: 1h, destroy: {guest: 100}}]`:     "event 1: guest 100 is not there, after event 2",
		`events: [{in: 1h, remove_job: {job: nightly}}, {in: 2h, remove_job: {job: nightly}}]`: "event 2: job nightly is not there, after event 1",
		`events: [{in: 1h, create: {id: 7, type: lxc, node: pve1}}]`:                           "event 1: guest 7: is no id of a guest",
		`events: [{in: 1h, archive: {storage: nas, type: qemu, age: 1d, size: 1X}}]`:           `event 1: size: "1X" is no size`,
		`events: [{in: 1h, lose_archives: {storage: nas, guest: 999}}]`:                        "event 1: unknown guest 999",
		`outcomes: [{guest: 999, outcome: io_error}]`:                                          "outcome 1: unknown guest 999",
		`outcomes: [{job: weekly, outcome: io_error}]`:                                         `outcome 1: unknown job "weekly"`,
		`outcomes: [{storage: nsa, outcome: io_error}]`:                                        `outcome 1: unknown storage "nsa"`,
		`outcomes: [{outcome: io_error, size: -1}]`:                                            "outcome 1: has a negative number",
		`outcomes: [{outcome: io_error, since: 1d, until: 2d}]`:                                "outcome 1: ends 2d ago, before it begins 1d ago",
		`archives: [{storage: nas, guest: 100, type: qemu, verification: good}]`:               `archive 1: unknown verification "good"`,
		`tokens: [{id: root, secret: a}]`:                                                      `token "root": is no id of a token`,
	} {
		if _, err := pvesim.ParseScenario("test", []byte(forwardHead+text)); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "test:") || len(ui.Hints(err)) == 0 {
			t.Errorf("%s: got %v, hints %q, want an error with %q", text, err, ui.Hints(err), want)
		}
	}
}
