package check

import (
	"context"
	"errors"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// checkToken looks whether the API takes the exporter's token.
func checkToken(f *facts) []Finding {
	if f.cluster.Exporter == nil || !f.version.asked {
		return nil
	}
	token := f.cluster.Exporter.ID
	user, name := account(token)
	switch err := f.version.err; {
	case err == nil:
		return []Finding{found(OK, "token %s is accepted", token)}
	case pve.IsUnauthorized(err):
		return []Finding{found(Problem, "the API refuses the token %s (401)", token).
			because("the token is unknown or expired, its secret is not what %s holds, or its user is disabled; the API does not tell which", f.cluster.Exporter.SecretFile.Name()).
			advise("look on a node which it is", "journalctl -u pveproxy -u pvedaemon --since -10min | grep -i auth",
				"pveum user list", "pveum user token list "+quote(user)).
			advise("if only the secret is lost: this makes a new one, printed once, for "+f.cluster.Exporter.SecretFile.Resolve(),
				"pveum user token remove "+quote(user)+" "+quote(name), "pveum user token add "+quote(user)+" "+quote(name)+" --privsep 1",
				grantLine(token, "/", Role)).
			advise("if it was never made: role, user, token and ACL", newTokenLines(token)...)}
	default:
		return []Finding{f.unread("the API cannot be asked", err)}
	}
}

// unread is the finding of a call that failed although the cluster answers. A refusal that checkPrivileges explains is no problem of its own.
func (f *facts) unread(what string, err error) Finding {
	if pve.IsForbidden(err) && f.lacks() {
		return found(Info, "%s", what).because("the token lacks privileges, see above")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return found(Problem, "%s: no answer in time", what).because("%v", err).
			advise("the cluster, or a storage that it asks, is slow; --timeout allows more than " + f.timeout.String())
	}
	finding := found(Problem, "%s", what).caused(err)
	if pve.IsForbidden(err) && f.cluster.Exporter != nil {
		finding = finding.advise("compare with what the token may do", showLine(f.cluster.Exporter.ID))
	}
	return finding
}

// lacks reports that privileges are missing, so that what is not seen may be there all the same.
func (f *facts) lacks() bool { return f.picture != nil && len(f.picture.MissingPermissions) > 0 }

// absent is the finding that something is not there, as far as the token sees.
func (f *facts) absent(warning Finding) Finding {
	if !f.lacks() {
		return warning
	}
	return found(Info, "%s, as far as the token sees", warning.What).because("the token lacks privileges, see above")
}
