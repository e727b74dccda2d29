package cluster

import (
	"maps"
	"slices"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// own is what every job of the profile prod says, as changed.
func own(id, environment string, changed map[string]string) map[string]string {
	fields := map[string]string{
		"enabled": "1", "schedule": "01:00", "storage": "local", "mode": "snapshot", "compress": "zstd", "prune-backups": "keep-daily=7,keep-weekly=4",
		"notes-template": "{{guestname}} {{vmid}} {{node}} [job " + id + "]", "comment": "[pve-backup-exporter environment=" + environment + "]",
	}
	maps.Copy(fields, changed)
	maps.DeleteFunc(fields, func(_, value string) bool { return value == "" })
	return fields
}

func TestWhatTheFileSaysOfAJob(t *testing.T) {
	prod := func(backup string) string {
		return "environments:\n  prod: {cluster: home, guests: {vmids: [102, 100]}, backup: {" + backup + "}}\n"
	}
	ids := map[string]string{"vmid": "100,102"}
	for _, test := range []struct {
		what, file, id string
		want           map[string]string
	}{
		{"a profile", prod("profile: prod, storage: local"), "backup-prod", own("backup-prod", "prod", ids)},
		{"no profile", prod("schedule: 'sat 05:00', storage: local"), "backup-prod", own("backup-prod", "prod", with2(ids, "schedule", "sat 05:00", "prune-backups", ""))},
		{
			"an owner", "provision: {owner: team-a}\n" + prod("profile: prod, storage: local, comment: ask Ann"), "backup-prod",
			own("backup-prod", "prod", with2(ids, "comment", "ask Ann [pve-backup-exporter owner=team-a environment=prod]")),
		},
		{
			"every key", prod(`profile: prod, storage: local, id: nightly, enabled: false, node: pve1, mode: stop, compress: none, zstd: 0, bwlimit: 51200, retention: {keep-last: 3},
    notification-mode: legacy-sendmail, mailto: [b@example.org, a@example.org], mailnotification: failure, notes-template: "{{node}}", protected: true, repeat-missed: true,
    fleecing: {storage: images}`), "nightly",
			own("nightly", "prod", with2(ids, "enabled", "0", "node", "pve1", "mode", "stop", "compress", "0", "zstd", "0", "bwlimit", "51200", "prune-backups", "keep-last=3",
				"notification-mode", "legacy-sendmail", "mailto", "b@example.org,a@example.org", "mailnotification", "failure", "notes-template", "{{node}} [job nightly]",
				"protected", "1", "repeat-missed", "1", "fleecing", "enabled=1,storage=images")),
		},
		{
			"Proxmox VE's own defaults are not said", prod("profile: prod, storage: local, bwlimit: 0, protected: false, repeat-missed: false, notification-mode: auto, mailnotification: always"),
			"backup-prod", own("backup-prod", "prod", ids),
		},
		{"the node's defaults", prod("profile: prod, storage: local, mode: default, compress: default"), "backup-prod", own("backup-prod", "prod", with2(ids, "mode", "", "compress", ""))},
		{"notes that name the job", prod("profile: prod, storage: local, notes-template: 'x [job backup-prod] y'"), "backup-prod", own("backup-prod", "prod", with2(ids, "notes-template", "x [job backup-prod] y"))},
		{
			"an off-site copy has the first job's mode and compression, and nothing else",
			prod("profile: prod, storage: local, mode: stop, bwlimit: 5, offsite: {storage: pbs, schedule: 'sun 04:00', pbs-change-detection-mode: metadata, retention: {keep-all: true}}"), "backup-prod-offsite",
			own("backup-prod-offsite", "prod", with2(ids, "storage", "pbs", "schedule", "sun 04:00", "mode", "stop", "prune-backups", "keep-all=1", "pbs-change-detection-mode", "metadata")),
		},
		{"an adopted job says what the file says", prod("schedule: '02:00', storage: local, id: old, adopt: true, protected: false"), "old", map[string]string{
			"enabled": "1", "schedule": "02:00", "storage": "local", "vmid": "100,102",
		}},
	} {
		file := load(t, test.file)
		wish := Desired(file, inventory(t), noon(), nil)
		if len(wish.Problems)+len(wish.Warnings) > 0 {
			t.Errorf("%s: %s%s", test.what, lines(wish.Problems), lines(wish.Warnings))
		}
		wanted := findJob(t, wish, test.id)
		if got := texts(wanted); !maps.Equal(got, test.want) {
			t.Errorf("%s: got\n%v, want\n%v", test.what, got, test.want)
		}
		if wanted.Environment != "prod" {
			t.Errorf("%s: environment %q", test.what, wanted.Environment)
		}
	}
}

// with2 returns fields with some set.
func with2(fields map[string]string, pairs ...string) map[string]string {
	fields = maps.Clone(fields)
	for i := 0; i < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	return fields
}

func TestAnAdoptedJobIsManagedAsFarAsTheFileSays(t *testing.T) {
	file := load(t, `environments:
  prod: {cluster: home, guests: {vmids: [100]}, backup: {schedule: "02:00", storage: local, id: old, adopt: true, protected: false, mode: default}}
`)
	old := stored("old", map[string]string{
		"vmid": "100", "storage": "local", "mode": "stop", "compress": "gzip", "protected": "1", "comment": "by hand", "notes-template": "x", "node": "pve1", "ionice": "3",
	})
	inv := inventory(t, old)
	wish := Desired(file, inv, noon(), nil)
	wanted := findJob(t, wish, "old")
	if want := []string{"all", "enabled", "exclude", "mode", "node", "pool", "protected", "schedule", "storage", "vmid"}; !slices.Equal(wanted.Managed, want) || !wanted.Adopt {
		t.Errorf("managed: got %v, want %v", wanted.Managed, want)
	}
	made, _ := planOf(t, file, inv)
	var names []string
	for _, change := range made.Changes {
		for _, field := range change.Fields {
			names = append(names, field.Name)
		}
	}
	if want := []string{"mode", "node", "protected", "schedule"}; !slices.Equal(names, want) {
		t.Errorf("the plan changes %v, want %v", names, want)
	}
}

func TestAMarkOnAnAdoptedJobStays(t *testing.T) {
	const mark = "[pve-backup-exporter environment=old]"
	file := load(t, `environments:
  prod: {cluster: home, guests: {vmids: [100]}, backup: {schedule: "02:00", storage: local, id: old, adopt: true, comment: new words}}
`)
	for before, want := range map[string]string{"": "new words", "by hand": "new words", "by hand " + mark: "new words " + mark} {
		wish := Desired(file, inventory(t, stored("old", map[string]string{"vmid": "100", "comment": before})), noon(), nil)
		if got := texts(findJob(t, wish, "old"))["comment"]; got != want {
			t.Errorf("%q becomes %q, want %q", before, got, want)
		}
	}
}

func TestEveryValueKnowsItsPlace(t *testing.T) {
	file := load(t, `environments:
  prod:
    guests: {pools: [prod]}
    backup:
      profile: prod
      storage: local
      bwlimit: 7
      offsite:
        storage: pbs
        schedule: "04:00"
`)
	wish := Desired(file, inventory(t), noon(), nil)
	first, second := findJob(t, wish, "backup-prod"), findJob(t, wish, "backup-prod-offsite")
	for what, pair := range map[string][2]string{
		"the job": {first.At, "config.yml:7:5"}, "a value": {first.Fields["bwlimit"].At, "config.yml:10:16"}, "of the profile": {first.Fields["schedule"].At, "config.yml:7:5"},
		"the pool": {first.Fields["pool"].At, "config.yml:6:22"}, "the copy": {second.At, "config.yml:11:7"}, "its schedule": {second.Fields["schedule"].At, "config.yml:13:19"},
		"what it has from the first": {second.Fields["mode"].At, "config.yml:11:7"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: at %s, want %s", what, pair[0], pair[1])
		}
	}
}

// TestASecondRunDoesNothing plans again after everything was done.
func TestASecondRunDoesNothing(t *testing.T) {
	file := load(t, `environments:
  prod: {cluster: home, guests: {pools: [prod]}, backup: {profile: prod, storage: local, comment: ours, offsite: {storage: pbs, schedule: "04:00"}}}
  web: {cluster: home, guests: {tags: [web], exclude: [200]}, backup: {profile: lab, storage: backup-nfs, fleecing: {storage: images}, mailto: [a, b], repeat-missed: true}}
  rest: {cluster: home, guests: {nodes: [pve1, pve2]}, backup: {profile: monitoring, storage: local, enabled: false}}
exempt:
  - {cluster: home, vmid: 201, note: scratch}
`)
	inv := inventory(t)
	first, wish := planOf(t, file, inv)
	if len(first.Changes) != 5 || len(first.Refusals)+len(wish.Problems) > 0 {
		t.Fatalf("got %+v\n%s", first, lines(wish.Problems))
	}
	for _, change := range first.Changes {
		options := map[string]string{}
		for _, field := range change.Fields {
			options[field.Name] = field.After
		}
		job := stored(change.ID, options)
		job.Enabled, job.Schedule = options["enabled"] == "1", options["schedule"]
		inv.Jobs = append(inv.Jobs, job)
	}
	again, wish := planOf(t, file, inv)
	if len(again.Changes)+len(again.Pending)+len(again.Refusals)+len(wish.Problems) > 0 {
		t.Errorf("got %+v\n%s", again, lines(wish.Problems))
	}
	for _, current := range Current(file, inv) {
		if current.Kind == plan.Job && !current.Owned {
			t.Errorf("job %s is not known as our own", current.ID)
		}
	}
}
