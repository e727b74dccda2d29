package check

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

const drilled = "    drill: {token_id: backup-drill@pve!drill, token_secret_file: home.drill, storage: fast}\nenvironments:\n"

func every(path pve.Permissions, at string, privileges string) {
	path[at] = map[string]bool{}
	for _, privilege := range strings.Fields(rolePrivileges + " " + privileges) {
		path[at][privilege] = true
	}
}

// drillable is what drills need in the healthy cluster.
func drillable() pve.Permissions {
	held := pve.Permissions{}
	every(held, "/", "")
	every(held, "/vms", drillSourcePrivileges)
	every(held, "/storage/nas", drillStoragePrivileges)
	every(held, "/storage/fast", drillStoragePrivileges)
	every(held, "/pool/backup-drill", drillScratchPrivileges+" VM.GuestAgent.Audit")
	return held
}

func TestDrillToken(t *testing.T) {
	fast := pve.StorageResource{Storage: "fast", Node: "pve1", Content: "images,rootdir", Active: true}
	for _, test := range []struct {
		name   string
		change func(*drillFacts)
		level  Level
		want   []string
	}{
		{"enough", func(*drillFacts) {}, OK, []string{"(drill) has every privilege that drills need"}},
		{"a user that may not read the secret", func(d *drillFacts) { d.secretErr = fmt.Errorf("x: %w", fs.ErrPermission) }, Info, []string{"are not checked", "right for the user of the exporter"}},
		{"the secret is elsewhere", func(d *drillFacts) { d.secretErr = fs.ErrNotExist }, Info, []string{"is not on this machine"}},
		{"an empty secret", func(d *drillFacts) { d.secretErr = errors.New("x: is empty") }, Problem, []string{"is empty"}},
		{"refused", func(d *drillFacts) { d.permissions = failed[pve.Permissions](&pve.Error{Status: 401}) }, Problem, []string{
			"refuses the token backup-drill@pve!drill", "pveum pool add backup-drill", "pveum user token add backup-drill@pve drill --privsep 1",
		}},
		{"no answer", func(d *drillFacts) { d.permissions = failed[pve.Permissions](errors.New("no route to host")) }, Info, []string{"not checked", "no route to host"}},
		{"the exporter's rights", func(d *drillFacts) { d.permissions = got(pve.Permissions{"/": auditor()}) }, Problem, []string{
			"Datastore.AllocateSpace on /storage/fast and /storage/nas", "VM.Allocate on /vms and /pool/backup-drill", "VM.PowerMgmt on /pool/backup-drill",
			"--roles BackupDrill,BackupDrillScratch",
		}},
		{"no storage to restore to", func(d *drillFacts) { d.resources = got(pve.Resources{}) }, Problem, []string{"storage fast: it is not there"}},
		{"a storage for backups", func(d *drillFacts) {
			d.resources = got(pve.Resources{Storages: []pve.StorageResource{{Storage: "fast", Content: "backup,iso", Active: true}}})
		}, Problem, []string{"neither disk images nor container volumes"}},
		{"a storage that is down", func(d *drillFacts) {
			d.resources = got(pve.Resources{Storages: []pve.StorageResource{{Storage: "fast", Content: "images"}}})
		}, Problem, []string{"it is not active"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := healthy(t, "environments:\n", drilled, "storage: nas}}", "storage: nas}, drill: {every: 30d}}")
			f.drill = &drillFacts{tokenFacts: tokenFacts{permissions: got(drillable())}, resources: got(pve.Resources{Storages: []pve.StorageResource{fast}})}
			test.change(f.drill)
			findings := findingsOf(f, "drill")
			text := textOf(t, findings)
			if worst := worst(findings); worst != test.level {
				t.Errorf("the worst is %q, want %q", worst, test.level)
			}
			wantContains(t, text, test.want...)
		})
	}
	if findings := findingsOf(healthy(t), "drill"); len(findings) != 0 {
		t.Errorf("without drills: got %+v", findings)
	}
}

func TestAnOlderClusterHasAnotherRightForAgents(t *testing.T) {
	f := healthy(t, "environments:\n", drilled)
	f.version = got(pve.Version{Major: 8, Minor: 4, Text: "8.4.1"})
	f.drill = &drillFacts{tokenFacts: tokenFacts{permissions: got(drillable())}}
	wantContains(t, textOf(t, findingsOf(f, "drill")), "VM.Monitor on /pool/backup-drill")
}

func TestThePageHasTheCommandsOfDrills(t *testing.T) {
	wantOnPage(t, "## Restore drills: a token of their own\n", (*facts).newDrillLines)
}

// The printed commands make of a token without rights one that has what drills need.
func TestThePrintedCommandsGiveDrillsWhatTheyNeed(t *testing.T) {
	s := newSite(t)
	const user, token = "backup-drill@pve", "backup-drill@pve!drill"
	s.cluster.Change(func(m *pvesim.Model) {
		m.Access.Users[user] = &access.User{}
		m.Access.Tokens[token] = &access.Token{Secret: canary + "3"}
		m.Pools["backup-drill"] = &pvesim.Pool{}
	})
	s.write(t, "home.drill", canary+"3\n")
	s.declare(t, fmt.Sprintf("endpoints: [%s]\n    ca_file: home-ca.pem\n    drill: {token_id: %s, token_secret_file: home.drill, storage: local-zfs}", s.servers[0].URL, token))
	_, text := s.run(t)
	wantContains(t, text, "token backup-drill@pve!drill (drill) lacks Datastore.AllocateSpace on ")
	s.cluster.Change(func(m *pvesim.Model) {
		for line := range strings.Lines(text) {
			words := strings.Fields(strings.ReplaceAll(line, "'", ""))
			switch {
			case strings.HasPrefix(strings.TrimSpace(line), "pveum role add BackupDrill"):
				_, privileges, _ := strings.Cut(line, "\"")
				privileges, _, _ = strings.Cut(privileges, "\"")
				m.Access.Roles[words[3]] = strings.Fields(privileges)
			case strings.HasPrefix(strings.TrimSpace(line), "pveum acl modify ") && strings.Contains(line, user):
				for _, role := range strings.Split(words[9], ",") {
					for _, who := range []string{words[5], words[7]} {
						m.Access.Grants = append(m.Access.Grants, access.Grant{Path: words[3], Who: who, Role: role})
					}
				}
			}
		}
	})
	_, text = s.run(t)
	wantContains(t, text, "(drill) has every privilege that drills need")
	if strings.Contains(text, "drills cannot restore") {
		t.Error(text)
	}
}
