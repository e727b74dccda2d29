package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// accessKey wants an environment's own access key.
func (w *wisher) accessKey(each state, found AccessKey) {
	key := plan.Key{Scope: w.inv.Store, Kind: plan.AccessKey, ID: each.environment}
	at := w.at(each.path("credentials")...)
	if w.inv.Kind != objectstore.MinIO {
		w.byHand(each, found, key, at)
		return
	}
	if found.Exists && !found.SecretFile {
		w.wish.Refusals = append(w.wish.Refusals, plan.Refusal{
			Key: key, At: at,
			Message: fmt.Sprintf("the server has the access key of environment %s already, and its secret is not in %s: nobody can read it back", each.environment, each.Credentials.SecretKeyFile.Name()),
			Hint: fmt.Sprintf("copy the files %s and %s from the machine that has them; if they are lost, remove the user%s on the server, and run this again: a new key is made",
				each.Credentials.AccessKeyFile.Name(), each.Credentials.SecretKeyFile.Name(), w.named(each, found)),
		})
		return
	}
	desired := plan.Desired{Key: key, Environment: each.environment, At: at, Adopt: each.Adopt, Fields: map[string]plan.Field{
		statusField:   {Text: enabled, At: at},
		policiesField: {Text: policyName(each.Bucket), At: at},
		rightsField:   {Text: rights(Policy(each.Bucket)), At: at},
		secretField:   {Sensitive: true, SecretChanged: found.Trial == TrialRefused, At: at},
	}}
	if !found.NameFile {
		desired.Fields[nameFileField] = plan.Field{Text: each.Credentials.AccessKeyFile.Name(), At: w.at(each.path("credentials", nameFileField)...)}
	}
	if !found.SecretFile {
		desired.Fields[secretFileField] = plan.Field{Text: each.Credentials.SecretKeyFile.Name(), At: w.at(each.path("credentials", secretFileField)...)}
	}
	w.wish.Desired = append(w.wish.Desired, desired)
	if len(found.Groups) > 0 {
		w.warn(key, at, "take it out of the groups on the server",
			"the access key of environment %s is a member of a group on the server: it may do what the group may, beside its bucket", each.environment)
	}
	if found.Trial == TrialFailed {
		w.warn(key, at, "look at the store's own log, then run this again", "whether the access key of environment %s works cannot be found out: %v", each.environment, found.Failure)
	}
}

// named is what the user is called, where provisioning chose that. A name that somebody wrote into a file is theirs to know.
func (w *wisher) named(each state, found AccessKey) string {
	if found.NameFile {
		return " that " + each.Credentials.AccessKeyFile.Name() + " names"
	}
	return " " + newName(w.owner, each.environment)
}

func currentKey(store string, each state, key AccessKey) plan.Current {
	status := enabled
	if !key.Enabled {
		status = "disabled"
	}
	policies := slices.Sorted(slices.Values(key.Policies))
	fields := map[string]string{statusField: status, rightsField: key.Rights, policiesField: strings.Join(policies, ",")}
	if key.NameFile {
		fields[nameFileField] = each.Credentials.AccessKeyFile.Name()
	}
	if key.SecretFile {
		fields[secretFileField] = each.Credentials.SecretKeyFile.Name()
	}
	return plan.Current{
		Key: plan.Key{Scope: store, Kind: plan.AccessKey, ID: each.environment}, Environment: each.environment,
		Owned: slices.Contains(key.Policies, policyName(each.Bucket)), Fields: fields,
	}
}
