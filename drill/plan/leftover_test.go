package plan

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

const began = 1795390000

var entry = Entry{
	Run: "0123456789abcdef", Cluster: "home", Node: "pve1", Kind: VM, VMID: 990000, Archive: "nas:backup/x", Source: "qemu/101",
	Token: "backup-drill@pve!drill", Started: began,
}

func task(kind, id, user, token string, start int64) pve.Task {
	return pve.Task{UPID: "UPID:" + kind + id + user, Node: "pve1", Type: kind, ID: id, User: user, TokenID: token, Start: start, Status: "OK"}
}

func TestOnlyWhatADrillMadeIsRemoved(t *testing.T) {
	ours := task("qmrestore", "990000", "backup-drill@pve", "drill", began+2)
	running := task("qmrestore", "990000", "backup-drill@pve!drill", "", began+2)
	byHand := task("qmcreate", "990000", "root@pam", "", began+600)
	marked := func(run string, until int64) string { return Mark{Run: run, Until: until}.Description("nas:backup/x") }
	for _, test := range []struct {
		name     string
		guest    Found
		entries  []Entry
		tasks    []pve.Task
		audits   bool
		want     bool
		busy     bool
		describe bool
	}{
		{name: "our mark", guest: Found{VMID: 990000, Description: marked(entry.Run, began+1e6)}, entries: []Entry{entry}, describe: true, want: true},
		{name: "a mark whose time is over", guest: Found{VMID: 990001, Description: marked("ffffffffffffffff", began+900)}, describe: true, want: true},
		{name: "a mark of another machine", guest: Found{VMID: 990001, Description: marked("ffffffffffffffff", began+1e6)}, describe: true, busy: true},
		{name: "our mark outside of the range", guest: Found{VMID: 500, Description: marked(entry.Run, began)}, entries: []Entry{entry}, describe: true},
		{name: "no mark and not in the journal", guest: Found{VMID: 990000, Description: "precious"}, tasks: []pve.Task{ours}, audits: true, describe: true},
		{name: "restored by us, not marked", guest: Found{VMID: 990000}, entries: []Entry{entry}, tasks: []pve.Task{ours}, audits: true, describe: true, want: true},
		{name: "restored by us, told while it runs", guest: Found{VMID: 990000}, entries: []Entry{entry}, tasks: []pve.Task{running}, audits: true, describe: true, want: true},
		{name: "in the journal, but nobody made it", guest: Found{VMID: 990000}, entries: []Entry{entry}, audits: true, describe: true},
		{name: "made anew by hand since", guest: Found{VMID: 990000}, entries: []Entry{entry}, tasks: []pve.Task{ours, byHand}, audits: true, describe: true},
		{name: "made by hand, told in another order", guest: Found{VMID: 990000}, entries: []Entry{entry}, tasks: []pve.Task{byHand, ours}, audits: true, describe: true},
		{name: "not allowed to see other tasks", guest: Found{VMID: 990000}, entries: []Entry{entry}, tasks: []pve.Task{ours}, describe: true},
		{
			name: "restored by another token", guest: Found{VMID: 990000}, entries: []Entry{entry}, audits: true, describe: true,
			tasks: []pve.Task{task("qmrestore", "990000", "backup-drill@pve", "other", began+2)},
		},
		{
			name: "restored before the journal's entry", guest: Found{VMID: 990000}, entries: []Entry{entry}, audits: true, describe: true,
			tasks: []pve.Task{task("qmrestore", "990000", "backup-drill@pve", "drill", began-Skew-1)},
		},
		{name: "of another kind", guest: Found{VMID: 990000, Kind: Container}, entries: []Entry{entry}, tasks: []pve.Task{ours}, audits: true, describe: true},
		{name: "a task of another guest", guest: Found{VMID: 990001}, entries: []Entry{entry}, tasks: []pve.Task{ours}, audits: true, describe: true},
	} {
		if test.guest.Kind == "" {
			test.guest.Kind = VM
		}
		test.guest.Described = test.describe
		verdict := Judge(test.guest, Evidence{First: 990000, Last: 990004, Entries: test.entries, Tasks: test.tasks, Complete: test.audits, Now: began + 3600})
		if verdict.Remove != test.want || verdict.Busy != test.busy || verdict.Why == "" {
			t.Errorf("%s: got %+v", test.name, verdict)
		}
	}
}

// Once the restore's own task is known, no other restore of the same token and time is taken for it.
func TestAKnownTaskDecides(t *testing.T) {
	known := entry
	known.Task = "UPID:the-one"
	other := task("qmrestore", "990000", "backup-drill@pve", "drill", began+2)
	evidence := Evidence{First: 990000, Last: 990004, Entries: []Entry{known}, Tasks: []pve.Task{other}, Complete: true, Now: began + 3600}
	if Judge(Found{VMID: 990000, Kind: VM, Described: true}, evidence).Remove {
		t.Error("a guest that another task made was to be removed")
	}
	other.UPID = known.Task
	evidence.Tasks = []pve.Task{other}
	if !Judge(Found{VMID: 990000, Kind: VM, Described: true}, evidence).Remove {
		t.Error("a guest that the known task made was to be left")
	}
}
