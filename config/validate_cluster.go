package config

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

func (c checker) clusters() {
	if c.has("clusters") && len(c.file.Clusters) == 0 && c.decoder.Sound("clusters") {
		c.problem("no cluster is declared", "give the cluster a name, and its token below it; see examples/minimal.yml", "clusters")
	}
	var local string
	for _, cluster := range c.file.Clusters {
		path := []string{"clusters", cluster.Name}
		if !c.has(append(path, "exporter")...) && !c.has(append(path, "provisioner")...) && !c.has(append(path, "drill")...) {
			c.problem(fmt.Sprintf("cluster `%s` has no token", cluster.Name),
				"add `exporter`, such as `exporter: {token_id: backup-exporter@pve!metrics, token_secret_file: home.exporter}`", path...)
		}
		if c.has(append(path, "ca_file")...) && c.has(append(path, "fingerprint")...) {
			c.problem("`fingerprint` and `ca_file` exclude each other", "keep `ca_file` where it works: it outlives the renewal of certificates", append(path, "fingerprint")...)
		}
		if cluster.Fingerprint != "" && len(cluster.Endpoints) > 1 {
			c.problem("one fingerprint cannot fit several endpoints: each node has its own certificate", "use `ca_file`, or keep one endpoint", append(path, "fingerprint")...)
		}
		c.cycles(cluster.RefreshInterval, cluster.SlowRefreshInterval, path...)
		if c.has(append(path, "endpoints")...) && len(cluster.Endpoints) > 0 {
			continue
		}
		if local != "" {
			c.problem(fmt.Sprintf("clusters `%s` and `%s` both have no endpoints: the program runs on a node of one cluster at most", local, cluster.Name),
				"name the addresses, such as `endpoints: [https://pve1:8006]`", path...)
		}
		local = cluster.Name
	}
}

// cycles checks that what is read seldom is read no more often than the rest.
func (c checker) cycles(fast, slow time.Duration, path ...string) {
	if fast > slow && slow > 0 {
		c.problem(fmt.Sprintf("the slow cycle (%s) is faster than the fast one (%s)", model.Duration(slow), model.Duration(fast)),
			"make `slow_refresh_interval` at least `refresh_interval`", append(path[:len(path):len(path)], "slow_refresh_interval")...)
	}
}
