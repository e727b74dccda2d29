// Package container says what the declared file wants of the container that an object store runs in, what is there, and makes the one the other
// through the API of Proxmox VE: the template, the container with its data on a mount point of its own, its firewall, and that it runs.
//
// What happens inside the container is not known here: see package setup. A container is ours if its description carries the mark of this tool;
// any other guest of the declared id is never touched. Nothing is ever removed but firewall rules that carry the mark.
package container
