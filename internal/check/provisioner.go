package check

import (
	"cmp"
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

// provisionerFacts is what can be found out about the token of provisioning. Its secret is opened only where this user may read it.
type provisionerFacts struct {
	secretErr   error // why the secret cannot be used from here
	connectErr  error // why there is no client; the checks of the connection tell
	permissions answer[pve.Permissions]
}

// askProvisioner asks what the token of provisioning may do: a single call that changes nothing. It is nil where no such token is declared.
func askProvisioner(ctx context.Context, options Options, cluster config.Cluster) *provisionerFacts {
	if cluster.Provisioner == nil {
		return nil
	}
	p := &provisionerFacts{}
	if _, p.secretErr = cluster.Provisioner.Secret(); p.secretErr != nil {
		return p
	}
	as := cluster
	as.Exporter = cluster.Provisioner
	client, err := options.Connect(as)
	if err != nil {
		p.connectErr = err
		return p
	}
	defer client.Close()
	asker := &asker{now: options.Now}
	ask(asker, &p.permissions, func() (pve.Permissions, error) { return client.Permissions(ctx) })
	asker.group.Wait()
	return p
}

// checkProvisioner looks whether the token of provisioning has what the declared file needs, and no more.
func checkProvisioner(f *facts) []Finding {
	p := f.provisioner
	if p == nil {
		return nil
	}
	token := f.cluster.Provisioner.ID
	unchecked := found(Info, "the privileges of token %s (provisioner) are not checked", token)
	switch {
	case errors.Is(p.secretErr, fs.ErrPermission):
		return []Finding{unchecked.because("this user may not read its secret, which is right for the user of the exporter").
			advise("run this as the user that provisions, such as root, to have them checked")}
	case errors.Is(p.secretErr, fs.ErrNotExist):
		return []Finding{unchecked.because("its secret is not on this machine")}
	case p.secretErr != nil:
		return []Finding{found(Problem, "the provisioner's secret cannot be used").caused(p.secretErr)}
	case p.connectErr != nil:
		return []Finding{unchecked.because("%v", p.connectErr)}
	case pve.IsUnauthorized(p.permissions.err):
		return []Finding{found(Problem, "the API refuses the token %s of provisioning (401)", token).
			because("the token is unknown or expired, its secret is not what %s holds, or its user is disabled; the API does not tell which", f.cluster.Provisioner.SecretFile.Name()).
			advise("if it was never made: user, token, roles and ACL", f.newProvisionerLines()...)}
	case p.permissions.err != nil:
		return []Finding{unchecked.because("%v", p.permissions.err)}
	}
	return append(f.provisionerLacks(p.permissions.value), f.provisionerExcess(p.permissions.value)...)
}

// provisionerLacks compares what provisioning by the declared file needs with what its token has.
func (f *facts) provisionerLacks(held pve.Permissions) []Finding {
	token := f.cluster.Provisioner.ID
	paths := map[string][]string{}
	var purposes []string
	for _, each := range provisionerNeeds(f.file, f.cluster.Name) {
		if held.Has(each.path, each.privilege) || each.role == disksRole && held.Has("/vms", each.privilege) {
			continue
		}
		paths[each.privilege] = append(paths[each.privilege], words.Name(each.path))
		if !slices.Contains(purposes, each.purpose) {
			purposes = append(purposes, each.purpose)
		}
	}
	if len(paths) == 0 {
		return []Finding{found(OK, "token %s (provisioner) has every privilege that the file needs", token)}
	}
	var lacking []string
	for _, privilege := range slices.Sorted(maps.Keys(paths)) {
		lacking = append(lacking, privilege+" on "+words.List(paths[privilege], shown))
	}
	return []Finding{found(Problem, "token %s (provisioner) lacks %s", token, strings.Join(lacking, "; ")).
		because("it needs that to %s; a token with separated privileges has only what its user has, too", strings.Join(purposes, "; ")).
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
func covered(needs []provisionerNeed, path, privilege string) bool {
	at := path
	if area, has := areas()[privilege[:strings.IndexByte(privilege+".", '.')]]; has && path == "/" {
		at = area
	}
	return slices.ContainsFunc(needs, func(need provisionerNeed) bool {
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
