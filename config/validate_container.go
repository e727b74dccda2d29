package config

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// container checks what the keys of a store's container mean together.
func (c checker) container(store Store) {
	if store.Container == nil {
		return
	}
	path := []string{"stores", store.Name, "container"}
	at := func(keys ...string) []string { return append(path[:len(path):len(path)], keys...) }
	container := store.Container
	c.cluster(container.Cluster, path...)
	if len(container.Allow) == 0 && c.has(at("allow")...) {
		c.problem("`allow` names no network: nobody could reach the store", "name the networks that use it, such as `allow: [192.0.2.0/24]`", at("allow")...)
	}
	c.containerNetwork(container, at)
	c.containerServer(store, at)
	for _, key := range [][2]string{{"certificate_file", "key_file"}, {"key_file", "certificate_file"}} {
		if c.has(at(key[0])...) && !c.has(at(key[1])...) {
			c.problem(fmt.Sprintf("`%s` goes with `%s`", key[0], key[1]), fmt.Sprintf("add `%s`, or take out `%s`", key[1], key[0]), at(key[0])...)
		}
	}
	if c.has(at("certificate_file")...) && strings.HasPrefix(store.Endpoint, "http://") {
		c.problem(fmt.Sprintf("store `%s` speaks plain http, and its container has a certificate", store.Name), "write the endpoint with https://", "stores", store.Name, "endpoint")
	}
	if container.Sets() && !c.has(at("certificate_file")...) && strings.HasPrefix(store.Endpoint, "https://") {
		c.problem(fmt.Sprintf("store `%s` speaks https, and its container has no certificate", store.Name), "add `certificate_file` and `key_file`, or write the endpoint with http://", path...)
	}
}

func (c checker) containerNetwork(container *StoreContainer, at func(keys ...string) []string) {
	address, err := netip.ParsePrefix(container.Address)
	gateway, gatewayErr := netip.ParseAddr(container.Gateway)
	switch {
	case container.Gateway == "" || gatewayErr != nil:
	case container.Address == "dhcp":
		c.problem("DHCP says the gateway: a `gateway` beside it means nothing", "take out `gateway`, or write a fixed `address`", at("gateway")...)
	case err == nil && !address.Contains(gateway):
		c.problem(fmt.Sprintf("gateway `%s` is not in the network of `%s`", container.Gateway, container.Address), "write a gateway in the container's own network, or correct the prefix", at("gateway")...)
	}
}

// containerServer checks what is needed to set the server up.
func (c checker) containerServer(store Store, at func(keys ...string) []string) {
	container := store.Container
	if c.has(at("server")...) && container.Server != nil {
		url, file := c.has(at("server", "url")...), c.has(at("server", "file")...)
		switch {
		case url && file:
			c.problem("`url` and `file` exclude each other", "keep one of the two", at("server", "file")...)
		case !url && !file:
			c.problem("nobody says where the server's program comes from", "add `url` or `file`", at("server")...)
		}
	}
	switch server, key := c.has(at("server")...), c.has(at("ssh_private_key_file")...); {
	case server && !key:
		c.problem("the server is set up over SSH, and there is no key for it", "add `ssh_private_key_file`", at("server")...)
	case key && !server:
		c.problem("`ssh_private_key_file` is for setting the server up, and nobody says what it is", "add `server: {file: minio, sha256: ...}`", at("ssh_private_key_file")...)
	}
	if store.Kind != "" && store.Kind != "minio" && c.has(at("server")...) {
		c.problem(fmt.Sprintf("a server of kind `%s` is not set up by provisioning: it knows MinIO's program and those that take the same options", store.Kind),
			"take out `server` and `ssh_private_key_file`, and set it up by hand", at("server")...)
	}
	user, password := c.has(at("root_user_file")...), c.has(at("root_password_file")...)
	if user != password {
		c.problem("`root_user_file` and `root_password_file` go together", "name both, or neither", at()...)
	}
	if container.Sets() && !user && store.Provisioner == nil {
		c.problem("nobody says who MinIO's root user is", "add `root_user_file` and `root_password_file`, or to the store: `provisioner: {access_key_file: minio.admin, secret_key_file: minio.admin.secret}`", at()...)
	}
}

// containers checks that no two containers are the same guest, and that none has an id kept for drills.
func (c checker) containers() {
	type guest struct {
		cluster string
		vmid    int
	}
	first := map[guest]string{}
	for _, store := range c.file.Stores {
		c.container(store)
		if store.Container == nil || store.Container.VMID == 0 {
			continue
		}
		path := []string{"stores", store.Name, "container", "vmid"}
		is := guest{store.Container.Cluster, store.Container.VMID}
		if above, found := first[is]; found {
			c.problem(fmt.Sprintf("stores `%s` and `%s` have the same container %d", above, store.Name, is.vmid), "give each a container of its own, or leave out one `container`", path...)
			continue
		}
		first[is] = store.Name
		if at, found := c.file.Cluster(is.cluster); found && at.Drill != nil && at.Drill.VMIDs.Contains(is.vmid) {
			c.problem("container "+strconv.Itoa(is.vmid)+" has an id that drills of its cluster keep for scratch guests", "choose another `vmid`", path...)
		}
	}
}
