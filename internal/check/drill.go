package check

import (
	"context"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// drillFacts is what can be found out about the token of restore drills.
type drillFacts struct {
	tokenFacts
	resources answer[pve.Resources] // as this token sees them: the storages that hold backups among them
}

// askDrill asks what the token of drills may do and see: two calls that change nothing. It is nil where no such token is declared.
func askDrill(ctx context.Context, options Options, cluster config.Cluster) *drillFacts {
	if cluster.Drill == nil {
		return nil
	}
	d := &drillFacts{}
	d.tokenFacts = askToken(ctx, options, cluster, cluster.Drill.Token, func(asker *asker, client Client) {
		ask(asker, &d.resources, func() (pve.Resources, error) { return client.Resources(ctx) })
	})
	return d
}

// checkDrill looks whether the token of restore drills has what they need, and whether there is where to restore to.
func checkDrill(f *facts) []Finding {
	d := f.drill
	if d == nil {
		return nil
	}
	unchecked := d.unchecked(otherToken{
		token: f.cluster.Drill.Token, role: "drill", purpose: "drills", user: "drills", secret: "the secret of drills",
		made: "pool, user, token, roles and ACL", lines: f.newDrillLines(),
	})
	if unchecked != nil {
		return unchecked
	}
	return append(f.drillLacks(d.permissions.value), f.drillTarget()...)
}

// drillLacks compares what drills need with what their token has.
func (f *facts) drillLacks(held pve.Permissions) []Finding {
	token := f.cluster.Drill.ID
	lacks, purposes := lacking(f.drillNeeds(), func(need tokenNeed) bool { return held.Has(need.path, need.privilege) })
	if lacks == "" {
		return []Finding{found(OK, "token %s (drill) has every privilege that drills need", token)}
	}
	return []Finding{found(Problem, "token %s (drill) lacks %s", token, lacks).
		because("it needs that to %s; a token with separated privileges has only what its user has, too", purposes).
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
