package pvesim

import (
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// Admit refuses every call while the API, the entry node or the cluster file system is down.
func (c *Cluster) Admit(entry string) *wire.Error {
	if c.model.PmxcfsDown {
		return &wire.Error{
			Status: 500, Silent: true,
			Reason: "RPCEnvironment init request failed: Unable to load access control list: Connection refused",
		}
	}
	if node := c.model.Node(entry); c.model.Down || node != nil && node.Offline {
		return &wire.Error{Abort: true}
	}
	return nil
}

// Authenticate checks an Authorization header. PVE does not tell what is wrong with a token.
func (c *Cluster) Authenticate(header string) (who string, failure *wire.Error) {
	who, noTicket, ok := c.model.Access.Authenticate(header, c.options.Now())
	switch {
	case ok:
		return who, nil
	case noTicket:
		return "", wire.Unauthorized("No ticket")
	}
	return "", wire.Unauthorized("Authentication failed!")
}

// Reach tells whether the daemons that a call needs can be reached from the entry node.
func (c *Cluster) Reach(entry, name string, protected bool) *wire.Error {
	node := c.model.Node(name)
	switch {
	case node == nil && name == entry: // a cluster without nodes
		return nil
	case node == nil:
		return wire.Failure("hostname lookup '" + name + "' failed - failed to get address info for: " + name + ": Name or service not known")
	case node.Offline:
		return wire.Unreachable("No route to host")
	case node.DaemonDown && protected:
		return wire.Unreachable("Connection refused")
	}
	return nil
}

// Endpoints lists the calls that the simulation answers; every other one is a 501, as in PVE.
func (c *Cluster) Endpoints() []wire.Endpoint {
	return slices.Concat(c.clusterEndpoints(), c.jobEndpoints(), c.jobWriteEndpoints(), c.nodeEndpoints(), c.taskEndpoints(), c.storageEndpoints(), c.storageWriteEndpoints(),
		c.contentEndpoints(), c.guestEndpoints(), c.guestWriteEndpoints(), c.poolEndpoints(),
		c.guestCreateEndpoints(), c.guestPowerEndpoints(), c.agentEndpoints(), c.nodeStatusEndpoints(), c.templateEndpoints(), c.firewallEndpoints())
}

// may reports whether the caller holds a privilege on a path.
func (c *Cluster) may(call *wire.Call, path, privilege string) bool {
	return c.model.Access.Allowed(call.Who, path, privilege)
}

// need returns a check for one of several privileges on a path, which may contain {parameters}.
func (c *Cluster) need(path string, privileges ...string) func(*wire.Call) *wire.Error {
	return func(call *wire.Call) *wire.Error {
		real := fillPath(path, call)
		for _, privilege := range privileges {
			if c.may(call, real, privilege) {
				return nil
			}
		}
		return wire.Forbidden(real + ", " + join(privileges, "|"))
	}
}

// auditGuests returns the caller's right to see each guest.
func (c *Cluster) auditGuests(call *wire.Call) func(vmid int) bool {
	return c.model.Access.Guests(call.Who, "VM.Audit")
}

// object is the JSON object of an answer that is too small to deserve a type.
type object = map[string]any
