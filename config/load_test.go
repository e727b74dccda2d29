package config_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// sketch is the form that the file's users were promised: it must load as it stands.
const sketch = `
version: 1
clusters:
  home:
    endpoints: [https://pve1:8006, https://pve2:8006]     # tried in order
    ca_file: /etc/pve/pve-root-ca.pem                     # or fingerprint: "AB:CD:..."
    exporter:    {token_id: backup-exporter@pve!metrics, token_secret_file: home.exporter}
    provisioner: {token_id: backup-admin@pve!provision,  token_secret_file: home.provisioner}
    archive_details: false
environments:
  prod:
    cluster: home
    guests: {pools: [prod]}
    backup:
      profile: prod
      storage: backup-nfs
      offsite: {storage: pbs-remote, schedule: "sun 04:00", retention: {keep-weekly: 8}}
    terraform_state: {store: minio, bucket: tfstate-prod, directory: environments/prod}
  lab:        {cluster: home, guests: {nodes: [pve-lab]}, backup: {profile: lab, storage: backup-nfs}}
  monitoring: {cluster: home, guests: {vmids: [300, 301]}, backup: {profile: monitoring, storage: local-backup}}
storages:
  backup-nfs: {cluster: home, type: nfs, server: 192.0.2.20, export: /backup, retention: {keep-last: 3}}
exempt:
  - {cluster: home, vmid: 900, note: "scratch machine", until: 2027-01-31}
stores:
  minio: {kind: minio, endpoint: https://minio.home:9000, access_key_file: minio.access, secret_key_file: minio.secret}
`

func load(t *testing.T, text string) *config.File {
	t.Helper()
	file, err := config.LoadBytes("/etc/x/config.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSketchLoads(t *testing.T) {
	file := load(t, sketch)
	var names []string
	for _, environment := range file.Environments {
		names = append(names, environment.Name)
	}
	if got := strings.Join(names, " "); got != "prod lab monitoring" {
		t.Errorf("environments %q: the file's order is lost", got)
	}
	if got := file.Path(); got != "/etc/x/config.yml" {
		t.Errorf("path %q", got)
	}
	if cluster, ok := file.Cluster("away"); ok {
		t.Errorf("an undeclared cluster: %+v", cluster)
	}
	home, ok := file.Cluster("home")
	if !ok || home.Exporter.ID != "backup-exporter@pve!metrics" || home.Provisioner.SecretFile.Name() != "home.provisioner" {
		t.Errorf("cluster home: %+v", home)
	}
	if home.RefreshInterval != time.Minute || home.SlowRefreshInterval != 15*time.Minute || home.RequestTimeout != 40*time.Second || home.MaxCallsPerNode != 2 {
		t.Errorf("defaults: %+v", home)
	}
	backup := file.Environments[0].Backup
	if backup.Offsite.Schedule != "sun 04:00" || backup.Offsite.Retention.String() != "keep-weekly=8" {
		t.Errorf("off-site: %+v", backup.Offsite)
	}
	if exemption, ok := file.Exemption("home", 900); !ok || exemption.Note != "scratch machine" || exemption.Until.String() != "2027-01-31" {
		t.Errorf("exemption: %+v, %v", exemption, ok)
	}
	if store, ok := file.Store("minio"); !ok || store.Endpoint != "https://minio.home:9000" {
		t.Errorf("store: %+v, %v", store, ok)
	}
	if state := file.Environments[0].TerraformState; state.Directory.Resolve() != "/etc/x/environments/prod" {
		t.Errorf("directory %q does not begin at the file's folder", state.Directory.Resolve())
	}
	if storage := file.Storages[0]; storage.Name != "backup-nfs" || storage.Retention.String() != "keep-last=3" {
		t.Errorf("storage: %+v", storage)
	}
}

func TestOnlyClusterNeedNotBeNamed(t *testing.T) {
	file := load(t, `
version: 1
clusters:
  home: {endpoints: [https://pve1], exporter: {token_id: e@pve!m, token_secret_file: s}}
environments:
  prod: {guests: {pools: [prod]}}
exempt:
  - {vmid: 900, note: scratch}
external_backups:
  - {vmid: 120, storage: local, interval: 1d}
`)
	if got := file.Environment("home", config.GuestIdentity{VMID: 100, Pool: "prod"}); got != "prod" {
		t.Errorf("environment %q", got)
	}
	if _, ok := file.Exemption("home", 900); !ok {
		t.Error("the exemption is of no cluster")
	}
	if got, ok := file.ExternalInterval("home", 120, "local"); !ok || got != 24*time.Hour {
		t.Errorf("interval %v, %v", got, ok)
	}
	if got, ok := file.ExternalInterval("home", 120, "other"); ok {
		t.Errorf("interval %v of an undeclared storage", got)
	}
	if got := file.Clusters[0].Endpoints[0]; got != "https://pve1:8006" {
		t.Errorf("endpoint %q: the port of the API is missing", got)
	}
}

// A section whose lines are all commented out is no mistake.
func TestEmptySections(t *testing.T) {
	file := load(t, `
version: 1
clusters:
  home:
    exporter: {token_id: e@pve!m, token_secret_file: s}
    provisioner:
environments:
storages:
exempt:
external_backups:
stores:
`)
	if len(file.Environments) != 0 || file.Clusters[0].Provisioner != nil {
		t.Errorf("got %+v", file)
	}
}

// What the program prints of a file is a file that says the same.
func TestRedactedIsTheSameFile(t *testing.T) {
	texts := map[string]string{"sketch": sketch, "numbers as names": `
version: 1
clusters:
  "2024":
    endpoints: [http://127.0.0.1:18006, "https://[2001:db8::1]"]
    exporter: {token_id: e@pve!m, token_secret_file: "0x10"}
    refresh_interval: 90s
environments:
  "true": {guests: {vmids: [123], tags: ["no", 7]}, backup: {storage: "on", schedule: 30, retention: {keep-all: true}}}
exempt: [{vmid: 900, note: "a: b # c"}]
`}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			first, err := load(t, text).Redacted()
			if err != nil {
				t.Fatal(err)
			}
			again, err := config.LoadBytes("/etc/x/config.yml", first)
			if err != nil {
				t.Fatalf("it does not load:\n%s\n%v", first, err)
			}
			second, err := again.Redacted()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first, second) {
				t.Errorf("got:\n%s\nwant:\n%s", second, first)
			}
		})
	}
}

func TestRedactedShowsDefaults(t *testing.T) {
	out, err := load(t, sketch).Redacted()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"refresh_interval: 1m\n", "archive_details: false\n", "token_secret_file: home.exporter\n", "until: 2027-01-31"} {
		if !strings.Contains(strings.ReplaceAll(string(out), `"`, ""), line) {
			t.Errorf("%q is not in:\n%s", line, out)
		}
	}
}

func TestChecksumFollowsContent(t *testing.T) {
	first, same, other := load(t, sketch), load(t, sketch), load(t, sketch+"# a comment\n")
	if first.Checksum() != same.Checksum() || len(first.Checksum()) != 64 {
		t.Errorf("checksums %q and %q of the same content", first.Checksum(), same.Checksum())
	}
	if first.Checksum() == other.Checksum() {
		t.Error("another content, the same checksum")
	}
}

func TestPosition(t *testing.T) {
	file := load(t, sketch)
	for path, want := range map[string]string{
		"clusters/home/ca_file":                    "/etc/x/config.yml:6:14",
		"environments/prod/backup/offsite":         "/etc/x/config.yml:17:7",
		"environments/prod/backup/schedule":        "/etc/x/config.yml:14:5", // left out: its section
		"environments/monitoring/guests/vmids/1":   "/etc/x/config.yml:20:53",
		"environments/staging/backup":              "/etc/x/config.yml:10:1",
		"nothing":                                  "/etc/x/config.yml",
		"exempt/0/until":                           "/etc/x/config.yml:24:64",
		"clusters/home/exporter/token_secret_file": "/etc/x/config.yml:7:77",
	} {
		if got := file.Position(strings.Split(path, "/")...).String(); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestUnreadableFiles(t *testing.T) {
	folder := t.TempDir()
	big := filepath.Join(folder, "big.yml")
	if err := os.WriteFile(big, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, 100<<20); err != nil { // sparse: it takes no room
		t.Fatal(err)
	}
	for _, test := range []struct{ name, path, message, hint string }{
		{"missing", filepath.Join(folder, "config.yml"), "no such file", "--config.file"},
		{"a directory", folder, "is a directory", "config.yml"},
		{"100 MB", big, "larger than", "right path"},
		{"under a file", filepath.Join(big, "config.yml"), "not a directory", "readable file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := config.Load(test.path)
			if err == nil {
				t.Fatal("it was accepted")
			}
			if hints := ui.Hints(err); !strings.Contains(err.Error(), test.message) || len(hints) != 1 || !strings.Contains(hints[0], test.hint) {
				t.Errorf("got %v, hints %q; want %q, %q", err, hints, test.message, test.hint)
			}
			if strings.Count(err.Error(), test.path) != 1 {
				t.Errorf("%v: does not name the file once", err)
			}
		})
	}
}

func TestFileWithoutPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read every file")
	}
	path := filepath.Join(t.TempDir(), "config.yml")
	if err := os.WriteFile(path, []byte(sketch), fs.FileMode(0)); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(path)
	if hints := ui.Hints(err); err == nil || len(hints) != 1 || !strings.Contains(hints[0], "chmod 640") {
		t.Errorf("got %v, hints %q", err, hints)
	}
}

// A big file, whatever is in it, is answered at once and with a text that a person can read: what is quadratic in its size shows here.
func TestHostileSizes(t *testing.T) {
	const size = 1 << 18
	head := "version: 1\nclusters:\n  home: {endpoints: [https://pve1], exporter: {token_id: e@pve!m, token_secret_file: s}}\n"
	numbered := func(format string) string {
		var text strings.Builder
		for i := 0; text.Len() < size-100; i++ {
			fmt.Fprintf(&text, format, i)
		}
		return text.String()
	}
	for name, text := range map[string]string{
		"unknown keys":      numbered("key%d: x\n"),
		"one key again":     strings.Repeat("a: b\n", size/5),
		"nested lists":      strings.Repeat("[", size),
		"nested sections":   strings.Repeat("{a: ", size/4),
		"nested by indent":  strings.Repeat("- ", size/2),
		"one long line":     head + "x: " + strings.Repeat("y", size-len(head)-4),
		"bad ids":           head + "environments: {a: {guests: {vmids: [" + strings.Repeat("7,", (size-200)/2) + "]}}}",
		"exempt":            head + "exempt:\n" + strings.Repeat("- {vmid: 900, note: x}\n", (size-200)/24),
		"anchors":           numbered("a%d: &a b\n"),
		"an unclosed quote": head + "x: \"" + strings.Repeat("y\n", (size-200)/2),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.LoadBytes("config.yml", []byte(text))
			if err == nil {
				t.Fatal("it was accepted")
			}
			if len(err.Error()) > 100<<10 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
	ids := head + "environments: {a: {guests: {vmids: [" + strings.TrimPrefix(strings.ReplaceAll(numbered(",1%06d"), "\n", ""), ",")[:size-300] + "]}}}"
	if _, err := config.LoadBytes("config.yml", []byte(ids)); err != nil {
		t.Errorf("a great list of guests: %.500s", err)
	}
}
