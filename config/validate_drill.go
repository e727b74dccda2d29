package config

import (
	"fmt"
	"strconv"
)

// drills checks what the keys of drills mean together.
func (c checker) drills() {
	for _, environment := range c.file.Environments {
		if environment.Drill == nil {
			continue
		}
		path := []string{"environments", environment.Name, "drill"}
		if cluster, found := c.file.Cluster(environment.Cluster); found && cluster.Drill == nil {
			c.problem(fmt.Sprintf("environment `%s` has a `drill`, but its cluster `%s` has none: nobody says where to restore to, nor with which token", environment.Name, cluster.Name),
				"add `drill: {token_id: backup-drill@pve!drill, token_secret_file: "+cluster.Name+".drill, storage: local-lvm}` to the cluster", path...)
		}
		first := map[string]int{}
		for i, check := range environment.Drill.Checks {
			at := append(path[:len(path):len(path)], "checks", strconv.Itoa(i))
			c.once(first, i, fmt.Sprintf("guest %d has two checks", check.VMID), check.VMID, append(at[:len(at):len(at)], "vmid")...)
			if c.decoder.Sound(at...) {
				c.drillCheck(at)
			}
		}
	}
	c.scratch()
}

// drillCheck reports a check that says nothing, or two things.
func (c checker) drillCheck(at []string) {
	command, proof := c.has(append(at[:len(at):len(at)], "command")...), c.has(append(at[:len(at):len(at)], "proof")...)
	switch {
	case command && proof:
		c.problem("`command` and `proof` exclude each other", "keep one of the two: a command that succeeds is a proof of its own", append(at[:len(at):len(at)], "proof")...)
	case !command && !proof:
		c.problem("the check says nothing", "add `command`, such as `command: systemctl is-active nginx`, or `proof: started`", at...)
	}
}

// scratch reports guests of the file that have an id kept for scratch guests: a drill would take them for its own.
func (c checker) scratch() {
	complain := func(cluster string, vmid int, path ...string) {
		if at, found := c.file.Cluster(cluster); found && at.Drill != nil && at.Drill.VMIDs.Contains(vmid) {
			c.problem(fmt.Sprintf("guest %d has an id that drills of cluster %s keep for scratch guests", vmid, cluster),
				"choose other ids for `vmids` in the cluster's `drill`: no guest may have one of them", path...)
		}
	}
	for _, environment := range c.file.Environments {
		for i, vmid := range environment.Guests.VMIDs {
			complain(environment.Cluster, vmid, "environments", environment.Name, "guests", "vmids", strconv.Itoa(i))
		}
	}
	for i, exemption := range c.file.Exempt {
		complain(exemption.Cluster, exemption.VMID, "exempt", strconv.Itoa(i), "vmid")
	}
	for i, external := range c.file.ExternalBackups {
		complain(external.Cluster, external.VMID, "external_backups", strconv.Itoa(i), "vmid")
	}
}
