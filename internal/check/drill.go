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

// drillFacts is what can be found out about the token of restore drills. Its secret is opened only where this user may read it.
type drillFacts struct {
	secretErr   error // why the secret cannot be used from here
	connectErr  error // why there is no client; the checks of the connection tell
	permissions answer[pve.Permissions]
	resources   answer[pve.Resources] // as this token sees them: the storages that hold backups among them
}

// askDrill asks what the token of drills may do and see: two calls that change nothing. It is nil where no such token is declared.
func askDrill(ctx context.Context, options Options, cluster config.Cluster) *drillFacts {
	if cluster.Drill == nil {
		return nil
	}
	d := &drillFacts{}
	if _, d.secretErr = cluster.Drill.Secret(); d.secretErr != nil {
		return d
	}
	as := cluster
	as.Exporter = &cluster.Drill.Token
	client, err := options.Connect(as)
	if err != nil {
		d.connectErr = err
		return d
	}
	defer client.Close()
	asker := &asker{now: options.Now}
	ask(asker, &d.permissions, func() (pve.Permissions, error) { return client.Permissions(ctx) })
	ask(asker, &d.resources, func() (pve.Resources, error) { return client.Resources(ctx) })
	asker.group.Wait()
	return d
}

// checkDrill looks whether the token of restore drills has what they need, and whether there is where to restore to.
func checkDrill(f *facts) []Finding {
	d := f.drill
	if d == nil {
		return nil
	}
	token := f.cluster.Drill.ID
	unchecked := found(Info, "the privileges of token %s (drill) are not checked", token)
	switch {
	case errors.Is(d.secretErr, fs.ErrPermission):
		return []Finding{unchecked.because("this user may not read its secret, which is right for the user of the exporter").
			advise("run this as the user that drills, such as root, to have them checked")}
	case errors.Is(d.secretErr, fs.ErrNotExist):
		return []Finding{unchecked.because("its secret is not on this machine")}
	case d.secretErr != nil:
		return []Finding{found(Problem, "the secret of drills cannot be used").caused(d.secretErr)}
	case d.connectErr != nil:
		return []Finding{unchecked.because("%v", d.connectErr)}
	case pve.IsUnauthorized(d.permissions.err):
		return []Finding{found(Problem, "the API refuses the token %s of drills (401)", token).
			because("the token is unknown or expired, its secret is not what %s holds, or its user is disabled; the API does not tell which", f.cluster.Drill.SecretFile.Name()).
			advise("if it was never made: pool, user, token, roles and ACL", f.newDrillLines()...)}
	case d.permissions.err != nil:
		return []Finding{unchecked.because("%v", d.permissions.err)}
	}
	return append(f.drillLacks(d.permissions.value), f.drillTarget()...)
}

// drillLacks compares what drills need with what their token has.
func (f *facts) drillLacks(held pve.Permissions) []Finding {
	token := f.cluster.Drill.ID
	paths := map[string][]string{}
	var purposes []string
	for _, each := range f.drillNeeds() {
		if held.Has(each.path, each.privilege) {
			continue
		}
		paths[each.privilege] = append(paths[each.privilege], words.Name(each.path))
		if !slices.Contains(purposes, each.purpose) {
			purposes = append(purposes, each.purpose)
		}
	}
	if len(paths) == 0 {
		return []Finding{found(OK, "token %s (drill) has every privilege that drills need", token)}
	}
	var lacking []string
	for _, privilege := range slices.Sorted(maps.Keys(paths)) {
		lacking = append(lacking, privilege+" on "+words.List(paths[privilege], shown))
	}
	return []Finding{found(Problem, "token %s (drill) lacks %s", token, strings.Join(lacking, "; ")).
		because("it needs that to %s; a token with separated privileges has only what its user has, too", strings.Join(purposes, "; ")).
		advise("make the pool, and give roles and ACL to user and token, on any node", f.drillLines()...).
		advise("what the token may do then", showLine(token))}
}

// drillTarget looks at the storage that drills restore to, as their own token sees it.
func (f *facts) drillTarget() []Finding {
	resources := f.drill.resources
	if !resources.read() {
		return nil
	}
	storage, node := f.cluster.Drill.Storage, f.cluster.Drill.Node
	var seen, active, holds bool
	for _, each := range resources.value.Storages {
		if each.Storage != storage || node != "" && each.Node != node {
			continue
		}
		seen, active = true, active || each.Active
		contents := strings.Split(each.Content, ",")
		holds = holds || slices.Contains(contents, "images") || slices.Contains(contents, "rootdir")
	}
	where := ""
	if node != "" {
		where = " on node " + words.Name(node)
	}
	switch {
	case !seen:
		return []Finding{found(Problem, "drills cannot restore to storage %s%s: it is not there, or their token may not see it", words.Name(storage), where).
			advise("name one that holds disk images and container volumes as `storage` in the cluster's `drill`")}
	case !holds:
		return []Finding{found(Problem, "drills cannot restore to storage %s: it holds neither disk images nor container volumes", words.Name(storage)).
			advise("name another one as `storage` in the cluster's `drill`, or allow images and rootdir in the storage's content")}
	case !active:
		return []Finding{found(Problem, "drills cannot restore to storage %s%s: it is not active", words.Name(storage), where)}
	}
	return nil
}
