package check

import (
	"regexp"
	"strings"
)

// Role is the role that the printed commands give to the exporter: it may look at everything that matters and change nothing.
const Role = "BackupExporter"

// DetailsRole is given beside Role where archive_details is switched on.
const DetailsRole = "BackupExporterDetails"

// The privileges of the roles. All of them are known to every version from the oldest that is supported on.
const (
	rolePrivileges    = "Sys.Audit VM.Audit Datastore.Audit Pool.Audit"
	detailsPrivileges = "Datastore.AllocateSpace VM.Backup"
)

// account cuts a token's full name, user@realm!name.
func account(tokenID string) (user, name string) {
	user, name, _ = strings.Cut(tokenID, "!")
	return user, name
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9@%+=:,./_-]+$`)

// quote makes one word for a shell of a text. Names come from the cluster and the file: none may smuggle a command into a line to paste.
func quote(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// roleLine creates a role, or brings one that is there up to date.
func roleLine(role, privileges string) string {
	return `pveum role add ` + role + ` --privs "` + privileges + `" || pveum role modify ` + role + ` --append 1 --privs "` + privileges + `"`
}

// grantLine gives roles on a path to a token and to its user: with separated privileges, a token has what both have. An entry of a deeper
// path replaces what comes from above, so roles lists all that are needed there. The user root@pam may do everything already.
func grantLine(tokenID, path, roles string) string {
	line := "pveum acl modify " + quote(path)
	if user, _ := account(tokenID); user != "root@pam" {
		line += " --users " + quote(user)
	}
	return line + " --tokens " + quote(tokenID) + " --roles " + roles
}

// newTokenLines create role, user, token and ACL from nothing.
func newTokenLines(tokenID string) []string {
	lines := append([]string{roleLine(Role, rolePrivileges)}, accountLines(tokenID, "pve-backup-exporter")...)
	return append(lines, grantLine(tokenID, "/", Role))
}

// accountLines create a user and a token without any rights.
func accountLines(tokenID, comment string) []string {
	user, name := account(tokenID)
	var lines []string
	if user != "root@pam" {
		lines = append(lines, "pveum user add "+quote(user)+` --comment "`+comment+`"`)
	}
	return append(lines, "pveum user token add "+quote(user)+" "+quote(name)+" --privsep 1")
}

// showLine prints what a token may do.
func showLine(tokenID string) string {
	user, name := account(tokenID)
	return "pveum user token permissions " + quote(user) + " " + quote(name)
}
