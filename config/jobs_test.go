package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

const clusterHome = `
version: 1
clusters:
  home: {endpoints: [https://pve1], provisioner: {token_id: p@pve!m, token_secret_file: s}}
`

// TestJobs says, for each job, its id, place, storage, schedule, what it selects, mode, compression, retention and notes.
func TestJobs(t *testing.T) {
	for _, test := range []struct {
		name, environments string
		want               []string
	}{
		{
			"the least", "prod: {guests: {pools: [prod]}, backup: {profile: prod, storage: nfs}}",
			[]string{"backup-prod environments.prod.backup nfs '01:00' pools=prod snapshot zstd keep-daily=7,keep-weekly=4 '{{guestname}} {{vmid}} {{node}} [job backup-prod]'"},
		},
		{
			"the second gets mode and compression of the first, not its retention",
			"lab: {guests: {tags: [lab]}, backup: {profile: lab, storage: nfs, mode: stop, notes-template: x, offsite: {storage: pbs, schedule: 'sun 04:00'}}}",
			[]string{
				"backup-lab environments.lab.backup nfs 'sun 03:00' tags=lab stop zstd keep-last=3 'x [job backup-lab]'",
				"backup-lab-offsite environments.lab.backup.offsite pbs 'sun 04:00' tags=lab stop zstd - '{{guestname}} {{vmid}} {{node}} [job backup-lab-offsite]'",
			},
		},
		{
			"the second has a word of its own",
			"lab: {guests: {all: true}, backup: {profile: lab, storage: nfs, offsite: {storage: pbs, schedule: daily, mode: suspend, compress: none, id: away, retention: {keep-all: true}}}}",
			[]string{
				"backup-lab environments.lab.backup nfs 'sun 03:00' all snapshot zstd keep-last=3 '{{guestname}} {{vmid}} {{node}} [job backup-lab]'",
				"away environments.lab.backup.offsite pbs 'daily' all suspend none keep-all=1 '{{guestname}} {{vmid}} {{node}} [job away]'",
			},
		},
		{
			"a job for each pool", "prod: {guests: {pools: [web, db/main.1]}, backup: {profile: lab, storage: nfs, id: nightly}}",
			[]string{
				"nightly-web environments.prod.backup nfs 'sun 03:00' pools=web snapshot zstd keep-last=3 '{{guestname}} {{vmid}} {{node}} [job nightly-web]'",
				"nightly-db-main-1 environments.prod.backup nfs 'sun 03:00' pools=db/main.1 snapshot zstd keep-last=3 '{{guestname}} {{vmid}} {{node}} [job nightly-db-main-1]'",
			},
		},
		{
			"a job for each node", "prod: {guests: {nodes: [pve1, pve2], exclude: [105]}, backup: {schedule: daily, storage: nfs}}",
			[]string{
				"backup-prod-pve1 environments.prod.backup nfs 'daily' nodes=pve1 exclude=105 node=pve1 snapshot zstd - '{{guestname}} {{vmid}} {{node}} [job backup-prod-pve1]'",
				"backup-prod-pve2 environments.prod.backup nfs 'daily' nodes=pve2 exclude=105 node=pve2 snapshot zstd - '{{guestname}} {{vmid}} {{node}} [job backup-prod-pve2]'",
			},
		},
		{
			"an adopted job keeps what the file does not say",
			"old: {guests: {vmids: [100]}, backup: {id: 6f1c, adopt: true, schedule: daily, storage: nfs, node: pve1}}",
			[]string{"6f1c environments.old.backup nfs 'daily' vmids=100 node=pve1 - - - ''"},
		},
		{
			"an adopted job has a profile if the file names one",
			"old: {guests: {vmids: [100]}, backup: {id: nightly, adopt: true, profile: lab, storage: nfs, notes-template: 'as it is'}}",
			[]string{"nightly environments.old.backup nfs 'sun 03:00' vmids=100 snapshot zstd keep-last=3 'as it is'"},
		},
		{"nothing to make", "prod: {guests: {pools: [prod]}}", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, job := range load(t, clusterHome+"environments:\n  "+test.environments).Jobs() {
				if job.Cluster != "home" || job.Environment != job.Path[1] || job.Offsite != (len(job.Path) == 4) || !job.Enabled {
					t.Errorf("job %+v", job)
				}
				got = append(got, jobLine(job))
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func jobLine(job config.Job) string {
	words := []string{job.ID, strings.Join(job.Path, "."), job.Storage, "'" + job.Schedule + "'"}
	add := func(key string, list any, there bool) {
		if there {
			words = append(words, key+"="+strings.Trim(fmt.Sprint(list), "[]"))
		}
	}
	add("pools", job.Guests.Pools, job.Guests.Pools != nil)
	add("nodes", job.Guests.Nodes, job.Guests.Nodes != nil)
	add("vmids", job.Guests.VMIDs, job.Guests.VMIDs != nil)
	add("tags", job.Guests.Tags, job.Guests.Tags != nil)
	if job.Guests.All {
		words = append(words, "all")
	}
	add("exclude", job.Guests.Exclude, job.Guests.Exclude != nil)
	add("node", job.Node, job.Node != "")
	for _, text := range []string{job.Mode, job.Compress, retentionOf(job)} {
		if text == "" {
			text = "-"
		}
		words = append(words, text)
	}
	return strings.Join(append(words, "'"+job.Notes()+"'"), " ")
}

func retentionOf(job config.Job) string {
	if job.Retention == nil {
		return ""
	}
	return job.Retention.String()
}

// A mark that the text has already is not written twice: what was read from a cluster can be declared as it is.
func TestNotesAreMarkedOnce(t *testing.T) {
	job := config.Job{JobOptions: config.JobOptions{ID: "nightly", NotesTemplate: "{{guestname}} [job nightly], kept"}}
	if got := job.Notes(); got != "{{guestname}} [job nightly], kept" {
		t.Errorf("got %q", got)
	}
}

func TestJobMarker(t *testing.T) {
	for _, test := range []struct{ owner, want string }{
		{"", "[pve-backup-exporter environment=prod]"},
		{"team-a", "[pve-backup-exporter owner=team-a environment=prod]"},
	} {
		if got := config.JobMarker(test.owner, "prod"); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
