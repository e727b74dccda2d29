// Package pve reads what this product needs from the API of a Proxmox VE cluster, and changes jobs, storages, guests and firewalls there, over
// go-proxmox.
//
// It adds what go-proxmox lacks and a monitoring client cannot do without: every reply that is not a success is an error that keeps the
// server's words (go-proxmox takes 404 and 595 for an empty success), the types that Proxmox VE really sends (numbers as strings, property
// strings as objects) are understood, certificates can be pinned, several nodes of a cluster are tried in order, and no node is asked more
// than a few things at a time.
//
// Calls return plain values of this package. Errors are one of [Error] (the server answered, with a refusal), [ConnectionError] (it could not
// be asked) and [DecodeError] (it answered something else than Proxmox VE's API does), or the context's own. They carry advice for
// people, see package internal/ui. The token's secret is never part of an error or of a log line.
//
// Calls that only read are repeated after a failure that may pass, and go to another address of the cluster. Those that change something
// ([Client.CreateJob] and the like) are sent once; another address is asked only if the first one could not be reached at all. So an error
// of such a call does not say that nothing was changed: [MayHaveChanged] does. Passwords and keys among their parameters are never part of
// an error or of a log line, even where the server repeats them.
//
// Calls that make, start, stop or remove guests return the id of a task that has only begun: see [Client.WaitTask] and [Task.Err].
//
// The package does not judge what it reads, does not parse task logs (package vzdump) and keeps nothing but what concerns
// the connection: which address answers, and whether the token was refused.
package pve
