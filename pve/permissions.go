package pve

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// Permissions are the token's effective privileges: path, privilege, and whether it holds for everything below the path too.
//
// Proxmox VE lists the main paths, every path that an ACL of anybody names, and every member of every pool as /vms/ID or /storage/ID, each
// with all that the token may do there: by its own ACLs, inherited, by way of a pool, and cut down to what its user may.
// A path on which the token may do nothing is left out.
type Permissions map[string]map[string]bool

// Has reports whether the token has a privilege on a path, such as VM.Audit on /vms/100.
//
// A path that is listed has what is listed. Any other has what the nearest listed path above it hands down; one there that hands nothing
// down does not take away what comes from further above. An ACL that takes every privilege from a single path (the role NoAccess) cannot be
// told from a path without an ACL, so Has answers yes where Proxmox VE would say no.
func (p Permissions) Has(path, privilege string) bool {
	path = "/" + strings.Trim(path, "/")
	if own, listed := p[path]; listed {
		_, has := own[privilege]
		return has
	}
	for path != "/" {
		path = path[:max(strings.LastIndex(path, "/"), 0)]
		if path == "" {
			path = "/"
		}
		if handsDown(p[path]) {
			return p[path][privilege]
		}
	}
	return false
}

func handsDown(privileges map[string]bool) bool {
	for _, propagates := range privileges {
		if propagates {
			return true
		}
	}
	return false
}

// Permissions asks what the token may do (GET /access/permissions). Every token may.
func (c *Client) Permissions(ctx context.Context) (Permissions, error) {
	return fetchObject(ctx, c, nil, func(r *record) Permissions {
		out := make(Permissions, len(r.fields))
		for path, raw := range r.fields {
			privileges, err := privilegesOf(raw)
			if err != nil {
				r.err = fmt.Errorf("the privileges of a path: %w", err) // names are the server's here, and stay out of errors
			}
			out[path] = privileges
		}
		return out
	}, "/access/permissions")
}

func privilegesOf(raw json.RawMessage) (map[string]bool, error) {
	return object(raw, func(r *record) map[string]bool {
		out := make(map[string]bool, len(r.fields))
		for privilege, raw := range r.fields {
			propagates, err := flagOf(raw)
			if err != nil {
				r.err = err
			}
			out[privilege] = propagates.Or(false)
		}
		return out
	})
}
