// Package wire answers HTTP requests the way the API daemon of Proxmox VE does, and breaks the answers on demand.
//
// It knows the outside: status lines with a message as their reason, the shape of errors, parameter checks, gzip, connection headers,
// faults, the list of requests that came in. It knows nothing of guests and backups: pvesim brings the endpoints.
//
// One thing is not as on a real node: an answer with a reason phrase of its own ends its connection, because net/http cannot write one.
package wire
