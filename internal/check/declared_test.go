package check

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

func wantContains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

func TestEnvironments(t *testing.T) {
	try(t, "environments", []trial{
		{"fine", func(*facts) {}, OK, []string{"every guest is in an environment (2 declared)"}, nil},
		{"a guest elsewhere", func(f *facts) { f.resources.value.Guests[1].Node = "pve3" }, Info, []string{"1 guest is in no environment"}, nil},
		{"empty pool", func(f *facts) { f.resources.value.Guests[0].Pool = "" }, Warning, []string{"config.yml:8:", "environment prod matches no guest", "pvesh get /cluster/resources"}, nil},
		{"unknown pool", func(f *facts) { f.pools.value = nil }, Warning, []string{"environment prod names what does not exist: pool prod"}, nil},
		{"unknown node", func(f *facts) { f.resources.value.Nodes = f.resources.value.Nodes[:1] }, Warning, []string{"environment rest names what does not exist: node pve2"}, nil},
		{"no such storage", func(f *facts) { f.storages.value = f.storages.value[1:] }, Warning, []string{"config.yml:8:68: storage nas of environment prod does not exist", "none is for backups yet; or declare it under `storages`"}, nil},
		{"storage not for backups", func(f *facts) { f.storages.value[0].Content = nil }, Warning, []string{"disabled or not for backups"}, nil},
		{"some guests out of sight", func(f *facts) {
			may(without("VM.Audit"))(f)
			f.resources.value.Guests = nil
		}, Info, []string{"as far as the token sees"}, nil},
		{"inventory unreadable", func(f *facts) { f.resources = failed[pve.Resources](errors.New("x")) }, "", nil, nil},
	})
	for _, tt := range []struct{ name, old, new, want string }{
		{"shadowed", "prod: {guests: {pools: [prod]}", "all: {guests: {nodes: [pve1]}}\n  prod: {guests: {pools: [prod]}", "belong to an earlier environment"},
		{"tags", "rest: {guests: {nodes: [pve1, pve2]}}", "rest: {guests: {tags: [two]}}", "1 guest is in no environment"},
		{"unknown guest", "rest: {guests: {nodes: [pve1, pve2]}}", "rest: {guests: {nodes: [pve1, pve2], vmids: [555], exclude: [556]}}", "guest 555 and guest 556"},
		{"storage to be created", "environments:", "storages: {new: {type: nfs, server: 192.0.2.9, export: /b}}\nenvironments:", "provisioning creates it"},
		{"off-site storage", "storage: nas}", `storage: nas, offsite: {storage: far, schedule: "sun 04:00"}}`, "storage far of environment prod does not exist"},
		{"none", declaredFile[strings.Index(declaredFile, "environments:"):strings.Index(declaredFile, "exempt:")], "", "no environment is declared"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			change := []string{tt.old, tt.new}
			if tt.name == "storage to be created" {
				change = append(change, "storage: nas", "storage: new")
			}
			f := healthy(t, change...)
			f.resources.value.Guests[1].Tags = "one;two"
			wantContains(t, textOf(t, findingsOf(f, "environments")), tt.want)
		})
	}
}

func TestExemptions(t *testing.T) {
	try(t, "exemptions", []trial{
		{"hold", func(*facts) {}, OK, []string{"1 declaration"}, nil},
		{"over", func(f *facts) { f.now = noon.AddDate(0, 6, 0) }, Warning, []string{"config.yml:11:5: the exemption of guest 900 has ended on 2027-01-31", "scratch machine"}, nil},
		{"of a guest that is gone", func(f *facts) { f.resources.value.Guests = f.resources.value.Guests[:2] }, Warning, []string{"guest 900 is exempt and does not exist"}, nil},
		{"of a guest that is out of sight", func(f *facts) {
			f.resources.value.Guests = f.resources.value.Guests[:2]
			may(without("VM.Audit"))(f)
		}, OK, nil, nil},
	})
	external := "external_backups: [{vmid: 777, storage: nas, interval: 24h}, {vmid: 101, storage: far, interval: 24h}, {vmid: 100, storage: nas, interval: 24h}]\nexempt:"
	findings := findingsOf(healthy(t, "exempt:", external), "exemptions")
	if len(findings) != 2 {
		t.Errorf("got %+v", findings)
	}
	wantContains(t, textOf(t, findings), "config.yml:10:20: guest 777 does not exist", "storage far does not exist", "its backup counts as missing")
}

func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yml")
	text := "version: 1\nclusters:\n  home:\n    endpoints: [https://pve1.example:8006]\n" +
		"    exporter: {token_id: a@pve!exporter, token_secret_file: exporter}\n    provisioner: {token_id: a@pve!provisioner, token_secret_file: provisioner}\n"
	for _, tt := range []struct {
		name                  string
		exporter, provisioner fs.FileMode // 0 for no file
		same                  bool
		level                 Level
		usable                bool
		want                  []string
	}{
		{"fine", 0o600, 0o640, false, OK, true, []string{"exporter (exporter): mode 0600", "provisioner (provisioner): mode 0640"}},
		{"missing", 0, 0o600, false, Problem, false, []string{"the exporter's secret cannot be used", "no such file", "chmod 600"}},
		{"provisioner's is elsewhere", 0o600, 0, false, Info, true, []string{"provisioner (provisioner) is not on this machine", "the exporter does not need it"}},
		{"exporter's is open", 0o644, 0o600, false, Problem, false, []string{"is too open (mode 0644)", "chmod 600"}},
		{"provisioner's is open", 0o600, 0o604, false, Problem, true, []string{"provisioner (provisioner) is too open: mode 0604", "chmod 600 " + dir + "/provisioner"}},
		{"one token for both", 0o600, 0o600, true, Warning, true, []string{"the same token a@pve!exporter", "pveum user token add backup-exporter@pve metrics"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, mode := range map[string]fs.FileMode{"exporter": tt.exporter, "provisioner": tt.provisioner} {
				_ = os.Remove(filepath.Join(dir, name))
				if mode != 0 {
					if err := errors.Join(os.WriteFile(filepath.Join(dir, name), []byte(canary+"\n"), 0o600), os.Chmod(filepath.Join(dir, name), mode)); err != nil {
						t.Fatal(err)
					}
				}
			}
			content := text
			if tt.same {
				content = strings.Replace(text, "a@pve!provisioner", "a@pve!exporter", 1)
			}
			file, err := config.LoadBytes(path, []byte(content))
			if err != nil {
				t.Fatal(err)
			}
			f := &facts{file: file, cluster: file.Clusters[0], now: noon}
			f.secrets, f.secretErr = lookAtSecrets(f.cluster)
			findings := checkSecrets(f)
			text := textOf(t, findings)
			if worst(findings) != tt.level || (f.secretErr == nil) != tt.usable {
				t.Errorf("%s, %v:\n%s", worst(findings), f.secretErr, text)
			}
			wantContains(t, text, tt.want...)
			if strings.Contains(text, canary) {
				t.Errorf("the secret is in\n%s", text)
			}
		})
	}
}

func TestUnreadableSecret(t *testing.T) {
	refused := &fs.PathError{Op: "open", Path: "/etc/backup/home.exporter", Err: fs.ErrPermission}
	wantContains(t, textOf(t, secretFindings(secretFact{owner: "exporter", opened: true, err: refused})), "x problem", "permission", "such as root")
	wantContains(t, textOf(t, secretFindings(secretFact{owner: "provisioner", name: "home.provisioner", err: refused})), "i info", "home.provisioner (provisioner) cannot be looked at by this user")
}

// canary is a secret that nothing may ever show.
const canary = "c0ffee00-dead-4bad-8bad-5ec2e7c0ffee"

func TestFile(t *testing.T) {
	file, err := config.LoadBytes("config.yml", []byte("version: 1\nclusters: {home: {provisioner: {token_id: a@pve!b, token_secret_file: x}}}\n"+
		"stores: {minio: {kind: minio, endpoint: https://minio.home:9000, access_key_file: a, secret_key_file: b}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	text := textOf(t, checkFile(file))
	wantContains(t, text, "valid: 1 cluster, 0 environments, 0 exempt guests", "x problem  no cluster has an exporter token",
		"exporter: {token_id: backup-exporter@pve!metrics, token_secret_file: home.exporter}")
}

// All that is wrong with a file is told at once, each with its place and advice.
func TestFileErrors(t *testing.T) {
	_, err := config.LoadBytes("config.yml", []byte("version: 1\nclusters:\n  home: {endpoint: [https://x:8006], exporter: {token_id: nobody, token_secret_file: s}}\n"))
	findings := fileErrors(err)
	if len(findings) != 2 {
		t.Fatalf("got %+v", findings)
	}
	for _, finding := range findings {
		if finding.Level != Problem || finding.Check != "file" || len(finding.Fix) == 0 || !strings.HasPrefix(finding.What, "config.yml:3:") || !strings.Contains(finding.Excerpt, "^") {
			t.Errorf("got %+v", finding)
		}
	}
	_, err = config.Load(filepath.Join(t.TempDir(), "none.yml"))
	if findings := fileErrors(err); len(findings) != 1 || len(findings[0].Fix) != 1 || !strings.Contains(findings[0].What, "none.yml") {
		t.Errorf("got %+v", findings)
	}
}
