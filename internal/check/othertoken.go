package check

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// otherToken is a token of a cluster beside the exporter's, and how the findings speak of it.
type otherToken struct {
	token   config.Token
	role    string // the key in the file
	purpose string // what it is for
	user    string // completes "the user that ..."
	secret  string
	made    string   // what making it takes
	lines   []string // the commands that make it
}

// tokenFacts is what can be found out about such a token. Its secret is opened only where this user may read it.
type tokenFacts struct {
	secretErr   error // why the secret cannot be used from here
	connectErr  error // why there is no client; the checks of the connection tell
	permissions answer[pve.Permissions]
}

// askToken asks what a token may do: a single call that changes nothing, beside those that further makes.
func askToken(ctx context.Context, options Options, cluster config.Cluster, token config.Token, further func(*asker, Client)) tokenFacts {
	var t tokenFacts
	if _, t.secretErr = token.Secret(); t.secretErr != nil {
		return t
	}
	cluster.Exporter = &token
	client, err := options.Connect(cluster)
	if err != nil {
		t.connectErr = err
		return t
	}
	defer client.Close()
	asker := &asker{now: options.Now}
	ask(asker, &t.permissions, func() (pve.Permissions, error) { return client.Permissions(ctx) })
	further(asker, client)
	asker.group.Wait()
	return t
}

// unchecked says why the token's privileges could not be found out; nothing where they could.
func (t tokenFacts) unchecked(of otherToken) []Finding {
	unchecked := found(Info, "the privileges of token %s (%s) are not checked", of.token.ID, of.role)
	switch {
	case errors.Is(t.secretErr, fs.ErrPermission):
		return []Finding{unchecked.because("this user may not read its secret, which is right for the user of the exporter").
			advise("run this as the user that " + of.user + ", such as root, to have them checked")}
	case errors.Is(t.secretErr, fs.ErrNotExist):
		return []Finding{unchecked.because("its secret is not on this machine")}
	case t.secretErr != nil:
		return []Finding{found(Problem, "%s cannot be used", of.secret).caused(t.secretErr)}
	case t.connectErr != nil:
		return []Finding{unchecked.because("%v", t.connectErr)}
	case pve.IsUnauthorized(t.permissions.err):
		return []Finding{found(Problem, "the API refuses the token %s of %s (401)", of.token.ID, of.purpose).
			because("the token is unknown or expired, its secret is not what %s holds, or its user is disabled; the API does not tell which", of.token.SecretFile.Name()).
			advise("if it was never made: "+of.made, of.lines...)}
	case t.permissions.err != nil:
		return []Finding{unchecked.because("%v", t.permissions.err)}
	}
	return nil
}

// lacking sums up the needs that are not met: the privileges with their paths, and what they are for. Both are empty where all are.
func lacking(needs []tokenNeed, met func(tokenNeed) bool) (privileges, purposes string) {
	paths := map[string][]string{}
	var all []string
	for _, each := range needs {
		if met(each) {
			continue
		}
		paths[each.privilege] = append(paths[each.privilege], words.Name(each.path))
		if !slices.Contains(all, each.purpose) {
			all = append(all, each.purpose)
		}
	}
	var texts []string
	for _, privilege := range slices.Sorted(maps.Keys(paths)) {
		texts = append(texts, privilege+" on "+words.List(paths[privilege], shown))
	}
	return strings.Join(texts, "; "), strings.Join(all, "; ")
}
