package provisioner

import (
	"context"
	"errors"
	"net"
	"net/url"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/report"
)

// consolePort is where MinIO serves its console.
const consolePort = "9001"

// outputs says how to reach the stores in containers, as they are now.
func (v vessels) outputs(ctx context.Context) (list []report.Server, err error) {
	var failures []error
	for _, each := range v {
		session := each.session
		if err := session.Look(ctx); err != nil {
			failures = append(failures, err)
			continue
		}
		if !session.Mine() || !session.Inventory.Exists {
			continue
		}
		console, err := url.Parse(session.Store.Endpoint)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		console.Host = net.JoinHostPort(console.Hostname(), consolePort)
		list = append(list, report.Server{
			Store: session.Store.Name, Cluster: session.Store.Container.Cluster, Environment: session.Environment(), VMID: session.Store.Container.VMID,
			Node: session.Inventory.Node, Address: session.Address(), Endpoint: session.Store.Endpoint, Console: console.String(), FirewallOff: session.Acts(),
		})
	}
	return list, errors.Join(failures...)
}
