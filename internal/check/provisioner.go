package check

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// askProvisioner asks what the token of provisioning may do: a single call that changes nothing. It is nil where no such token is declared.
func askProvisioner(ctx context.Context, options Options, cluster config.Cluster) *tokenFacts {
	if cluster.Provisioner == nil {
		return nil
	}
	p := askToken(ctx, options, cluster, *cluster.Provisioner, func(*asker, Client) {})
	return &p
}

// checkProvisioner looks whether the token of provisioning has what the declared file needs, and no more.
func checkProvisioner(f *facts) []Finding {
	p := f.provisioner
	if p == nil {
		return nil
	}
	unchecked := p.unchecked(otherToken{
		token: *f.cluster.Provisioner, role: "provisioner", purpose: "provisioning", user: "provisions", secret: "the provisioner's secret",
		made: "user, token, roles and ACL", lines: f.newProvisionerLines(),
	})
	if unchecked != nil {
		return unchecked
	}
	return append(f.provisionerLacks(p.permissions.value), f.provisionerExcess(p.permissions.value)...)
}

// provisionerLacks compares what provisioning by the declared file needs with what its token has.
func (f *facts) provisionerLacks(held pve.Permissions) []Finding {
	token := f.cluster.Provisioner.ID
	lacks, purposes := lacking(provisionerNeeds(f.file, f.cluster.Name), func(need tokenNeed) bool {
		return held.Has(need.path, need.privilege) || need.role == disksRole && held.Has("/vms", need.privilege)
	})
	if lacks == "" {
		return []Finding{found(OK, "token %s (provisioner) has every privilege that the file needs", token)}
	}
	return []Finding{found(Problem, "token %s (provisioner) lacks %s", token, lacks).
		because("it needs that to %s; a token with separated privileges has only what its user has, too", purposes).
		advise("give roles and ACL to user and token, on any node", f.provisionerLines()...).
		advise("what the token may do then", showLine(token))}
}

// provisionerExcess looks for what the token could do besides.
func (f *facts) provisionerExcess(permissions pve.Permissions) []Finding {
	needs := provisionerNeeds(f.file, f.cluster.Name)
	held := map[string][]string{}
	for path, privileges := range permissions {
		for privilege := range privileges {
			isDangerous := slices.ContainsFunc(dangers(), func(d danger) bool { return d.includes(privilege) })
			if isDangerous && !covered(needs, path, privilege) && !inheritedExcess(permissions, path, privilege) {
				held[privilege] = append(held[privilege], path)
			}
		}
	}
	if len(held) == 0 {
		return []Finding{found(OK, "token %s (provisioner) can change nothing that the file does not ask for", f.cluster.Provisioner.ID)}
	}
	token := f.cluster.Provisioner.ID
	lines := append(removeLines(token), f.provisionerLines()...)
	return []Finding{found(Warning, "token %s (provisioner) may do more than it needs: %s", token, words.List(heldNames(held), 2*shown)).
		because("%s", whatItCould(held)).
		advise("see which roles give it that", showLine(token), "pveum acl list").
		advise("then take them away (ROLE and PATH as listed), and leave it what the file needs", lines...).
		advise("a token without privilege separation has all the rights of its user: separate them", separateLine(token))}
}

// covered reports whether a privilege is needed on a path, or further above, from where it is handed down. Privileges on guests and on
// storages mean at / what they mean at /vms and /storage.
func covered(needs []tokenNeed, path, privilege string) bool {
	at := path
	if area, has := areas()[privilege[:strings.IndexByte(privilege+".", '.')]]; has && path == "/" {
		at = area
	}
	return slices.ContainsFunc(needs, func(need tokenNeed) bool {
		return need.privilege == privilege && (need.path == "/" || at == need.path || strings.HasPrefix(at, need.path+"/"))
	})
}

// areas are the paths at which privileges have their objects.
func areas() map[string]string { return map[string]string{"VM": "/vms", "Datastore": "/storage"} }

// inheritedExcess reports that the privilege comes from further above, where it is told of.
func inheritedExcess(permissions pve.Permissions, path, privilege string) bool {
	for path != "/" {
		path = cmp.Or(path[:strings.LastIndexByte(path, '/')], "/")
		if permissions[path][privilege] {
			return true
		}
	}
	return false
}
