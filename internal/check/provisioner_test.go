package check

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

const provisioned = "    provisioner: {token_id: backup-admin@pve!provision, token_secret_file: home.provisioner}\nenvironments:\n"

// enough is what the file of the healthy cluster needs.
func enough() pve.Permissions {
	return pve.Permissions{
		"/":            {"Sys.Audit": true, "VM.Audit": true, "Datastore.Audit": true, "Pool.Audit": true, "Sys.Modify": false},
		"/pool/prod":   {"VM.Audit": true, "Pool.Audit": true, "VM.Backup": true, "VM.Config.Disk": true},
		"/storage/nas": {"Datastore.Audit": true, "Datastore.Allocate": true},
	}
}

// also gives the token more, and less where a path is given anew.
func also(more pve.Permissions) answer[pve.Permissions] {
	held := enough()
	maps.Copy(held, more)
	return got(held)
}

func TestProvisioner(t *testing.T) {
	const (
		grant = "pveum acl modify %s --users backup-admin@pve --tokens 'backup-admin@pve!provision' --roles %s\n"
		jobs  = "pveum acl modify / --users backup-admin@pve --tokens 'backup-admin@pve!provision' --roles BackupProvisionerJobs --propagate 0\n"
	)
	tests := []struct {
		name   string
		file   []string
		change func(*tokenFacts)
		level  Level
		want   []string
		not    []string
	}{
		{"enough and no more", nil, func(*tokenFacts) {}, OK, []string{"has every privilege that the file needs", "can change nothing that the file does not ask for"}, nil},
		{"a user that may not read the secret", nil, func(p *tokenFacts) { p.secretErr = fmt.Errorf("secret file x: %w", fs.ErrPermission) }, Info, []string{
			"privileges of token backup-admin@pve!provision (provisioner) are not checked", "which is right for the user of the exporter",
		}, nil},
		{"the secret is elsewhere", nil, func(p *tokenFacts) { p.secretErr = fs.ErrNotExist }, Info, []string{"is not on this machine"}, nil},
		{"an empty secret", nil, func(p *tokenFacts) { p.secretErr = errors.New("secret file x: is empty") }, Problem, []string{"cannot be used", "is empty"}, nil},
		{"refused", nil, func(p *tokenFacts) { p.permissions = failed[pve.Permissions](&pve.Error{Status: 401}) }, Problem, []string{
			"refuses the token backup-admin@pve!provision", "pveum user add backup-admin@pve", "pveum user token add backup-admin@pve provision --privsep 1", jobs,
		}, nil},
		{"no answer", nil, func(p *tokenFacts) { p.permissions = failed[pve.Permissions](errors.New("no route to host")) }, Info, []string{"not checked", "no route to host"}, nil},
		{"the exporter's rights", nil, func(p *tokenFacts) { p.permissions = got(pve.Permissions{"/": auditor()}) }, Problem, []string{
			"lacks Datastore.Allocate on /storage/nas; Sys.Modify on /; VM.Backup on /pool/prod; VM.Config.Disk on /pool/prod",
			"it needs that to write backup jobs;",
			`pveum role add BackupProvisionerJobs --privs "Sys.Modify" ||`,
			fmt.Sprintf(grant, "/", "BackupProvisioner"), jobs,
			fmt.Sprintf(grant, "/pool/prod", "BackupProvisioner,BackupProvisionerDisks,BackupProvisionerPools"),
			fmt.Sprintf(grant, "/storage/nas", "BackupProvisioner,BackupProvisionerStorages"),
		}, []string{"/vms --users", "Fleecing"}},
		{"flags of guests by tag", []string{"{pools: [prod]}", "{tags: [prod]}"}, func(*tokenFacts) {}, Problem, []string{
			"lacks VM.Config.Disk on /vms", fmt.Sprintf(grant, "/vms", "BackupProvisioner,BackupProvisionerDisks"),
		}, nil},
		{"flags are nobody's business", []string{"storage: nas}", "storage: nas, disks: unmanaged}"}, func(*tokenFacts) {}, Warning, []string{
			"may do more than it needs: VM.Config.Disk on /pool/prod", "create, change, stop and destroy guests",
		}, []string{"BackupProvisionerDisks"}},
		{"a storage that is declared", []string{"exempt:", "storages: {nas: {type: nfs, server: 192.0.2.20, export: /backup}}\nexempt:"}, func(*tokenFacts) {}, Problem, []string{
			"lacks Datastore.Allocate on /storage\n", "define storages", fmt.Sprintf(grant, "/storage", "BackupProvisioner,BackupProvisionerStorages"),
		}, nil},
		{"fleecing and an off-site job", []string{"storage: nas}", "storage: nas, fleecing: {storage: fast}, offsite: {storage: pbs, schedule: sun 04:00}}"}, func(*tokenFacts) {}, Problem, []string{
			"Datastore.Allocate on /storage/pbs; Datastore.AllocateSpace on /storage/fast", fmt.Sprintf(grant, "/storage/fast", "BackupProvisioner,BackupProvisionerFleecing"),
		}, nil},
		{"rights on all guests instead of a pool", nil, func(p *tokenFacts) {
			p.permissions = also(pve.Permissions{"/vms": {"VM.Audit": true, "VM.Config.Disk": true}, "/pool/prod": {"Pool.Audit": true, "VM.Backup": true}})
		}, Warning, []string{"has every privilege", "more than it needs: VM.Config.Disk on /vms"}, nil},
		{"an administrator", nil, func(p *tokenFacts) {
			p.permissions = got(pve.Permissions{"/": with("Sys.Modify", "Datastore.Allocate", "VM.Backup", "VM.Config.Disk", "VM.Allocate", "Permissions.Modify"), "/vms": with("VM.Allocate")})
		}, Warning, []string{
			"Datastore.Allocate on /", "VM.Backup on /", "Permissions.Modify on /", "VM.Allocate on /", "pveum acl delete PATH --tokens 'backup-admin@pve!provision' --roles ROLE",
			"pveum user token modify backup-admin@pve provision --privsep 1", fmt.Sprintf(grant, "/storage/nas", "BackupProvisioner,BackupProvisionerStorages"),
		}, []string{"Sys.Modify on /", "other path"}},
		{"another storage", nil, func(p *tokenFacts) {
			p.permissions = also(pve.Permissions{"/storage/old": {"Datastore.Allocate": true}})
		}, Warning, []string{"more than it needs: Datastore.Allocate on /storage/old", "delete archives and change storages"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := healthy(t, append([]string{"environments:\n", provisioned}, test.file...)...)
			f.provisioner = &tokenFacts{permissions: got(enough())}
			test.change(f.provisioner)
			findings := findingsOf(f, "provisioner")
			text := textOf(t, findings)
			if worst := worst(findings); worst != test.level {
				t.Errorf("the worst is %q, want %q", worst, test.level)
			}
			for _, part := range test.want {
				if !strings.Contains(text, part) {
					t.Errorf("%q is missing", part)
				}
			}
			for _, part := range test.not {
				if strings.Contains(text, part) {
					t.Errorf("%q should not be there", part)
				}
			}
			if t.Failed() {
				t.Log("\n" + text)
			}
		})
	}
}

func TestNoProvisionerNoFinding(t *testing.T) {
	if findings := findingsOf(healthy(t), "provisioner"); len(findings) != 0 {
		t.Errorf("got %+v", findings)
	}
}

func TestThePageHasTheCommandsForItsFile(t *testing.T) {
	wantOnPage(t, "## Provisioning: another token\n", (*facts).newProvisionerLines)
}

// wantOnPage wants a section of the page to show, for the file that it shows, the commands that the check prints for it.
func wantOnPage(t *testing.T, heading string, printed func(*facts) []string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/permissions.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), heading)
	_, declared, _ := strings.Cut(section, "```yaml\n")
	declared, rest, _ := strings.Cut(declared, "```\n")
	file, err := config.LoadBytes("/etc/backup/config.yml", []byte("version: 1\n"+strings.Replace(declared, "  home:\n", "  home:\n    endpoints: [https://pve1.example:8006]\n", 1)))
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(rest, "```sh\n")
	shown, _, _ = strings.Cut(shown, "```\n")
	var want []string
	for _, line := range printed(&facts{file: file, cluster: file.Clusters[0]}) {
		line, _, _ = strings.Cut(line, " ||")
		want = append(want, line)
	}
	got := strings.Split(strings.TrimSpace(shown), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the page shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The printed commands make of a token without rights one that has what it needs, and nothing else.
func TestThePrintedCommandsGiveTheProvisionerWhatItNeeds(t *testing.T) {
	s := newSite(t)
	const user, token = "backup-admin@pve", "backup-admin@pve!provision"
	s.cluster.Change(func(m *pvesim.Model) {
		m.Access.Users[user] = &access.User{}
		m.Access.Tokens[token] = &access.Token{Secret: canary + "2"}
	})
	s.write(t, "home.provisioner", canary+"2\n")
	s.declare(t, fmt.Sprintf("endpoints: [%s]\n    ca_file: home-ca.pem\n    provisioner: {token_id: %s, token_secret_file: home.provisioner}", s.servers[0].URL, token))
	_, text := s.run(t)
	wantContains(t, text, "token backup-admin@pve!provision (provisioner) lacks Datastore.Allocate on /storage/backup-nfs; Datastore.Audit on /storage; Sys.Audit on /; Sys.Modify on /")
	s.cluster.Change(func(m *pvesim.Model) {
		for _, line := range strings.Split(text, "\n") {
			words := strings.Fields(strings.ReplaceAll(line, "'", ""))
			switch {
			case strings.HasPrefix(strings.TrimSpace(line), "pveum role add "):
				_, privileges, _ := strings.Cut(line, "\"")
				privileges, _, _ = strings.Cut(privileges, "\"")
				m.Access.Roles[words[3]] = strings.Fields(privileges)
			case strings.HasPrefix(strings.TrimSpace(line), "pveum acl modify "):
				for _, role := range strings.Split(words[9], ",") {
					for _, who := range []string{words[5], words[7]} {
						m.Access.Grants = append(m.Access.Grants, access.Grant{Path: words[3], Who: who, Role: role, NoPropagate: len(words) > 10})
					}
				}
			}
		}
	})
	report, text := s.run(t)
	if report.Count(Problem)+report.Count(Warning) != 0 {
		t.Errorf("after the printed commands:\n%s", text)
	}
	wantContains(t, text, "(provisioner) has every privilege that the file needs", "(provisioner) can change nothing that the file does not ask for")

	if err := os.Remove(filepath.Join(s.dir, "home.provisioner")); err != nil {
		t.Fatal(err)
	}
	report, text = s.run(t)
	if report.Count(Problem)+report.Count(Warning) != 0 {
		t.Errorf("without the secret:\n%s", text)
	}
	wantContains(t, text, "secret file home.provisioner (provisioner) is not on this machine", "(provisioner) are not checked")
}
