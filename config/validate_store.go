package config

import (
	"fmt"
	"strings"
)

// stores checks what the keys of each store, and of all Terraform states together, mean.
func (c checker) stores() {
	endpoints := map[string]string{} // by store
	for _, store := range c.file.Stores {
		endpoints[store.Name] = store.Endpoint
		if c.has("stores", store.Name, "ca_file") && strings.HasPrefix(store.Endpoint, "http://") {
			c.problem(fmt.Sprintf("store `%s` has a `ca_file`, but speaks plain http: nobody checks a certificate", store.Name),
				"write the address with https://, or take out `ca_file`", "stores", store.Name, "ca_file")
		}
		c.cycles(store.RefreshInterval, store.SlowRefreshInterval, "stores", store.Name)
	}
	c.states(endpoints)
	c.directories()
	c.keyFiles()
}

// states checks that no two environments share what they must not share. The map has the address of each store: two names may mean one server.
func (c checker) states(endpoints map[string]string) {
	byKey, byBucket := map[[3]string]string{}, map[[2]string]Environment{}
	for _, environment := range c.file.Environments {
		state := environment.TerraformState
		if state == nil || state.Store == "" || state.Bucket == "" {
			continue
		}
		at := func(key string) []string { return []string{"environments", environment.Name, "terraform_state", key} }
		if strings.HasSuffix(state.Key, lockSuffix) {
			c.problem(fmt.Sprintf("`%s` is what Terraform calls a lock, not a state", state.Key),
				fmt.Sprintf("write the state's key, such as `%s`", strings.TrimSuffix(state.Key, lockSuffix)), at("key")...)
		}
		where := state.Store
		if endpoint, ok := endpoints[state.Store]; ok {
			where = endpoint
		}
		object := [3]string{where, state.Bucket, state.Key}
		if above, ok := byKey[object]; ok {
			c.problem(fmt.Sprintf("environments `%s` and `%s` have the same state: each would destroy what the other has made", above, environment.Name),
				"give each a bucket of its own, or another `key`", at("bucket")...)
			continue
		}
		byKey[object] = environment.Name
		bucket := [2]string{where, state.Bucket}
		if above, ok := byBucket[bucket]; ok {
			c.sharedBucket(above, environment)
			continue
		}
		byBucket[bucket] = environment
	}
}

// directories reports a folder of two environments: provisioning writes one backend file into each.
func (c checker) directories() {
	first := map[string]string{}
	for _, environment := range c.file.Environments {
		if environment.TerraformState == nil || environment.TerraformState.Directory.IsZero() {
			continue
		}
		folder := environment.TerraformState.Directory.Resolve()
		if above, ok := first[folder]; ok {
			c.problem(fmt.Sprintf("environments `%s` and `%s` have the same directory: one configuration has one state", above, environment.Name),
				"give each a folder of its own, or take out one `directory`", "environments", environment.Name, "terraform_state", "directory")
			continue
		}
		first[folder] = environment.Name
	}
}

// sharedBucket checks two environments whose states lie in one bucket: what holds for the bucket as a whole must be the same, and a key that
// opens the bucket opens both states.
func (c checker) sharedBucket(above, environment Environment) {
	one, other := above.TerraformState, environment.TerraformState
	path := []string{"environments", environment.Name, "terraform_state"}
	if one.Versions != other.Versions {
		c.problem(fmt.Sprintf("environments `%s` and `%s` share bucket `%s`, and want different `versions` kept in it", above.Name, environment.Name, one.Bucket),
			"write the same for both, or give each a bucket of its own", append(path, "versions")...)
	}
	if one.Credentials != nil || other.Credentials != nil {
		c.problem(fmt.Sprintf("environments `%s` and `%s` share bucket `%s`: with `credentials` for it, each could read and change the other's state", above.Name, environment.Name, one.Bucket),
			"give each a bucket of its own, or take out `credentials`", append(path, "bucket")...)
	}
}

// keyFiles reports files that would hold two things: provisioning writes those of `credentials`, and must not overwrite another key.
func (c checker) keyFiles() {
	first := map[string]SecretFile{}
	note := func(file SecretFile, written bool, path ...string) {
		name := file.Resolve()
		if file.IsZero() {
			return
		}
		if earlier, ok := first[name]; ok && written {
			c.problem(fmt.Sprintf("file `%s` would hold two things", file.Name()),
				fmt.Sprintf("name another file: line %d names this one, too, and provisioning writes what does not exist", earlier.Position().Line), path...)
		} else if !ok {
			first[name] = file
		}
	}
	both := func(key AccessKey, written bool, path ...string) {
		at := func(name string) []string { return append(path[:len(path):len(path)], name) }
		note(key.AccessKeyFile, written, at("access_key_file")...)
		if key.SecretKeyFile.Resolve() == key.AccessKeyFile.Resolve() && !key.SecretKeyFile.IsZero() {
			c.problem(fmt.Sprintf("file `%s` cannot hold both the key's name and its secret", key.SecretKeyFile.Name()), "give each a file of its own", at("secret_key_file")...)
			return
		}
		note(key.SecretKeyFile, written, at("secret_key_file")...)
	}
	for _, store := range c.file.Stores {
		both(store.AccessKey, false, "stores", store.Name)
		if store.Provisioner != nil {
			both(*store.Provisioner, false, "stores", store.Name, "provisioner")
		}
	}
	for _, environment := range c.file.Environments {
		if state := environment.TerraformState; state != nil && state.Credentials != nil {
			both(*state.Credentials, true, "environments", environment.Name, "terraform_state", "credentials")
		}
	}
}
