package pve

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// Firewall is one of Proxmox VE's firewalls: see [GuestFirewall], [NodeFirewall] and [ClusterFirewall]. Rules act on a guest only where three
// things are on: the cluster's firewall, the guest's, and firewall=1 of the guest's network card.
type Firewall struct {
	prefix string // the path's template
	values []string
	err    error
}

// GuestFirewall is that of one guest. Reading it needs VM.Audit on the guest, changing it VM.Config.Network.
func GuestFirewall(node, guestType string, vmid int) Firewall {
	template, err := guestTemplate(guestType, "firewall")
	return Firewall{prefix: template, values: []string{node, strconv.Itoa(vmid)}, err: err}
}

// NodeFirewall is that of one node. Reading it needs Sys.Audit on /nodes/{node}, changing it Sys.Modify there.
func NodeFirewall(node string) Firewall {
	return Firewall{prefix: "/nodes/{node}/firewall", values: []string{node}}
}

// ClusterFirewall is that of all. Reading it needs Sys.Audit on /, changing it Sys.Modify there. With enable=1 the firewalls of all nodes begin
// to act: from then on they drop what their rules do not let in.
func ClusterFirewall() Firewall { return Firewall{prefix: "/cluster/firewall"} }

// FirewallRule is one rule. What is empty is not said.
type FirewallRule struct {
	Position int    // from 0 on; it is all that names a rule, and changes with the others
	Digest   string // of the list that it is from
	Type     string // in, out, forward or group
	Action   string // ACCEPT, DROP, REJECT, or a group's name
	Enabled  bool
	Comment  string
	Source   string // addresses, networks, an alias or a set
	Dest     string
	Proto    string
	DestPort string
	SrcPort  string
	Iface    string // net0
	Macro    string
}

// FirewallRules lists the rules in their order (GET .../firewall/rules): the first that fits decides.
func (c *Client) FirewallRules(ctx context.Context, at Firewall) ([]FirewallRule, error) {
	if at.err != nil {
		return nil, at.err
	}
	list, _, err := fetchRows(ctx, c, nil, func(r *record) FirewallRule {
		return FirewallRule{
			Position: int(requiredInteger(r, "pos")), Digest: r.text("digest"), Type: r.text("type"), Action: r.text("action"),
			Enabled: r.flag("enable", false), Comment: r.text("comment"), Source: r.text("source"), Dest: r.text("dest"),
			Proto: r.text("proto"), DestPort: r.text("dport"), SrcPort: r.text("sport"), Iface: r.text("iface"), Macro: r.text("macro"),
		}
	}, at.prefix+"/rules", at.values...)
	return list, err
}

// AddFirewallRule puts a rule before all others (POST .../firewall/rules): so a list is written from its end. The options are Proxmox VE's: type
// and action must be there; dport needs proto; without enable=1 the rule does not act. Which place it got is not said.
func (c *Client) AddFirewallRule(ctx context.Context, at Firewall, options map[string]string) error {
	if at.err != nil {
		return at.err
	}
	return c.write(ctx, http.MethodPost, formOf(options, nil), at.prefix+"/rules", at.values...)
}

// DeleteFirewallRule removes the rule at a position (DELETE .../firewall/rules/{pos}). With the digest of the list that the position is from
// it is refused if the list was changed since: [IsConflict].
func (c *Client) DeleteFirewallRule(ctx context.Context, at Firewall, position int, digest string) error {
	if at.err != nil {
		return at.err
	}
	form := url.Values{}
	if digest != "" {
		form.Set("digest", digest)
	}
	values := append(append([]string{}, at.values...), strconv.Itoa(position))
	return c.write(ctx, http.MethodDelete, form, at.prefix+"/rules/{pos}", values...)
}

// FirewallOptions are a firewall's settings, in Proxmox VE's words. What is not there has its default: enable 0 (of a node 1), policy_in
// DROP, policy_out ACCEPT, dhcp 0 for guests.
type FirewallOptions struct {
	Values map[string]string
	Digest string
}

// Enabled reports that enable is set, or not said where the given default is true.
func (o FirewallOptions) Enabled(byDefault bool) bool {
	value, said := o.Values["enable"]
	if !said {
		return byDefault
	}
	return value != "0" && value != ""
}

// FirewallOptions reads a firewall's settings (GET .../firewall/options).
func (c *Client) FirewallOptions(ctx context.Context, at Firewall) (FirewallOptions, error) {
	if at.err != nil {
		return FirewallOptions{}, at.err
	}
	return fetchObject(ctx, c, nil, func(r *record) FirewallOptions {
		o := FirewallOptions{Values: make(map[string]string), Digest: r.text("digest")}
		for name := range r.fields {
			if name != "digest" {
				o.Values[name] = r.text(name)
			}
		}
		return o
	}, at.prefix+"/options", at.values...)
}

// SetFirewallOptions sets some settings and puts others back to their defaults (PUT .../firewall/options); the rest stays. With a digest it is
// refused if the firewall was changed since: [IsConflict].
func (c *Client) SetFirewallOptions(ctx context.Context, at Firewall, set map[string]string, remove []string, digest string) error {
	if at.err != nil {
		return at.err
	}
	form := formOf(set, remove)
	if digest != "" {
		form.Set("digest", digest)
	}
	return c.write(ctx, http.MethodPut, form, at.prefix+"/options", at.values...)
}
