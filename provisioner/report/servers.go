package report

import (
	"fmt"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// Server is an object store that runs in a container of provisioning's, as it is after a run.
type Server struct {
	Store, Cluster, Environment string
	VMID                        int
	Node                        string
	// Address is the container's IP address; empty while it has none.
	Address string
	// Endpoint and Console are the addresses of the store and of its console.
	Endpoint, Console string
	// FirewallOff names what has to be on for the firewall's rules to act, and is not.
	FirewallOff []string
}

// Servers writes what somebody who uses the stores has to know; nothing where there are none.
func (p Printer) Servers(list []Server) error {
	if len(list) == 0 {
		return nil
	}
	var out strings.Builder
	for _, each := range list {
		address := each.Address
		if address == "" {
			address = "no address yet"
		}
		fmt.Fprintf(&out, "Store %s: container %d on node %s of %s, %s\n", words.Name(each.Store), each.VMID, words.Name(each.Node), words.Name(each.Cluster), words.Name(address))
		fmt.Fprintf(&out, "  endpoint  %s\n  console   %s\n", words.Line(each.Endpoint), words.Line(each.Console))
		if len(each.FirewallOff) > 0 {
			fmt.Fprintf(&out, "  firewall  does not act: %s is off\n", words.List(each.FirewallOff, len(each.FirewallOff)))
		} else {
			fmt.Fprintf(&out, "  firewall  acts\n")
		}
	}
	return p.write(&out)
}

type serverJSON struct {
	Store        string   `json:"store"`
	Cluster      string   `json:"cluster"`
	Environment  string   `json:"environment"`
	ContainerID  int      `json:"container_id"`
	Node         string   `json:"node"`
	Address      string   `json:"address,omitzero"`
	EndpointURL  string   `json:"endpoint_url"`
	ConsoleURL   string   `json:"console_url"`
	FirewallActs bool     `json:"firewall_acts"`
	FirewallOff  []string `json:"firewall_off"`
}

func serverForm(server Server) serverJSON {
	return serverJSON{
		Store: server.Store, Cluster: server.Cluster, Environment: server.Environment, ContainerID: server.VMID, Node: server.Node, Address: server.Address,
		EndpointURL: server.Endpoint, ConsoleURL: server.Console, FirewallActs: len(server.FirewallOff) == 0,
		FirewallOff: each(server.FirewallOff, func(text string) string { return text }),
	}
}
