package pvesim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// clockAction sets a node's clock wrong, for a while or for good.
type clockAction struct {
	Node   string `yaml:"node"`
	Ahead  Age    `yaml:"ahead"`
	Behind Age    `yaml:"behind"`
	For    Age    `yaml:"for"`
}

func (a *clockAction) do(m *Model) {
	m.Node(a.Node).ClockSkew = time.Duration(a.Ahead - a.Behind)
	m.later(a.For, func(m *Model) { m.Node(a.Node).ClockSkew = 0 })
}

// later plans the end of something that lasts; no time is for good.
func (m *Model) later(after Age, f func(*Model)) {
	if after != 0 {
		m.At(m.Now().Add(time.Duration(after)), f)
	}
}

// rightsAction takes a token's life or one of its privileges, for a while or for good.
type rightsAction struct {
	Token     string `yaml:"token"`     // empty for all
	Privilege string `yaml:"privilege"` // Datastore.Audit
	Path      string `yaml:"path"`      // from which on; "/" where empty
	For       Age    `yaml:"for"`
}

// tokens lists the tokens that the action is about.
func (a *rightsAction) tokens(c *access.Control) []string {
	if a.Token != "" {
		return []string{a.Token}
	}
	return slices.Sorted(maps.Keys(c.Tokens))
}

func (a *rightsAction) expire(m *Model) {
	for _, id := range a.tokens(m.Access) {
		token := m.Access.Tokens[id]
		before := token.Expires
		token.Expires = m.Now()
		m.later(a.For, func(*Model) { token.Expires = before })
	}
}

// take replaces what the tokens and their users may do on a path by the same without the privilege.
func (a *rightsAction) take(m *Model) {
	c, path := m.Access, a.Path
	if path == "" {
		path = "/"
	}
	held := map[string][]string{}
	for _, id := range a.tokens(c) {
		user, _, _ := strings.Cut(id, "!")
		for _, who := range []string{id, user} {
			held[who] = slices.DeleteFunc(slices.Sorted(maps.Keys(c.Privileges(who, path))), func(p string) bool { return p == a.Privilege })
		}
	}
	before := c.Grants
	c.Grants = slices.DeleteFunc(slices.Clone(before), func(g access.Grant) bool { return g.Path == path && held[g.Who] != nil })
	for _, who := range slices.Sorted(maps.Keys(held)) {
		role := fmt.Sprintf("Reduced%d", len(c.Roles))
		c.Roles[role] = held[who]
		c.Grants = append(c.Grants, access.Grant{Path: path, Who: who, Role: role})
	}
	m.later(a.For, func(m *Model) { m.Access.Grants = before })
}

// faultAction breaks the answers to some calls, for a while or for good.
type faultAction struct {
	Endpoint string `yaml:"endpoint"` // its template, /nodes/{node}/tasks
	Node     string `yaml:"node"`
	Storage  string `yaml:"storage"`
	Status   int    `yaml:"status"` // 500 where empty
	Reason   string `yaml:"reason"`
	For      Age    `yaml:"for"`
}

func (a *faultAction) do(m *Model) {
	fault := wire.Fault{Endpoint: a.Endpoint, Node: a.Node, Storage: a.Storage, Status: a.Status, Reason: a.Reason}
	if fault.Status == 0 {
		fault.Status = 500
	}
	end := m.cluster.Faults.Add(fault)
	m.later(a.For, func(*Model) { end() })
}
