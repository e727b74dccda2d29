package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// accessKeys is the provider of environments' access keys on stores of kind minio. What the files hold is what the server is given.
type accessKeys struct{ *Session }

// find returns the state whose access key is meant.
func (a accessKeys) find(key plan.Key) (state, error) {
	for _, each := range statesOf(a.File, a.Inventory.Store) {
		if each.environment == key.ID && each.Credentials != nil {
			return each, nil
		}
	}
	return state{}, fmt.Errorf("environment %s declares no access key for store %s", key.ID, key.Scope)
}

// Read asks the server for the key, and looks at its files.
func (a accessKeys) Read(ctx context.Context, key plan.Key) (apply.Object, error) {
	each, err := a.find(key)
	if err != nil {
		return apply.Object{}, err
	}
	found, err := lookAtFiles(*each.Credentials)
	if err == nil {
		err = a.Need.readUser(ctx, a.Client, each, &found)
	}
	if err != nil || !found.Exists {
		return apply.Object{}, err
	}
	return apply.Object{Current: currentKey(key.Scope, each, found), Exists: true}, nil
}

// Write writes the files that are not there, then policy and key on the server, and uses the key.
func (a accessKeys) Write(ctx context.Context, change plan.Change, _ apply.Object) error {
	each, err := a.find(change.Key)
	if err != nil {
		return err
	}
	if change.Action == plan.Delete {
		return fmt.Errorf("access keys are not removed: %s", change.ID)
	}
	if err := a.writeFiles(each); err != nil {
		return err
	}
	name, secret, err := each.Credentials.Read()
	if err != nil {
		return err
	}
	if err := a.notOurOwn(each, name.Reveal()); err != nil {
		return err
	}
	if err := a.remember(change.Key, true); err != nil {
		return err
	}
	policy := policyName(each.Bucket)
	if err := a.Client.SetPolicy(ctx, policy, Policy(each.Bucket)); err != nil {
		return sorted(err)
	}
	if err := a.Client.SetUser(ctx, name.Reveal(), secret.Reveal()); err != nil {
		return sorted(err)
	}
	if err := a.Client.AttachPolicy(ctx, name.Reveal(), policy); err != nil {
		return sorted(err)
	}
	return a.prove(ctx, each)
}

// writeFiles makes up what is not there: the secret is on the disk before the server hears of it.
func (a accessKeys) writeFiles(each state) error {
	found, err := lookAtFiles(*each.Credentials)
	if err != nil {
		return err
	}
	if !found.SecretFile {
		// First the name: a name without a secret is a wish for a key, a secret without a name is a riddle.
		if !found.NameFile {
			if err := writeNew(each.Credentials.AccessKeyFile.Resolve(), newName(a.Need.owner, each.environment)); err != nil {
				return err
			}
		}
		return writeNew(each.Credentials.SecretKeyFile.Resolve(), newSecret())
	}
	return nil
}

// notOurOwn refuses to limit the access key that provisioning itself uses.
func (a accessKeys) notOurOwn(each state, name string) error {
	if a.Need.Store.Provisioner == nil {
		return nil
	}
	own, _, err := a.Need.Store.Provisioner.Read()
	if err == nil && own.Reveal() == name {
		return ui.Hint(errors.New("the files name the access key that provisioning itself uses: it would be limited to one bucket"),
			"name other files in credentials of environment %s: a new access key is made then", each.environment)
	}
	return err
}

// prove uses the key: it must be able to list its bucket, and must not be able to read the bucket's settings.
func (a accessKeys) prove(ctx context.Context, each state) error {
	trial, err := a.Need.try(ctx, each)
	switch trial {
	case TrialPassed, TrialNone:
		return nil
	case TrialTooMuch:
		return ui.Hint(errors.New("the access key was written, but may do more than its policy allows"), "is it a member of a group on the server? take it out of there")
	case TrialFailed:
		return ui.Hint(fmt.Errorf("the access key was written, but whether it works cannot be found out: %w", err), "run this again")
	}
	return ui.Hint(fmt.Errorf("the access key was written, but the server does not accept it, or does not let it list bucket %s", each.Bucket),
		"where the server has several machines it may take a moment: run this again")
}
