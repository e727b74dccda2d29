package cluster

import (
	"strings"
	"testing"
)

// TestWhatTheClusterWouldTakeUnchecked: each mistake is a problem where the file makes it, all at once and before anything is sent.
func TestWhatTheClusterWouldTakeUnchecked(t *testing.T) {
	prod := func(backup string) string {
		return "environments:\n  prod:\n    guests: {vmids: [100]}\n    backup: {profile: prod, " + backup + "}\n"
	}
	for _, test := range []struct{ what, version, file, problem, hint string }{
		{"a storage that does not exist", "", prod("storage: backup-nsf"), "config.yml:7:38: storage backup-nsf does not exist in cluster home", "did you mean backup-nfs?"},
		{"a storage that is declared", "", prod("storage: usb") + "storages:\n  usb: {type: dir, path: /usb}\n", "", ""},
		{"a storage without backups", "", prod("storage: images"), "config.yml:7:38: storage images may not hold backups", "give it the content"},
		{"a storage that will get backups", "", prod("storage: images2") + "storages:\n  images2: {type: dir, path: /usb}\n", "", ""},
		{"a storage of other nodes", "", prod("storage: local2"), "config.yml:7:38: storage local2 is not for every node that job backup-prod backs up guests of: not for pve1", "`nodes`"},
		{"a node", "", prod("storage: local, node: pve3"), "config.yml:7:51: node pve3 does not exist in cluster home", "pve1, pve2"},
		{"a node of the selection", "", "environments:\n  prod: {guests: {nodes: [pve1, pve9]}, backup: {profile: prod, storage: local}}\n", "config.yml:5:33: node pve9 does not exist in cluster home", ""},
		{"a pool", "", "environments:\n  prod: {guests: {pools: [prd]}, backup: {profile: prod, storage: local}}\n", "config.yml:5:27: pool prd does not exist in cluster home", "Pool.Audit"},
		{"a guest", "", strings.Replace(prod("storage: local"), "[100]", "[100, 999]", 1), "config.yml:6:27: guest 999 does not exist in cluster home: every run of job backup-prod would fail", "VM.Audit"},
		{"a storage for fleecing", "", prod("storage: local, fleecing: {storage: fast}"), "config.yml:7:45: storage fast for fleecing does not exist in cluster home", ""},
		{"a job to be adopted that is not there, with an id that none can be made with", "", prod("storage: local, id: 4you, adopt: true"), "config.yml:7:49: there is no job 4you in cluster home, and Proxmox VE can make none with such an id", ""},
		{"a setting for a Proxmox Backup Server", "", prod("storage: local, pbs-change-detection-mode: data"), "config.yml:7:72: storage local is no Proxmox Backup Server", ""},
		{"a way to notify that came later", "8.0.4", prod("storage: local, notification-mode: legacy-sendmail"), "config.yml:7:64: notification-mode came with Proxmox VE 8.1: cluster home has 8.0.4", "upgrade"},
		{"it is there", "8.1.0", prod("storage: local, notification-mode: legacy-sendmail"), "", ""},
		{"fleecing came later", "8.1.4", prod("storage: local, fleecing: {storage: images}"), "config.yml:7:45: fleecing came with Proxmox VE 8.2: cluster home has 8.1.4", ""},
		{"detection of changes came later", "8.1.4", prod("storage: pbs, pbs-change-detection-mode: data"), "config.yml:7:70: pbs-change-detection-mode came with Proxmox VE 8.2: cluster home has 8.1.4", ""},
		{"what means the same as nothing is known to every version", "7.2-3", prod("storage: local, notification-mode: auto"), "", ""},
		{"repeating came later", "7.1-10", prod("storage: local, repeat-missed: true"), "config.yml:7:60: repeat-missed came with Proxmox VE 7.2: cluster home has 7.1-10", ""},
		{
			"a storage with a folder that is not made", "7.4-3", prod("storage: usb") + "storages:\n  usb: {type: dir, path: /usb, create-base-path: false}\n",
			"config.yml:9:50: create-base-path came with Proxmox VE 8.0: cluster home has 7.4-3", "",
		},
		{
			"a storage for a node that does not exist", "", prod("storage: usb") + "storages:\n  usb: {type: dir, path: /usb, nodes: [pve1, pve8]}\n",
			"config.yml:9:46: node pve8 does not exist in cluster home", "pve1, pve2",
		},
		{
			"a backup server that has to be made without a password", "", "storages:\n  far: {type: pbs, server: pbs, datastore: d, username: b@pbs}\n",
			"config.yml:5:3: storage far has to be made, and needs a password", "password_file",
		},
		{"one that is there", "", "storages:\n  pbs: {type: pbs, server: pbs, datastore: d, username: b@pbs, adopt: true}\n", "", ""},
	} {
		inv := inventory(t)
		if test.version != "" {
			inv.Version = version(t, test.version)
		}
		wish := Desired(load(t, test.file), inv, noon(), nil)
		if got := strings.TrimSuffix(lines(wish.Problems), "\n"); got != test.problem {
			t.Errorf("%s: got  %s\nwant %s", test.what, got, test.problem)
			continue
		}
		for _, problem := range wish.Problems {
			if problem.Hint == "" || !strings.Contains(wish.Problems[0].Hint, test.hint) {
				t.Errorf("%s: hint %q", test.what, problem.Hint)
			}
		}
	}
}

// TestWhatAJobHasAlreadyIsNoProblem: nothing of it would be sent, and a guest that was removed must not keep all else from being mended.
func TestWhatAJobHasAlreadyIsNoProblem(t *testing.T) {
	file := load(t, `environments:
  prod:
    guests: {vmids: [100, 999, 998]}
    backup: {profile: prod, storage: gone, node: pve7, fleecing: {storage: lost}, id: 58366bfd, adopt: true}
`)
	before := map[string]string{"vmid": "100,999,998", "storage": "gone", "node": "pve7", "fleecing": "enabled=1,storage=lost"}
	wish := Desired(file, inventory(t, stored("58366bfd", before)), noon(), nil)
	if len(wish.Problems) > 0 || len(wish.Warnings) != 5 {
		t.Errorf("got problems\n%swarnings\n%s", lines(wish.Problems), lines(wish.Warnings))
	}
	wish = Desired(file, inventory(t, stored("58366bfd", map[string]string{"vmid": "100,999", "storage": "local"})), noon(), nil)
	if got := lines(wish.Problems); len(wish.Problems) != 4 || strings.Contains(got, "guest 999") || !strings.Contains(got, "guest 998") {
		t.Errorf("what would be new is a problem: got\n%s", got)
	}
}

func TestOnlyWhatWasAskedForIsComplainedAbout(t *testing.T) {
	file := load(t, `environments:
  one: {guests: {vmids: [100]}, backup: {profile: prod, storage: nowhere}}
  two: {guests: {vmids: [101]}, backup: {profile: prod, storage: nonesuch}}
`)
	for _, test := range []struct {
		environments []string
		want         int
	}{{nil, 2}, {[]string{"two"}, 1}, {[]string{"other"}, 0}} {
		wish := Desired(file, inventory(t), noon(), test.environments)
		if len(wish.Problems) != test.want || len(wish.Desired) != 2 {
			t.Errorf("%v: %d problems, %d objects", test.environments, len(wish.Problems), len(wish.Desired))
		}
	}
}

// TestWhatIsNotKnownIsNoProblem: the exporter neither lists pools nor knows every version.
func TestWhatIsNotKnownIsNoProblem(t *testing.T) {
	inv := inventory(t)
	inv.Pools, inv.PoolsKnown = nil, false
	inv.Version.Major, inv.Version.Minor, inv.Version.Patch, inv.Version.Text = 0, 0, 0, ""
	wish := Desired(load(t, "environments:\n  a: {guests: {pools: [any]}, backup: {profile: prod, storage: local, fleecing: {storage: images}}}\n"), inv, noon(), nil)
	if len(wish.Problems) > 0 {
		t.Errorf("got %s", lines(wish.Problems))
	}
}
