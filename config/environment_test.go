package config_test

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

func TestGuestBelongsToFirstMatch(t *testing.T) {
	file := load(t, `
version: 1
clusters:
  home: {endpoints: [https://pve1], exporter: {token_id: e@pve!m, token_secret_file: s}}
  away: {endpoints: [https://pve9], exporter: {token_id: e@pve!m, token_secret_file: t}}
environments:
  special: {cluster: home, guests: {vmids: [150], tags: [Special]}}
  prod:    {cluster: home, guests: {pools: [prod, prod/web]}}
  lab:     {cluster: home, guests: {nodes: [pve-lab], exclude: [190]}}
  rest:    {cluster: home, guests: {nodes: [pve1, pve-lab]}}
  remote:  {cluster: away, guests: {pools: [prod]}}
`)
	for _, test := range []struct {
		name, cluster string
		guest         config.GuestIdentity
		want          string
	}{
		{"by id, before its pool", "home", config.GuestIdentity{VMID: 150, Node: "pve1", Pool: "prod"}, "special"},
		{"by tag, in any case", "home", config.GuestIdentity{VMID: 151, Node: "pve1", Tags: []string{"web", "special"}}, "special"},
		{"by pool, before its node", "home", config.GuestIdentity{VMID: 100, Node: "pve-lab", Pool: "prod"}, "prod"},
		{"by nested pool", "home", config.GuestIdentity{VMID: 101, Pool: "prod/web"}, "prod"},
		{"a nested pool is not its parent", "home", config.GuestIdentity{VMID: 102, Pool: "prod/db"}, config.Unassigned},
		{"by node", "home", config.GuestIdentity{VMID: 103, Node: "pve-lab"}, "lab"},
		{"excluded from one, in the next", "home", config.GuestIdentity{VMID: 190, Node: "pve-lab"}, "rest"},
		{"the other cluster's pool", "away", config.GuestIdentity{VMID: 100, Pool: "prod"}, "remote"},
		{"the other cluster's id", "away", config.GuestIdentity{VMID: 150}, config.Unassigned},
		{"nothing known of it", "home", config.GuestIdentity{VMID: 104}, config.Unassigned},
		{"an undeclared cluster", "cloud", config.GuestIdentity{VMID: 100, Pool: "prod"}, config.Unassigned},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := file.Environment(test.cluster, test.guest); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Without a job to make, any union of guests may be an environment.
func TestUnionWithoutBackup(t *testing.T) {
	file := load(t, `
version: 1
clusters:
  home: {endpoints: [https://pve1], exporter: {token_id: e@pve!m, token_secret_file: s}}
environments:
  prod: {guests: {pools: [prod], nodes: [pve1], vmids: [100], exclude: [101]}}
`)
	for _, test := range []struct {
		guest config.GuestIdentity
		want  string
	}{
		{config.GuestIdentity{VMID: 200, Pool: "prod"}, "prod"},
		{config.GuestIdentity{VMID: 200, Node: "pve1"}, "prod"},
		{config.GuestIdentity{VMID: 100, Node: "pve2"}, "prod"},
		{config.GuestIdentity{VMID: 101, Node: "pve1", Pool: "prod"}, config.Unassigned},
	} {
		if got := file.Environment("home", test.guest); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.guest, got, test.want)
		}
	}
}
