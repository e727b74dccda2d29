package check

import (
	"errors"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

func TestStorages(t *testing.T) {
	try(t, "storages", []trial{
		{"fine", func(*facts) {}, OK, []string{"storage nas: nfs, shared, active on pve1 and pve2, retention keep-daily=7"}, []string{"local"}},
		{"down where a job writes", func(f *facts) { f.resources.value.Storages[1].Active = false }, Problem, []string{
			"storage nas is not active on pve2", "backups to it will fail there (job nightly)", "pvesm status --storage nas",
		}, nil},
		{"down on a node that is offline", func(f *facts) {
			f.resources.value.Storages[1].Active, f.resources.value.Nodes[1].Online = false, false
		}, OK, nil, nil},
		{"down and unused", func(f *facts) {
			f.resources.value.Storages[1].Active, f.jobs.value[0].Enabled = false, false
		}, Warning, []string{"no enabled job uses it there"}, nil},
		{"down where no guest is", func(f *facts) {
			f.resources.value.Storages[1].Active, f.jobs.value[0].VMIDs = false, []int{100}
		}, Warning, []string{"not active on pve2"}, nil},
		{"never pruned", func(f *facts) { f.storages.value[0].Retention = "" }, Warning, []string{
			"storage nas: nothing is ever removed", "neither the storage nor job nightly has a retention", "pvesm set nas --prune-backups keep-daily=7,keep-weekly=4",
		}, nil},
		{"the job prunes", func(f *facts) { f.storages.value[0].Retention, f.jobs.value[0].Retention = "", "keep-last=3" }, OK, []string{"the jobs' own retention"}, nil},
		{"the nodes prune", func(f *facts) {
			f.storages.value[0].Retention = ""
			f.nodes["pve2"].defaults.value.Retention = "keep-last=3"
		}, OK, []string{"the nodes' own retention"}, nil},
		{"an old rule", func(f *facts) {
			f.storages.value[0].Retention, f.storages.value[0].Raw = "", map[string]any{"maxfiles": "3"}
		}, OK, []string{"maxfiles 3"}, nil},
		{"an old rule of the job", func(f *facts) {
			f.storages.value[0].Retention, f.jobs.value[0].Options = "", map[string]string{"maxfiles": "3"}
		}, OK, nil, nil},
		{"kept on purpose", func(f *facts) { f.storages.value[0].Retention = "keep-all=1" }, OK, []string{"keeps all, on purpose"}, nil},
		{"a backup server", func(f *facts) { f.storages.value[0].Type, f.storages.value[0].Retention = "pbs", "" }, OK, []string{"prune jobs decide"}, nil},
		{"disabled", func(f *facts) { f.storages.value[0].Disabled = true }, Info, []string{"storage nas is disabled"}, nil},
		{"local", func(f *facts) { f.storages.value[0].Shared = false }, OK, []string{"archives are looked at on each node"}, nil},
		{"none is for backups", func(f *facts) { f.storages.value[0].Content = []string{"images"} }, Warning, []string{"no storage is for backups"}, nil},
		{"unreadable", func(f *facts) { f.storages = failed[[]pve.StorageConfig](errors.New("500 no")) }, Problem, []string{"storages cannot be read"}, nil},
	})
}

func TestJobs(t *testing.T) {
	job := func(change func(*pve.Job)) func(*facts) { return func(f *facts) { change(&f.jobs.value[0]) } }
	try(t, "jobs", []trial{
		{"fine", func(*facts) {}, OK, []string{"1 backup job, 1 enabled; nightly runs next, in 13 h"}, nil},
		{"none", func(f *facts) { f.jobs.value = nil }, Warning, []string{"no backup job"}, nil},
		{"unreadable", func(f *facts) {
			f.jobs = failed[[]pve.Job](&pve.Error{Status: 403, Message: "Permission check failed (/, Sys.Audit)"})
		}, Problem, []string{"GET /cluster/backup", "Permission check failed (/, Sys.Audit)"}, nil},
		{"disabled", job(func(j *pve.Job) { j.Enabled = false }), Info, []string{"job nightly is disabled"}, nil},
		{"never again", func(f *facts) {
			f.jobs.value[0].Schedule, f.jobs.value[0].NextRun = "2020-01-01 00:00", 0
		}, Warning, []string{"job nightly never runs again", "'2020-01-01 00:00'", "pvesh set /cluster/backup/nightly --schedule 01:00"}, nil},
		{"removes nothing", job(func(j *pve.Job) { j.Options = map[string]string{"remove": "0"} }), Info, []string{"job nightly removes no archives"}, nil},
		{"deleted guest", job(func(j *pve.Job) { j.VMIDs = []int{100, 998, 101} }), Warning, []string{
			"names guests that do not exist: 998", "job errors", "pvesh set /cluster/backup/nightly --vmid 100,101",
		}, nil},
		{"deleted guests only", job(func(j *pve.Job) { j.VMIDs = []int{998} }), Warning, []string{"pvesh delete /cluster/backup/nightly"}, nil},
		{"guests that cannot be seen are not missing", func(f *facts) {
			f.jobs.value[0].VMIDs = []int{100, 998}
			may(without("VM.Audit"))(f)
		}, OK, nil, nil},
		{"without quorum nothing is missing", func(f *facts) {
			f.jobs.value[0].VMIDs = []int{100, 998}
			f.status.value.Quorate = false
		}, OK, nil, nil},
		{"empty pool", job(func(j *pve.Job) { j.VMIDs, j.Pool = nil, "none" }), Warning, []string{"selects no guest", "pool none"}, nil},
		{"empty node", job(func(j *pve.Job) { j.VMIDs, j.Node = []int{101}, "pve1" }), Warning, []string{"selects no guest", "node pve1"}, nil},
		{"unknown node", job(func(j *pve.Job) { j.Node = "pve9" }), Problem, []string{"node pve9 only, which does not exist", "--delete node"}, nil},
		{"node offline", func(f *facts) {
			f.jobs.value[0].Node, f.resources.value.Nodes[0].Online = "pve1", false
		}, Warning, []string{"node pve1 only, which is offline"}, nil},
		{"no such storage", job(func(j *pve.Job) { j.Storage = "gone" }), Problem, []string{"storage gone, which does not exist", "nas"}, nil},
		{"a storage out of sight", func(f *facts) {
			f.jobs.value[0].Storage = "secret"
			may(auditor(), pve.Permissions{"/storage/secret": {"Sys.Audit": true}})(f)
		}, OK, nil, nil},
		{"storage disabled", func(f *facts) { f.storages.value[0].Disabled = true }, Problem, []string{"which is disabled", "pvesm set nas --disable 0"}, nil},
		{"storage of another kind", job(func(j *pve.Job) { j.Storage = "local" }), Problem, []string{"which is not for backups", "pvesm set local --content iso,backup"}, nil},
		{"the node's default storage", job(func(j *pve.Job) { j.Storage = "" }), Problem, []string{"storage local, which is not for backups"}, nil},
		{"storage of other nodes", func(f *facts) { f.storages.value[0].Nodes = []string{"pve1"} }, Problem, []string{"storage nas, which is not for pve2", "pvesm set nas --delete nodes"}, nil},
		{"storage of other nodes, pool", func(f *facts) {
			f.storages.value[0].Nodes, f.jobs.value[0].VMIDs, f.jobs.value[0].Pool = []string{"pve2"}, nil, "prod"
		}, Problem, []string{"which is not for pve1"}, nil},
		{"storage of other nodes, all but some", func(f *facts) {
			f.storages.value[0].Nodes = []string{"pve1"}
			f.jobs.value[0].VMIDs, f.jobs.value[0].All, f.jobs.value[0].Exclude = nil, true, []int{101, 900}
		}, OK, nil, nil},
		{"storage of other nodes, pinned", func(f *facts) {
			f.storages.value[0].Nodes = []string{"pve1"}
			f.jobs.value[0].VMIDs, f.jobs.value[0].All, f.jobs.value[0].Node = nil, true, "pve1"
		}, OK, nil, nil},
		{"storage of the job's nodes", func(f *facts) {
			f.storages.value[0].Nodes, f.jobs.value[0].VMIDs = []string{"pve1"}, []int{100}
		}, OK, nil, nil},
		{"a plain folder", job(func(j *pve.Job) { j.Storage, j.Dumpdir = "", "/mnt/backup" }), Info, []string{"plain folder"}, nil},
		{"a name that wants to be a command", job(func(j *pve.Job) { j.ID, j.VMIDs = "x;reboot", []int{998} }), Warning, []string{"/cluster/backup/'x;reboot'"}, nil},
		{"a disabled job's storage does not matter", job(func(j *pve.Job) { j.Enabled, j.Storage = false, "gone" }), Info, nil, []string{"gone"}},
	})
}

func TestCover(t *testing.T) {
	try(t, "cover", []trial{
		{"all", func(*facts) {}, OK, []string{"3 guests, 1 exempt"}, nil},
		{"one without", func(f *facts) { f.jobs.value[0].VMIDs = []int{100} }, Warning, []string{"1 guest is not backed up", "no job selects lxc/101 (dns)", "`exempt`"}, []string{"900"}},
		{"a disabled job is no cover", func(f *facts) { f.jobs.value[0].Enabled = false }, Warning, []string{"2 guests are not backed up", "only disabled jobs select lxc/101 (dns) and qemu/100 (web)"}, nil},
		{"no exemption any more", func(f *facts) { f.file.Exempt = nil }, Warning, []string{"lxc/900 (scratch)"}, nil},
	})
	f := healthy(t, "exempt:", "external_backups: [{vmid: 101, storage: nas, interval: 24h}]\nexempt:")
	f.jobs.value[0].VMIDs = []int{100}
	if findings := findingsOf(f, "cover"); worst(findings) != OK {
		t.Errorf("guest 101 is backed up by something else: %+v", findings)
	}
}

func TestSchedules(t *testing.T) {
	next := func(schedule string, next answer[[]int64]) func(*facts) {
		return func(f *facts) {
			f.jobs.value[0].Schedule = schedule
			f.schedules[schedule] = &next
		}
	}
	refused := &pve.Error{Status: 400, Reason: "Parameter verification failed.", Fields: map[string]string{"schedule": "invalid calendar event 'at 5' - unable to parse"}}
	try(t, "schedules", []trial{
		{"understood", func(*facts) {}, OK, []string{"1 schedule is understood"}, nil},
		{"not understood", next("at 5", failed[[]int64](refused)), Problem, []string{"'at 5' of job nightly is not a calendar event", "unable to parse", "`mon..fri 22:30`"}, nil},
		{"the cluster does not say", next("02:00", failed[[]int64](errors.New("500 no"))), Problem, []string{"could not be asked when '02:00' runs"}, nil},
		{"understood by the cluster alone", next("every full moon", got([]int64{1})), Info, []string{"by the cluster only"}, nil},
	})
	f := healthy(t, "profile: prod,", `profile: prod, schedule: "2020-01-01 00:00", offsite: {storage: pbs, schedule: "sun 25:00"},`)
	if all := f.schedulesInUse(); len(all) != 3 {
		t.Errorf("schedules of the file count as well: %q", all)
	}
	f.schedules["2020-01-01 00:00"] = new(got([]int64{}))
	f.schedules["sun 25:00"] = new(failed[[]int64](refused))
	text := textOf(t, findingsOf(f, "schedules"))
	wantContains(t, text, "'2020-01-01 00:00' of /etc/backup/config.yml:8:69 has no run in the future", "'sun 25:00' of /etc/backup/config.yml:8:")
}

func TestTasks(t *testing.T) {
	gone := func(f *facts) { f.log.bytes = failed[int64](pve.ErrNoLog) }
	try(t, "tasks", []trial{
		{"readable", func(*facts) {}, OK, []string{"60 backup tasks on 2 nodes listed", "2.0 KiB, 2 guests"}, nil},
		{"none yet", func(f *facts) {
			for _, node := range f.nodes {
				node.tasks.value = taskList{}
			}
			f.log = nil
		}, Info, []string{"no node lists a finished backup task"}, nil},
		{"a node's are unreadable", func(f *facts) { f.nodes["pve2"].tasks = failed[taskList](errors.New("595 No route to host")) }, Problem, []string{"tasks of node pve2 cannot be read", "30 backup tasks on 1 node"}, nil},
		{"recent ones are unreadable", func(f *facts) { f.recent = failed[[]pve.Task](errors.New("500 no")) }, Problem, []string{"GET /cluster/tasks"}, nil},
		{"log refused", func(f *facts) {
			f.log.bytes = failed[int64](&pve.Error{Status: 403, Message: "Permission check failed (/nodes/pve1, Sys.Audit)"})
		}, Problem, []string{"log of the newest backup task (UPID:pve1:", "cannot be read", "Permission check failed"}, nil},
		{"log gone", gone, Info, []string{"is gone"}, nil},
		{"log of a failure", func(f *facts) { f.log.says.Guests[1].Result = vzdump.GuestFailed }, OK, []string{"2 guests, 1 failed"}, nil},
		{"log of something else", func(f *facts) { f.log.says = vzdump.Report{Lines: 3} }, Warning, []string{"is not understood", "3 lines", "pve-backup-exporter explain"}, nil},
	})
}

func TestArchives(t *testing.T) {
	withDetails := func(shown int) func(*facts) {
		return func(f *facts) {
			f.cluster.ArchiveDetails = true
			may(with("Datastore.AllocateSpace", "VM.Backup"))(f)
			f.archives[0].content = got(make([]pve.Archive, shown))
		}
	}
	try(t, "archives", []trial{
		{"listed", func(*facts) {}, OK, []string{"14 archives in 1 place listed, by the dry run of a prune"}, nil},
		{"out of sight", func(f *facts) { f.archives[0].listed = answer[[]pve.Archive]{} }, "", nil, nil},
		{"unlistable", func(f *facts) {
			f.archives[0].listed = failed[[]pve.Archive](errors.New("500 unable to activate storage"))
		}, Problem, []string{"archives on nas cannot be listed"}, nil},
		{"on a node", func(f *facts) {
			f.archives[0].shared = false
			f.archives[0].listed = failed[[]pve.Archive](errors.New("500 no"))
		}, Problem, []string{"nas of node pve1"}, nil},
		{"backup server refuses", func(f *facts) {
			f.archives[0].listed = failed[[]pve.Archive](errors.New("500 error pruning backups - check log"))
		}, Problem, []string{"Datastore.Prune"}, nil},
		{"details", withDetails(14), OK, []string{"with their sizes"}, nil},
		{"details hidden", withDetails(3), Problem, []string{"shows 3 of 14 archives", "status 200 and no word", "--roles BackupExporter,BackupExporterDetails", "archive_details: false"}, nil},
		{"details hidden for a reason that is told elsewhere", func(f *facts) {
			withDetails(0)(f)
			may(auditor())(f)
		}, OK, nil, nil},
		{"details unreadable", func(f *facts) {
			withDetails(14)(f)
			f.archives[0].content = failed[[]pve.Archive](errors.New("500 no"))
		}, Problem, []string{"the content of nas cannot be listed"}, nil},
	})
}

func TestPlaces(t *testing.T) {
	at := func(storage, node string, shared, active bool, content string) pve.StorageResource {
		return pve.StorageResource{Storage: storage, Node: node, Shared: shared, Active: active, Content: content}
	}
	places := placesOf(pve.Resources{Storages: []pve.StorageResource{
		at("nas", "pve2", true, true, "backup,iso"), at("nas", "pve1", true, false, "backup"), at("nas", "pve3", true, true, "backup"),
		at("local", "pve1", false, true, "iso,backup"), at("local", "pve2", false, true, "backup"), at("local", "pve4", false, true, "backup"),
		at("images", "pve1", false, true, "images"),
	}}, map[string]bool{"pve1": true, "pve2": true, "pve3": true})
	var names []string
	for _, place := range places {
		names = append(names, place.storage+"@"+place.node)
	}
	if len(names) != 3 || names[0] != "local@pve1" || names[1] != "local@pve2" || names[2] != "nas@pve2" {
		t.Errorf("a shared storage once, a local one on each node that is online: %q", names)
	}
}
