package config

import "fmt"

func (c checker) environments() {
	for _, environment := range c.file.Environments {
		path := []string{"environments", environment.Name}
		if environment.Name == Unassigned {
			c.problem("no environment may be called `unassigned`: it is the name for guests without one", "choose another name", path...)
		}
		c.cluster(environment.Cluster, path...)
		c.guests(environment, append(path, "guests"))
		if environment.Backup != nil {
			c.backup(*environment.Backup, append(path, "backup"))
		}
		if environment.TerraformState != nil && environment.TerraformState.Store != "" {
			c.known("store", environment.TerraformState.Store, c.storeNames(), append(path, "terraform_state", "store")...)
		}
	}
}

func (c checker) storeNames() []string {
	var names []string
	for _, store := range c.file.Stores {
		names = append(names, store.Name)
	}
	return names
}

// guests checks a selector. Without a job any union will do; a job of Proxmox VE selects by one pool, by one node, or by a list of ids.
func (c checker) guests(environment Environment, path []string) {
	if !c.decoder.Sound(path...) || !c.has(path...) {
		return
	}
	at := func(key string) []string { return append(path[:len(path):len(path)], key) }
	var kinds []string
	for _, key := range []string{"pools", "nodes"} {
		if c.has(at(key)...) {
			kinds = append(kinds, key)
		}
	}
	ids := c.has(at("vmids")...) || c.has(at("tags")...)
	guests := environment.Guests
	switch {
	case len(guests.Pools)+len(guests.Nodes)+len(guests.VMIDs)+len(guests.Tags) == 0:
		c.problem("`guests` selects nobody", "name `pools`, `nodes`, `vmids` or `tags`, such as `guests: {pools: [prod]}`", path...)
		return
	case environment.Backup == nil:
		return
	case len(kinds) > 1 || len(kinds) == 1 && ids:
		c.problem("a backup job of Proxmox VE cannot select like this: `pools` and `nodes` each stand alone, only `vmids` and `tags` go together",
			"make it two environments with the same profile", path...)
	}
	if !c.has(at("exclude")...) {
		return
	}
	switch {
	case c.has(at("pools")...):
		c.problem("a backup job of Proxmox VE that selects a pool cannot exclude guests", "take the guests out of the pool, or select by `nodes` or `tags`", at("exclude")...)
	case c.has(at("vmids")...) && !c.has(at("tags")...):
		c.problem("`exclude` beside `vmids` is of no use", "take the ids out of `vmids`", at("exclude")...)
	}
}

func (c checker) backup(backup Backup, path []string) {
	at := func(keys ...string) []string { return append(path[:len(path):len(path)], keys...) }
	if !c.has(at("profile")...) && !c.has(at("schedule")...) {
		c.problem("the backup has no schedule", "name a `profile` (`prod`, `lab`, `monitoring`), or add `schedule`, such as `schedule: \"01:00\"`", path...)
	}
	c.retention(backup.Retention, at("retention")...)
	if backup.Offsite == nil {
		return
	}
	c.retention(backup.Offsite.Retention, at("offsite", "retention")...)
	if backup.Storage != "" && backup.Storage == backup.Offsite.Storage {
		c.problem(fmt.Sprintf("the off-site copy goes to the same storage `%s` as the first", backup.Storage), "name another storage: a copy beside the original is none",
			at("offsite", "storage")...)
	}
}
