package check

import (
	"errors"
	"maps"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// may gives the token what it has at / and further paths.
func may(root map[string]bool, more ...pve.Permissions) func(*facts) {
	return func(f *facts) {
		held := pve.Permissions{"/": root}
		for _, each := range more {
			maps.Copy(held, each)
		}
		f.permissions = got(held)
	}
}

func with(privileges ...string) map[string]bool {
	held := auditor()
	for _, each := range privileges {
		held[each] = true
	}
	return held
}

func without(privilege string) map[string]bool {
	held := auditor()
	delete(held, privilege)
	return held
}

const (
	roleCommand  = `pveum role add BackupExporter --privs "Sys.Audit VM.Audit Datastore.Audit Pool.Audit" || pveum role modify BackupExporter --append 1`
	grantCommand = "pveum acl modify / --users backup-exporter@pve --tokens 'backup-exporter@pve!metrics' --roles BackupExporter\n"
)

func TestPrivileges(t *testing.T) {
	try(t, "privileges", []trial{
		{"enough", func(*facts) {}, OK, []string{"has every privilege"}, nil},
		{"none at all", func(f *facts) {
			may(nil)(f)
			f.resources.value.Guests, f.resources.value.Storages = nil, nil
			f.jobs = failed[[]pve.Job](&pve.Error{Status: 403})
		}, Problem, []string{"Sys.Audit on /, /nodes/pve1 and /nodes/pve2", "VM.Audit on /vms", roleCommand, grantCommand, "a token with separated privileges has only what its user has"}, nil},
		{"no tasks", may(without("Sys.Audit")), Problem, []string{"lacks Sys.Audit", "jobs, tasks and their logs", grantCommand}, []string{"Pool.Audit on"}},
		{"no pools", may(without("Pool.Audit")), Problem, []string{"Pool.Audit on /pool"}, nil},
		{"no storages", may(without("Datastore.Audit")), Problem, []string{"Datastore.Audit on /storage/nas", grantCommand}, nil},
		{"an ACL below takes it away", may(auditor(), pve.Permissions{"/storage/nas": {"Datastore.AllocateTemplate": true}}), Problem, []string{
			"Datastore.Audit on /storage/nas", "pveum acl modify /storage/nas --users backup-exporter@pve --tokens 'backup-exporter@pve!metrics' --roles BackupExporter\n",
		}, []string{"pveum acl modify / "}},
		{"details without the rights", func(f *facts) { f.cluster.ArchiveDetails, f.file.Clusters[0].ArchiveDetails = true, true }, Problem, []string{
			"Datastore.AllocateSpace on /storage/nas", "VM.Backup on /vms", "PVEAuditor sees none of them",
			`pveum role add BackupExporterDetails --privs "Datastore.AllocateSpace VM.Backup"`,
			"pveum acl modify /storage/nas --users backup-exporter@pve --tokens 'backup-exporter@pve!metrics' --roles BackupExporter,BackupExporterDetails\n",
			"pveum acl modify /vms --users",
		}, []string{"pveum acl modify / "}},
		{"some guests only", func(f *facts) {
			may(without("VM.Audit"), pve.Permissions{"/vms/100": auditor(), "/pool/prod": auditor()})(f)
			f.resources.value.Guests = f.resources.value.Guests[:1]
		}, Warning, []string{"sees 1 guest, and none outside", grantCommand}, nil},
		{"unreadable", func(f *facts) { f.permissions = failed[pve.Permissions](errors.New("500 no")) }, Problem, []string{"privileges cannot be read"}, nil},
	})
}

func TestExcess(t *testing.T) {
	try(t, "excess", []trial{
		{"auditor", func(*facts) {}, OK, []string{"can change nothing"}, nil},
		{"administrator", may(with("Datastore.Allocate", "Sys.Modify", "VM.Config.Disk", "Permissions.Modify")), Warning, []string{
			"Datastore.Allocate on /, Permissions.Modify on /, Sys.Modify on / and VM.Config.Disk on /",
			"could delete archives and change storages; give itself and others further rights; change backup jobs and nodes; create, change, stop and destroy guests",
			"pveum acl delete PATH --tokens 'backup-exporter@pve!metrics' --roles ROLE", "pveum user token modify backup-exporter@pve metrics --privsep 1",
		}, nil},
		{"rights of details without details", may(with("Datastore.AllocateSpace", "VM.Backup")), Warning, []string{"VM.Backup on /", "delete, restore over and download backups"}, nil},
		{"below only", may(auditor(), pve.Permissions{"/vms/100": with("VM.Backup"), "/vms/101": with("VM.Backup")}), Warning, []string{"VM.Backup on /vms/100 and 1 other path"}, nil},
		{"rollback counts as snapshot", may(with("VM.Snapshot.Rollback")), Warning, []string{"VM.Snapshot.Rollback on /"}, nil},
		{"details", func(f *facts) {
			may(with("Datastore.AllocateSpace", "VM.Backup"))(f)
			f.cluster.ArchiveDetails = true
		}, Info, []string{"could delete archives", "archive_details: false"}, nil},
		{"details by a right that is too strong", func(f *facts) {
			may(with("Datastore.Allocate"))(f)
			f.cluster.ArchiveDetails = true
		}, Warning, []string{"Datastore.Allocate on /"}, nil},
	})
}

// Names that come from outside stay one word of the line to paste.
func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"nas":                       "nas",
		"backup-exporter@pve":       "backup-exporter@pve",
		"/storage/nas":              "/storage/nas",
		"a@pve!b":                   "'a@pve!b'",
		"x; rm -rf /":               "'x; rm -rf /'",
		"$(reboot)":                 "'$(reboot)'",
		"it's":                      `'it'\''s'`,
		"":                          "''",
		"images,backup":             "images,backup",
		"UPID:pve1:0:0:0:vzdump::r": "UPID:pve1:0:0:0:vzdump::r",
	} {
		if got := quote(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestRootToken(t *testing.T) {
	if got := grantLine("root@pam!metrics", "/", Role); got != "pveum acl modify / --tokens 'root@pam!metrics' --roles BackupExporter" {
		t.Errorf("root@pam needs no ACL of its own: %s", got)
	}
}
