package access

import (
	"testing"
	"time"
)

// cluster has a token of each kind that an exporter's administrator may come up with.
func cluster() *Control {
	c := New()
	c.Users["mon@pve"] = &User{}
	c.Users["blind@pve"] = &User{}
	c.Users["off@pve"] = &User{Disabled: true}
	c.Tokens["mon@pve!full"] = &Token{Secret: "s1", FullRights: true}
	c.Tokens["mon@pve!own"] = &Token{Secret: "s2"}
	c.Tokens["mon@pve!old"] = &Token{Secret: "s3", Expires: time.Unix(1000, 0)}
	c.Tokens["off@pve!tok"] = &Token{Secret: "s4"}
	c.Tokens["root@pam!all"] = &Token{Secret: "s5", FullRights: true}
	c.Grants = []Grant{
		{Path: "/", Who: "mon@pve", Role: "PVEAuditor"},
		{Path: "/storage/nas", Who: "mon@pve", Role: "PVEDatastoreUser"},
		{Path: "/pool/prod", Who: "mon@pve", Role: "PVEVMUser"},
		{Path: "/nodes", Who: "mon@pve", Role: "NoAccess"},
		{Path: "/", Who: "blind@pve", Role: "PVEAuditor"},
		{Path: "/vms", Who: "blind@pve", Role: "NoAccess"},
		{Path: "/pool/closed", Who: "mon@pve", Role: "NoAccess"},
	}
	c.PoolsOf = func(path string) []string {
		return map[string][]string{"/vms/100": {"prod"}, "/vms/102": {"closed"}, "/storage/pooled": {"prod"}}[path]
	}
	c.PoolPaths = func() []string { return []string{"/vms/100"} }
	return c
}

func TestPrivilegesFollowTheRulesOfPVE(t *testing.T) {
	c := cluster()
	tests := []struct {
		name, who, path, privilege string
		want                       bool
	}{
		{"inherited from the root", "mon@pve", "/vms/101", "VM.Audit", true},
		{"a token with its user's rights", "mon@pve!full", "/vms/101", "VM.Audit", true},
		{"a separated token needs a grant of its own", "mon@pve!own", "/vms/101", "VM.Audit", false},
		{"a deeper grant replaces the inherited one", "mon@pve", "/storage/nas", "Pool.Audit", false},
		{"a deeper grant adds its own", "mon@pve", "/storage/nas", "Datastore.AllocateSpace", true},
		{"a sibling keeps the inherited one", "mon@pve", "/storage/local", "Datastore.AllocateSpace", false},
		{"rights on a pool reach its members", "mon@pve", "/vms/100", "VM.Backup", true},
		{"and nobody else", "mon@pve", "/vms/101", "VM.Backup", false},
		{"be the member a storage", "mon@pve", "/storage/pooled", "VM.Backup", true},
		{"no access to the pool closes its members", "mon@pve", "/vms/102", "VM.Audit", false},
		{"no access to the path is not opened by the pool", "blind@pve", "/vms/100", "VM.Audit", false},
		{"NoAccess takes all away", "mon@pve", "/nodes/pve1", "Sys.Audit", false},
		{"root may do all", "root@pam!all", "/", "Sys.Modify", true},
		{"an unknown token may do nothing", "mon@pve!nope", "/", "Sys.Audit", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := c.Allowed(tt.who, tt.path, tt.privilege); got != tt.want {
				t.Errorf("%s on %s for %s: got %v, want %v", tt.privilege, tt.path, tt.who, got, tt.want)
			}
		})
	}
}

func TestSeparatedTokenHasNoMoreThanItsUser(t *testing.T) {
	c := cluster()
	c.Grants = append(c.Grants, Grant{Path: "/", Who: "mon@pve!own", Role: "Administrator"})
	if !c.Allowed("mon@pve!own", "/", "Sys.Audit") {
		t.Error("what both user and token hold must be allowed")
	}
	if c.Allowed("mon@pve!own", "/", "Sys.Modify") {
		t.Error("a token must not exceed its user")
	}
}

func TestAuthentication(t *testing.T) {
	c, now := cluster(), time.Unix(5000, 0)
	tests := []struct {
		header       string
		noTicket, ok bool
	}{
		{"PVEAPIToken=mon@pve!full=s1", false, true},
		{"PVEAPIToken=mon@pve!full=wrong", false, false},
		{"PVEAPIToken=mon@pve!nope=s1", false, false},
		{"PVEAPIToken=mon@pve!old=s3", false, false},
		{"PVEAPIToken=off@pve!tok=s4", false, false},
		{"PVEAPIToken=foo", false, false},
		{"Basic cm9vdDpyb290", true, false},
		{"", true, false},
	}
	for _, tt := range tests {
		if _, noTicket, ok := c.Authenticate(tt.header, now); noTicket != tt.noTicket || ok != tt.ok {
			t.Errorf("%q: got noTicket %v ok %v, want %v %v", tt.header, noTicket, ok, tt.noTicket, tt.ok)
		}
	}
}

func TestEffectiveListsDefaultGrantedAndPoolPaths(t *testing.T) {
	all := cluster().Effective("mon@pve")
	for _, path := range []string{"/", "/access/groups", "/storage/nas", "/pool/prod", "/vms/100"} {
		if len(all[path]) == 0 {
			t.Errorf("%s is missing", path)
		}
	}
	if _, ok := all["/nodes"]; ok {
		t.Error("a path without any privilege must be left out")
	}
}
