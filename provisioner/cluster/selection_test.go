package cluster

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// selectionOf lists the jobs of a wish with what they select.
func selectionsOf(wish Wish) map[string]string {
	out := map[string]string{}
	for _, one := range wish.Desired {
		if one.Kind != plan.Job {
			continue
		}
		var words []string
		if one.Undecided {
			words = append(words, "left as it is")
		}
		for _, name := range selectionProperties {
			if field, said := one.Fields[name]; said {
				words = append(words, name+"="+field.Text)
			}
		}
		out[one.ID] = strings.Join(words, " ")
	}
	return out
}

func TestGuestsOfAnEnvironmentBecomeASelection(t *testing.T) {
	backup := ", backup: {profile: prod, storage: local}}\n"
	for _, test := range []struct {
		what, file string
		want       map[string]string
		warning    string
	}{
		{"a pool", "  a: {cluster: home, guests: {pools: [prod]}" + backup, map[string]string{"backup-a": "pool=prod"}, ""},
		{"two pools", "  a: {cluster: home, guests: {pools: [prod, lab/web]}" + backup, map[string]string{"backup-a-prod": "pool=prod", "backup-a-lab-web": "pool=lab/web"}, ""},
		{"a node", "  a: {cluster: home, guests: {nodes: [pve1]}" + backup, map[string]string{"backup-a": "all=1 node=pve1"}, ""},
		{"two nodes", "  a: {cluster: home, guests: {nodes: [pve1, pve2], exclude: [202, 101]}" + backup, map[string]string{
			"backup-a-pve1": "all=1 exclude=101,202 node=pve1", "backup-a-pve2": "all=1 exclude=101,202 node=pve2",
		}, ""},
		{"all", "  a: {cluster: home, guests: {all: true}" + backup, map[string]string{"backup-a": "all=1"}, ""},
		{
			"all the others", "  a: {cluster: home, guests: {vmids: [102]}}\n  b: {cluster: home, guests: {pools: [prod]}" + backup + "  c: {cluster: home, guests: {all: true, exclude: [999]}" + backup,
			map[string]string{"backup-b": "pool=prod", "backup-c": "all=1 exclude=100,101,102,999"},
			"",
		},
		{"the others of a node", "  a: {cluster: home, guests: {tags: [web]}}\n  b: {cluster: home, guests: {nodes: [pve2]}" + backup, map[string]string{"backup-b": "all=1 exclude=200 node=pve2"}, ""},
		{"exempt guests", "  a: {cluster: home, guests: {all: true}" + backup + "exempt: [{cluster: home, vmid: 100, note: x}, {cluster: home, vmid: 101, note: x, until: 2026-11-19}, {cluster: home, vmid: 999, note: gone}]\n", map[string]string{
			"backup-a": "all=1 exclude=100", // the second has expired, the third does not exist
		}, ""},
		{"an exemption's last day", "  a: {cluster: home, guests: {all: true}" + backup + "exempt: [{cluster: home, vmid: 100, note: x, until: 2026-11-20}]\n", map[string]string{"backup-a": "all=1 exclude=100"}, ""},
		{"tags, without regard to case", "  a: {cluster: home, guests: {tags: [web]}" + backup, map[string]string{"backup-a": "vmid=101,102,200"}, ""},
		{
			"tags, but for what belongs elsewhere or is exempt", "  a: {cluster: home, guests: {pools: [prod]}}\n  b: {cluster: home, guests: {tags: [web]}" + backup + "exempt: [{cluster: home, vmid: 200, note: x}]\n",
			map[string]string{"backup-b": "vmid=102"},
			"",
		},
		{"tags and ids, but for excluded ones", "  a: {cluster: home, guests: {vmids: [202, 100], tags: [web], exclude: [101]}" + backup, map[string]string{"backup-a": "vmid=100,102,200,202"}, ""},
		{
			"a tag that nobody has", "  a: {cluster: home, guests: {tags: [none]}" + backup,
			map[string]string{"backup-a": "left as it is"},
			"config.yml:5:22: environment a selects no guest: its job backup-a is left as it is\n",
		},
		{
			"an exempt guest that is named", "  a: {cluster: home, guests: {vmids: [100]}" + backup + "exempt: [{cluster: home, vmid: 100, note: x}]\n",
			map[string]string{"backup-a": "vmid=100"},
			"config.yml:5:39: guest 100 is exempt and is backed up all the same: the environment names it\n",
		},
		{
			"guests of a pool that cannot be left out",
			"  a: {cluster: home, guests: {tags: [x]}}\n  b: {cluster: home, guests: {pools: [prod]}" + backup + "exempt: [{cluster: home, vmid: 100, note: x}]\n",
			map[string]string{"backup-b": "pool=prod"},
			"config.yml:6:39: job backup-b backs up guests of pool prod that belong to an environment further up: 101\n" +
				"config.yml:6:39: job backup-b backs up guests of pool prod that are exempt: 100\n",
		},
		{
			"an adopted job selects what the file says, word for word",
			"  a: {cluster: home, guests: {pools: [prod]}" + backup + "  b: {cluster: home, guests: {all: true, exclude: [202]}, backup: {profile: prod, storage: local, adopt: true}}\nexempt: [{cluster: home, vmid: 201, note: x}]\n",
			map[string]string{"backup-a": "pool=prod", "backup-b": "all=1 exclude=202"},
			"",
		},
	} {
		wish := Desired(load(t, "environments:\n"+test.file), inventory(t), noon(), nil)
		if got := selectionsOf(wish); !maps.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.what, got, test.want)
		}
		if got := lines(wish.Warnings); got != test.warning || len(wish.Problems) > 0 {
			t.Errorf("%s: warnings %q, problems %q; want %q", test.what, got, lines(wish.Problems), test.warning)
		}
	}
}

// TestANodeThatIsAwayTakesNobodyOutOfAJob: the tags of its guests cannot be seen.
func TestANodeThatIsAwayTakesNobodyOutOfAJob(t *testing.T) {
	file := load(t, `environments:
  a: {cluster: home, guests: {tags: [web]}, backup: {profile: prod, storage: local}}
  b: {cluster: home, guests: {all: true}, backup: {profile: prod, storage: local}}
`)
	inv := inventory(t, stored("backup-a", map[string]string{"vmid": "101,102,200"}), stored("backup-b", map[string]string{"all": "1", "exclude": "101,102,200"}))
	for i := range inv.Guests {
		if inv.Guests[i].Node == "pve2" {
			inv.Guests[i].Tags, inv.Guests[i].Silent = nil, true
		}
	}
	want := map[string]string{"backup-a": "vmid=101,102,200", "backup-b": "all=1 exclude=101,102,200"}
	if got := selectionsOf(Desired(file, inv, noon(), nil)); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWhomAJobCovers(t *testing.T) {
	prod := func(guests, backup string) string {
		return "environments:\n  prod: {cluster: home, guests: {" + guests + "}, backup: {profile: prod, " + backup + "}}\n"
	}
	for _, test := range []struct {
		what, file string
		want       []int
	}{
		{"a pool", prod("pools: [prod]", "storage: local"), []int{100, 101}},
		{"a node", prod("nodes: [pve2]", "storage: local"), []int{200, 201, 202}},
		{"ids, those on another node not", prod("vmids: [100, 200]", "node: pve1, storage: local"), []int{100}},
		{"all but some", prod("all: true, exclude: [100, 201]", "storage: local"), []int{101, 102, 200, 202}},
		{"a disabled job", prod("all: true", "storage: local, enabled: false"), nil},
		{"a schedule in the past", prod("all: true", "storage: local, schedule: '2020-01-01 00:00'"), nil},
		{"a disabled storage", prod("all: true", "storage: off"), nil},
		{"a storage of one node", prod("all: true", "storage: local2"), []int{200, 201, 202}},
		{"a storage without backups", prod("all: true", "storage: images"), nil},
		{"a storage that will be made", prod("all: true", "storage: usb") + "storages:\n  usb: {cluster: home, type: dir, path: /usb, nodes: [pve1]}\n", []int{100, 101, 102}},
		{"a storage that will be disabled", prod("all: true", "storage: local") + "storages:\n  local: {cluster: home, type: dir, path: /usb, enabled: false}\n", nil},
	} {
		file := load(t, test.file)
		wanted := findJob(t, Desired(file, inventory(t), noon(), nil), "backup-prod")
		if !slices.Equal(wanted.Guests, test.want) {
			t.Errorf("%s: got %v, want %v", test.what, wanted.Guests, test.want)
		}
		if strings.Contains(test.file, "storages:") {
			continue
		}
		job := stored("j", texts(wanted)) // once it exists, the same is judged of it
		job.Enabled = wanted.Fields["enabled"].Text == "1"
		if strings.HasPrefix(wanted.Fields["schedule"].Text, "2020") {
			job.NextRun = 0
		}
		if current := CurrentJob("", inventory(t), &job); !slices.Equal(current.Guests, test.want) {
			t.Errorf("%s, once it is there: got %v, want %v", test.what, current.Guests, test.want)
		}
	}
	folder := pve.Job{ID: "x", Enabled: true, NextRun: 1, Dumpdir: "/var/old", VMIDs: []int{100}}
	if got := CurrentJob("", inventory(t), &folder).Guests; !slices.Equal(got, []int{100}) {
		t.Errorf("a job that writes to a folder: got %v", got)
	}
}
