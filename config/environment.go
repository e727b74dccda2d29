package config

import (
	"slices"
	"strings"
)

// Unassigned is the environment of a guest that no environment of the file selects. No environment may have this name.
const Unassigned = "unassigned"

// Environment is a group of guests that are backed up in the same way.
type Environment struct {
	Name string `yaml:"-"`

	Cluster        string            `yaml:"cluster" format:"name" unset:"the only cluster of the file" doc:"The cluster of its guests. Needed where the file has several."`
	Guests         Selector          `yaml:"guests" required:"true" example:"{pools: [prod]}" doc:"Which guests belong to it."`
	Backup         *Backup           `yaml:"backup" unset:"provisioning makes no job for it; metrics carry the environment all the same" doc:"How its guests are backed up."`
	Drill          *EnvironmentDrill `yaml:"drill" unset:"its guests are drilled only when they are named" doc:"How often each of its guests is restored for a trial, and what proves that it could be."`
	TerraformState *TerraformState   `yaml:"terraform_state" doc:"Where the Terraform state that describes it lies."`
}

// Selector says which guests belong to an environment: those that any of its lists names, but for the excluded ones.
type Selector struct {
	Pools   []string `yaml:"pools" format:"pool" example:"[prod]" doc:"Guests that are direct members of one of these pools."`
	Nodes   []string `yaml:"nodes" format:"node" example:"[pve-lab]" doc:"Guests on one of these nodes."`
	VMIDs   []int    `yaml:"vmids" min:"100" max:"999999999" example:"[300, 301]" doc:"Guests by id."`
	Tags    []string `yaml:"tags" format:"tag" example:"[prod]" doc:"Guests with one of these tags. Provisioning turns tags into ids; new and vanished ones show as drift until its next run."`
	All     bool     `yaml:"all" unset:"no" doc:"Every guest of the cluster that no environment above selects. Stands alone, but for 'exclude'."`
	Exclude []int    `yaml:"exclude" min:"100" max:"999999999" example:"[105]" doc:"Guests that do not belong to it although 'nodes', 'tags' or 'all' match."`
}

// GuestIdentity is what an environment recognises a guest by.
type GuestIdentity struct {
	VMID       int
	Node, Pool string
	Tags       []string
}

// Environment names the environment of a guest: the first in the file that selects it, [Unassigned] where none does.
func (f *File) Environment(cluster string, guest GuestIdentity) string {
	for _, environment := range f.Environments {
		if environment.Cluster == cluster && environment.Guests.Matches(guest) {
			return environment.Name
		}
	}
	return Unassigned
}

// Matches reports whether the selector selects a guest. Tags are compared as Proxmox VE does by default, without regard to case.
func (s Selector) Matches(guest GuestIdentity) bool {
	if slices.Contains(s.Exclude, guest.VMID) {
		return false
	}
	return s.All || slices.Contains(s.VMIDs, guest.VMID) ||
		guest.Pool != "" && slices.Contains(s.Pools, guest.Pool) ||
		slices.Contains(s.Nodes, guest.Node) ||
		slices.ContainsFunc(s.Tags, func(tag string) bool {
			return slices.ContainsFunc(guest.Tags, func(has string) bool { return strings.EqualFold(tag, has) })
		})
}
