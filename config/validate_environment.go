package config

import (
	"fmt"
	"strconv"
)

func (c checker) environments() {
	everything := map[string]string{} // by cluster: the environment that leaves nothing for those below it
	named := map[[2]string]string{}   // by cluster and guest: the environment that names it
	for _, environment := range c.file.Environments {
		path := []string{"environments", environment.Name}
		if environment.Name == Unassigned {
			c.problem("no environment may be called `unassigned`: it is the name for guests without one", "choose another name", path...)
		}
		c.cluster(environment.Cluster, path...)
		c.guests(environment, append(path, "guests"))
		if environment.Backup != nil {
			c.backup(*environment.Backup, append(path, "backup"))
			c.disks(environment, append(path, "backup"))
		}
		if environment.Backup == nil || !environment.Backup.Adopt { // the jobs of a cluster may overlap as they like
			c.nobodyLeft(environment, everything)
			c.namedTwice(environment, named)
		}
		if environment.TerraformState != nil && environment.TerraformState.Store != "" {
			c.known("store", environment.TerraformState.Store, c.storeNames(), append(path, "terraform_state", "store")...)
		}
	}
}

// nobodyLeft reports an environment that stands below one that selects every guest.
func (c checker) nobodyLeft(environment Environment, everything map[string]string) {
	if above, ok := everything[environment.Cluster]; ok {
		c.problem(fmt.Sprintf("no guest can belong to environment `%s`: `%s` above it selects every guest of cluster %s", environment.Name, above, environment.Cluster),
			fmt.Sprintf("move `%s` to the end: a guest belongs to the first environment that matches", above), "environments", environment.Name)
		return
	}
	guests := environment.Guests
	if guests.All && len(guests.Pools)+len(guests.Nodes)+len(guests.VMIDs)+len(guests.Tags)+len(guests.Exclude) == 0 {
		everything[environment.Cluster] = environment.Name
	}
}

// namedTwice reports a guest that two environments with a backup name: both jobs would back it up.
func (c checker) namedTwice(environment Environment, named map[[2]string]string) {
	if environment.Backup == nil {
		return
	}
	for i, vmid := range environment.Guests.VMIDs {
		key := [2]string{environment.Cluster, strconv.Itoa(vmid)}
		switch above, ok := named[key]; {
		case vmid == 0 || above == environment.Name: // malformed, or twice in one list: that is told
		case ok:
			c.problem(fmt.Sprintf("guest %d of cluster %s is in two environments: `%s` names it, too", vmid, environment.Cluster, above),
				"keep one of the two: it belongs to the first, and yet both jobs would back it up; a second copy is what `offsite` is for",
				"environments", environment.Name, "guests", "vmids", strconv.Itoa(i))
		default:
			named[key] = environment.Name
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
	case guests.All && (len(kinds) > 0 || ids):
		c.problem("`all` selects every guest: the other keys beside it mean nothing", "remove `all`, or the other keys; `exclude` may stay", at("all")...)
		return
	case !guests.All && len(guests.Pools)+len(guests.Nodes)+len(guests.VMIDs)+len(guests.Tags) == 0:
		c.problem("`guests` selects nobody", "name `pools`, `nodes`, `vmids` or `tags`, such as `guests: {pools: [prod]}`, or write `all: true`", path...)
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
		c.problem("a backup job of Proxmox VE that selects a pool cannot exclude guests", "take the guests out of the pool, or select by `nodes`, `tags` or `all`", at("exclude")...)
	case c.has(at("vmids")...) && !c.has(at("tags")...):
		c.problem("`exclude` beside `vmids` is of no use", "take the ids out of `vmids`", at("exclude")...)
	}
}

func (c checker) backup(backup Backup, path []string) {
	at := func(keys ...string) []string { return append(path[:len(path):len(path)], keys...) }
	if !c.has(at("profile")...) && !c.has(at("schedule")...) {
		c.problem("the backup has no schedule", "name a `profile` (`prod`, `lab`, `monitoring`), or add `schedule`, such as `schedule: \"01:00\"`", path...)
	}
	if backup.Offsite != nil && backup.Storage != "" && backup.Storage == backup.Offsite.Storage {
		c.problem(fmt.Sprintf("the off-site copy goes to the same storage `%s` as the first", backup.Storage), "name another storage: a copy beside the original is none",
			at("offsite", "storage")...)
	}
}
