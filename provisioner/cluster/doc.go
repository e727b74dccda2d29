// Package cluster is what provisioning knows of one Proxmox VE cluster: what it reads of it, what the declared file wants there, and what is
// there, both in the canonical texts that package plan compares.
//
// [Read] asks the cluster; everything else is a pure function of the [Inventory] and the declared file, so that the exporter can measure drift
// with what it has read anyway ([NewInventory]).
//
//	inventory, err := cluster.Read(ctx, client, cluster.NeedOf(file, "home", nil))
//	wish := cluster.Desired(file, inventory, now, nil)
//	current := cluster.Current(file, inventory)
//
// Texts are canonical: property strings have their keys in alphabetical order, lists of guests and nodes are ascending, and a value that
// equals Proxmox VE's own default is absent. The one exception is that a job always says whether it is enabled. A job without mode or compress
// leaves them to each node's /etc/vzdump.conf, which is a value of its own.
//
// The package writes nothing to a cluster, opens no secret, and keeps nothing between two calls.
package cluster
