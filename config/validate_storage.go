package config

import (
	"fmt"
	"regexp"
	"slices"
)

// userWithRealm is a user of a Proxmox Backup Server, or a token of one.
var userWithRealm = regexp.MustCompile(`^[^\s:/@!]+@[A-Za-z][A-Za-z0-9._-]*(![A-Za-z0-9_][A-Za-z0-9._-]*)?$`)

// storages checks what the keys of each storage mean together. Which keys its type has is checked already.
func (c checker) storages() {
	for _, storage := range c.file.Storages {
		at := func(keys ...string) []string { return append([]string{"storages", storage.Name}, keys...) }
		c.cluster(storage.Cluster, at()...)
		c.retention(storage.Retention, at("retention")...)
		c.content(storage, at("content"))
		if storage.Type == "cifs" && c.has(at("password_file")...) && !c.has(at("username")...) {
			c.problem("`password_file` without `username`: Proxmox VE would connect as a guest", "add `username`, or take out `password_file`", at("password_file")...)
		}
		if storage.Type == "pbs" && storage.Username != "" && !userWithRealm.MatchString(storage.Username) {
			c.problem(fmt.Sprintf("`%s` is not a user of a Proxmox Backup Server", storage.Username),
				"write it with its realm, such as `backup@pbs`, or a token of it, such as `backup@pbs!pve`", at("username")...)
		}
	}
}

func (c checker) content(storage Storage, path []string) {
	if !c.has(path...) || !c.decoder.Sound(path...) {
		return
	}
	switch {
	case !slices.Contains(storage.Content, "backup"):
		c.problem("`content` lacks `backup`: the storage would hold no backups", "add it, or leave `content` out", path...)
	case storage.Type == "pbs" && len(storage.Content) > 1:
		c.problem("a Proxmox Backup Server holds backups and nothing else", "write `content: [backup]`, or leave it out", path...)
	case slices.Contains(storage.Content, "none"):
		c.problem("`none` beside other content means nothing", "take it out", path...)
	}
}
