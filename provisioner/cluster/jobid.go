package cluster

import "regexp"

// maxJobID is the length up to which Proxmox VE answers for a job. It makes longer ones, and can then neither show nor change nor remove them.
const maxJobID = 50

// newJobID is what Proxmox VE takes for the id of a new job (format pve-configid). Jobs that exist may have others: a UUID that it made itself
// may begin with a digit, and those of /etc/pve/vzdump.cron have a colon.
var newJobID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{1,49}$`)
