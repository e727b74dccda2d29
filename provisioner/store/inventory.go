package store

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// Inventory is what was read of one object store: only what planning needs.
type Inventory struct {
	Store    string
	Kind     objectstore.Kind
	Endpoint string
	// Buckets are those that were looked at, by name: one that is not in it is not known.
	Buckets map[string]Bucket
	// Keys are the access keys that are declared, by environment.
	Keys map[string]AccessKey
}

// Bucket is a bucket as it is, or that there is none.
type Bucket struct {
	Exists     bool
	Versioning objectstore.Versioning
	Empty      bool
	Rules      []objectstore.LifecycleRule
	// NoRules says that the server knows no lifecycle rules at all.
	NoRules bool
}

// AccessKey is an access key as far as it can be seen: its two files here, and the user of that name on the server.
type AccessKey struct {
	NameFile, SecretFile bool // the files exist
	// Exists says that the server has a user of the name in the file, or of the one that would be written there. The rest is known then.
	Exists   bool
	Enabled  bool
	Policies []string
	Groups   []string
	// Rights is what the policy of provisioning for it allows, in canonical form; empty where there is no such policy.
	Rights string
	// Trial is what became of using the key.
	Trial Trial
	// Failure is why it could not be used, for [TrialFailed].
	Failure error
}

// Trial is what becomes of a key that is used: it should be allowed to list its bucket, and nothing else of what was tried.
type Trial string

// The outcomes of a trial.
const (
	TrialNone    Trial = ""        // it was not tried: there are no files, or no user
	TrialPassed  Trial = "passed"  // it is accepted, may list its bucket or would if it were there, and may not read its settings
	TrialRefused Trial = "refused" // the server does not accept it: another secret, or no such key
	TrialDenied  Trial = "denied"  // it is accepted, and may not list its bucket
	TrialTooMuch Trial = "toomuch" // it is accepted, and may do more than it needs
	TrialFailed  Trial = "failed"  // it could not be found out
)

// state is a Terraform state that is declared for a store.
type state struct {
	environment string
	config.TerraformState
}

// statesOf lists the states of a store, in the order of the file.
func statesOf(file *config.File, store string) []state {
	var list []state
	for _, environment := range file.Environments {
		if environment.TerraformState != nil && environment.TerraformState.Store == store {
			list = append(list, state{environment.Name, *environment.TerraformState})
		}
	}
	return list
}

// path is where the declared file says something of a state.
func (s state) path(keys ...string) []string {
	return append([]string{"environments", s.environment, "terraform_state"}, keys...)
}
