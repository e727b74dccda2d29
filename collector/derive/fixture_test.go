package derive

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// bench is a cluster of one node in Berlin, at noon of a Wednesday in summer, with guest 100 and a nightly job for it.
type bench struct {
	t        *testing.T
	world    *World
	memory   *state.Cluster
	settings Settings
	logs     int
}

var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

// at returns a moment of Berlin's clock.
func at(text string) int64 {
	moment, err := time.ParseInLocation("2006-01-02 15:04:05", text, berlin)
	if err != nil {
		panic(err)
	}
	return moment.Unix()
}

const noon = "2026-07-15 12:00:00"

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, memory: state.New(), settings: Settings{Cluster: "home", Checksum: "a"}}
	b.world = &World{
		Now:        at(noon),
		Guests:     []pve.GuestResource{guest("qemu", 100, "pve1")},
		NodeStates: []pve.NodeResource{{Node: "pve1", Status: "online", Online: true}},
		Usage: []pve.StorageResource{
			{Storage: "nas", Node: "pve1", Type: "nfs", Content: "backup,iso", Shared: true, Active: true, Size: 1000, Used: 400},
		},
		Permissions:   everywhere("Sys.Audit", "VM.Audit", "Datastore.Audit", "Pool.Audit"),
		Jobs:          []pve.Job{nightly("nightly", 100)},
		JobsKnown:     true,
		Storages:      []pve.StorageConfig{{ID: "nas", Type: "nfs", Content: []string{"backup"}, Shared: true}},
		StoragesKnown: true,
		Listings:      map[Place]Listing{},
		Nodes:         map[string]NodeFacts{"pve1": {Zone: berlin}},
		Answering:     "pve1",
	}
	return b
}

// everywhere is what Proxmox VE lists for privileges on / that reach below.
func everywhere(privileges ...string) pve.Permissions {
	permissions := pve.Permissions{}
	for _, path := range []string{"/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"} {
		permissions[path] = map[string]bool{}
		for _, privilege := range privileges {
			permissions[path][privilege] = true
		}
	}
	return permissions
}

func guest(kind string, vmid int, node string) pve.GuestResource {
	return pve.GuestResource{ID: fmt.Sprintf("%s/%d", kind, vmid), Type: kind, VMID: vmid, Name: fmt.Sprintf("guest%d", vmid), Node: node, Status: "running"}
}

// nightly is a job at 01:00 onto the storage nas.
func nightly(id string, vmids ...int) pve.Job {
	return pve.Job{
		ID: id, Enabled: true, Schedule: "01:00", Storage: "nas", VMIDs: vmids, NextRun: at("2026-07-16 01:00:00"),
		Options: map[string]string{"storage": "nas", "mode": "snapshot"},
	}
}

// take merges the present listing of guests.
func (b *bench) take() {
	b.t.Helper()
	TakeInventory(b.memory, b.world, b.settings, Complete(b.memory, b.world.Permissions, true))
}

// judge is the end of a full refresh.
func (b *bench) judge() *snapshot.Cluster {
	b.t.Helper()
	facts := b.world.Nodes["pve1"]
	facts.TasksKnown = b.world.Now
	b.world.Nodes["pve1"] = facts
	return Judge(b.memory, b.world, b.settings, NewRuns(b.world), true)
}

// refresh is take and judge.
func (b *bench) refresh() *snapshot.Cluster {
	b.take()
	return b.judge()
}

// fold takes over a finished task with a log that tells of these guests.
func (b *bench) fold(start, end int64, status, command string, guests ...vzdump.Guest) {
	b.t.Helper()
	b.logs++
	task := pve.Task{
		UPID: fmt.Sprintf("UPID:pve1:%08X:00000001:%08X:vzdump::root@pam:", b.logs, start),
		Node: "pve1", Type: "vzdump", User: "root@pam", Status: status, Start: start, End: end,
	}
	FoldTask(b.memory, b.world, task, vzdump.Report{Command: command, Guests: guests}, NewRuns(b.world))
}

const command = "vzdump 100 --quiet 1 --mode snapshot --storage nas"

func succeeded(vmid int, start, end string) vzdump.Guest {
	return vzdump.Guest{
		VMID: vmid, Type: "qemu", Result: vzdump.GuestSuccess, Started: localTime(start), Ended: localTime(end), ArchiveStored: true,
		Archive:      "/mnt/nas/dump/vzdump-qemu-" + itoa(vmid) + "-" + archiveStamp(start) + ".vma.zst",
		ArchiveBytes: optional.Some(int64(1 << 30)), Duration: optional.Some(at(end) - at(start)),
	}
}

func failed(vmid int, start, end string, reason vzdump.Reason) vzdump.Guest {
	return vzdump.Guest{VMID: vmid, Type: "qemu", Result: vzdump.GuestFailed, Reason: reason, Started: localTime(start), Ended: localTime(end)}
}

// archiveStamp turns a time into the form of archive names.
func archiveStamp(text string) string {
	return time.Unix(at(text), 0).In(berlin).Format("2006_01_02-15_04_05")
}

// localTime reads a time as a log states it.
func localTime(text string) vzdump.LocalTime {
	report, err := vzdump.Parse(strings.NewReader("INFO: Starting Backup of VM 100 (qemu)\nINFO: Backup started at " + text + "\n"))
	if err != nil || len(report.Guests) != 1 {
		panic(fmt.Sprintf("no time in a log: %v", err))
	}
	return report.Guests[0].Started
}

func listed(storage string, vmid int, created string, mark string) pve.Archive {
	return pve.Archive{
		VolumeID: storage + ":backup/vzdump-qemu-" + itoa(vmid) + "-" + archiveStamp(created) + ".vma.zst",
		Created:  at(created), VMID: vmid, Type: "qemu", Mark: mark,
	}
}

// target finds a pair in a picture.
func target(picture *snapshot.Cluster, guest, storage string) (snapshot.Target, bool) {
	for _, one := range picture.Targets {
		if one.Guest == guest && one.Storage == storage {
			return one, true
		}
	}
	return snapshot.Target{}, false
}

func (b *bench) target(picture *snapshot.Cluster, guest, storage string) snapshot.Target {
	b.t.Helper()
	one, found := target(picture, guest, storage)
	if !found {
		b.t.Fatalf("no series for %s on %s, only %+v", guest, storage, picture.Targets)
	}
	return one
}

func (b *bench) guest(picture *snapshot.Cluster, id string) snapshot.Guest {
	b.t.Helper()
	for _, one := range picture.Guests {
		if one.ID == id {
			return one
		}
	}
	b.t.Fatalf("no series for %s", id)
	return snapshot.Guest{}
}

// wantTime compares a moment, in words of Berlin's clock; an empty text means that it must be unknown.
func wantTime(t *testing.T, what string, got snapshot.Seconds, want string) {
	t.Helper()
	moment, known := got.Get()
	text := ""
	if known {
		text = time.Unix(moment, 0).In(berlin).Format("2006-01-02 15:04:05")
	}
	if text != want {
		t.Errorf("%s: got %q, want %q", what, text, want)
	}
}
