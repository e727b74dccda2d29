// Package access decides what a user or token of the simulated cluster may do, by the rules of Proxmox VE's access control.
//
// It knows users, API tokens with and without separated privileges, roles, pools and the inheritance of grants along a path. It is not a
// security component: nothing real is protected by it.
package access

import (
	"slices"
	"strings"
	"time"
)

// User is an account such as "root@pam".
type User struct {
	Disabled bool
	Expires  time.Time // zero for never
	Comment  string
}

// Token is an API token; its full name is "user@realm!name".
type Token struct {
	Secret     string
	FullRights bool      // PVE's privsep=0: it may do what its user may, and its own grants do not count
	Expires    time.Time // zero for never
	Comment    string
}

// Grant gives a role on a path, and below it where Propagate is set, to a user or a token.
type Grant struct {
	Path, Who, Role string
	NoPropagate     bool
}

// Control is the whole configuration. The zero value knows nobody; New has root@pam and PVE's own roles.
type Control struct {
	Users  map[string]*User
	Tokens map[string]*Token
	Roles  map[string][]string
	Grants []Grant
	// PoolsOf tells the pools of a guest or storage by its path ("/vms/100", "/storage/local"), so that rights on a pool reach its members;
	// nil for no pools.
	PoolsOf func(path string) []string
	// PoolPaths lists the paths of all pool members; nil for no pools.
	PoolPaths func() []string
}

// New returns a configuration with root@pam and PVE's built-in roles.
func New() *Control {
	return &Control{Users: map[string]*User{"root@pam": {}}, Tokens: map[string]*Token{}, Roles: builtinRoles()}
}

// Authenticate returns the identity behind an Authorization header's value ("PVEAPIToken=user@realm!name=secret"). No ticket is known
// here: noTicket is set where the header is no token at all, which PVE answers differently from a wrong token.
func (c *Control) Authenticate(header string, now time.Time) (who string, noTicket, ok bool) {
	rest, found := strings.CutPrefix(header, "PVEAPIToken=")
	if !found {
		return "", true, false
	}
	name, secret, found := strings.Cut(rest, "=")
	if !found {
		return "", false, false
	}
	token, known := c.Tokens[name]
	if !known || token.Secret != secret || expired(token.Expires, now) {
		return "", false, false
	}
	user, known := c.Users[owner(name)]
	if !known || user.Disabled || expired(user.Expires, now) {
		return "", false, false
	}
	return name, false, true
}

func expired(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

// owner is the user of a token's full name.
func owner(name string) string {
	user, _, _ := strings.Cut(name, "!")
	return user
}

// Allowed reports whether who holds the privilege on the path.
func (c *Control) Allowed(who, path, privilege string) bool {
	_, ok := c.Privileges(who, path)[privilege]
	return ok
}

// Privileges returns what who may do on a path; the value tells whether the privilege reaches below.
func (c *Control) Privileges(who, path string) map[string]bool {
	user, _, isToken := strings.Cut(who, "!")
	if !isToken {
		return c.userPrivileges(user, path)
	}
	token, known := c.Tokens[who]
	if !known {
		return map[string]bool{}
	}
	ofUser := c.userPrivileges(user, path)
	if token.FullRights {
		return ofUser
	}
	own := c.granted(who, path)
	for privilege, propagate := range own {
		if below, held := ofUser[privilege]; held {
			own[privilege] = propagate && below
		} else {
			delete(own, privilege)
		}
	}
	return own
}

// userPrivileges is what a user may do: root everything, others what they were granted.
func (c *Control) userPrivileges(user, path string) map[string]bool {
	if user == "root@pam" {
		held := map[string]bool{}
		for _, privilege := range c.Roles["Administrator"] {
			held[privilege] = true
		}
		return held
	}
	return c.granted(user, path)
}

// granted collects the privileges of the roles that were granted on a path and on the pools of what it names.
func (c *Control) granted(who, path string) map[string]bool {
	roles := c.roles(who, path)
	if _, none := roles["NoAccess"]; !none && c.PoolsOf != nil {
		for _, pool := range c.PoolsOf(path) {
			ofPool := c.roles(who, "/pool/"+pool)
			if _, none := ofPool["NoAccess"]; none {
				return map[string]bool{}
			}
			for role := range ofPool {
				if _, granted := roles[role]; !granted {
					roles[role] = false // a pool's grant never reaches below its members
				}
			}
		}
	}
	held := map[string]bool{}
	if _, none := roles["NoAccess"]; none {
		return held
	}
	for role, propagate := range roles {
		for _, privilege := range c.Roles[role] {
			held[privilege] = held[privilege] || propagate
		}
	}
	return held
}

// roles walks down a path; a grant on a deeper level replaces what came from above.
func (c *Control) roles(who, path string) map[string]bool {
	roles := map[string]bool{}
	for _, level := range levels(path) {
		found := map[string]bool{}
		for _, g := range c.Grants {
			if g.Who == who && g.Path == level && (level == path || !g.NoPropagate) {
				found[g.Role] = !g.NoPropagate
			}
		}
		if len(found) > 0 {
			roles = found
		}
	}
	return roles
}

// levels lists a path's ancestors from "/" down to itself.
func levels(path string) []string {
	list := []string{"/"}
	if path == "/" {
		return list
	}
	for i := 1; i < len(path); i++ {
		if path[i] == '/' {
			list = append(list, path[:i])
		}
	}
	return append(list, path)
}

// Effective is what GET /access/permissions answers: the privileges on PVE's default paths, on every path with a grant and on every pool
// member's path. Paths without any privilege are left out.
func (c *Control) Effective(who string) map[string]map[string]bool {
	paths := []string{"/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"}
	for _, g := range c.Grants {
		paths = append(paths, g.Path)
	}
	if c.PoolPaths != nil {
		paths = append(paths, c.PoolPaths()...)
	}
	slices.Sort(paths)
	all := map[string]map[string]bool{}
	for _, path := range slices.Compact(paths) {
		if held := c.Privileges(who, path); len(held) > 0 {
			all[path] = held
		}
	}
	return all
}
