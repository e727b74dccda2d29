package access

import (
	"strconv"
	"strings"
)

// Guests returns a quick answer to whether who holds a privilege on each guest, for lists of thousands of them: guests without a grant of
// their own differ only by their pools. It holds until the configuration changes.
func (c *Control) Guests(who, privilege string) func(vmid int) bool {
	own := map[string]bool{}
	for _, g := range c.Grants {
		if id, found := strings.CutPrefix(g.Path, "/vms/"); found {
			own[id] = true
		}
	}
	byPool := map[string]bool{}
	return func(vmid int) bool {
		id, pool := strconv.Itoa(vmid), ""
		if own[id] {
			return c.Allowed(who, "/vms/"+id, privilege)
		}
		if c.PoolsOf != nil {
			pool = strings.Join(c.PoolsOf("/vms/"+id), ",")
		}
		allowed, known := byPool[pool]
		if !known {
			allowed = c.Allowed(who, "/vms/"+id, privilege)
			byPool[pool] = allowed
		}
		return allowed
	}
}
