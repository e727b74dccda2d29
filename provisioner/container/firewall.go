package container

import (
	"context"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Firewall is the container's firewall, and whether that of the cluster is on: without it no rule acts.
type Firewall struct {
	Rules   []pve.FirewallRule
	Options map[string]string
	Cluster Switch
}

// Switch is whether something is on.
type Switch string

// The positions of a switch. Unknown: the token may not see it.
const (
	On      Switch = "on"
	Off     Switch = "off"
	Unknown Switch = "unknown"
)

// The ports, as Proxmox VE's firewall writes them.
const (
	storePorts = "9000:9001"
	sshPort    = "22"
)

const accept = "ACCEPT"

// firewall reads the container's firewall and the switch of the cluster's.
func (s *Session) firewall(ctx context.Context, node string) (Firewall, error) {
	at := pve.GuestFirewall(node, "lxc", s.is().VMID)
	rules, err := s.Client.FirewallRules(ctx, at)
	if err != nil {
		return Firewall{}, err
	}
	options, err := s.Client.FirewallOptions(ctx, at)
	if err != nil {
		return Firewall{}, err
	}
	cluster, err := s.clusterFirewall(ctx)
	return Firewall{Rules: rules, Options: options.Values, Cluster: cluster}, err
}

// clusterFirewall asks whether the cluster's firewall is on.
func (s *Session) clusterFirewall(ctx context.Context) (Switch, error) {
	options, err := s.Client.FirewallOptions(ctx, pve.ClusterFirewall())
	switch {
	case pve.IsForbidden(err):
		return Unknown, nil
	case err != nil:
		return Unknown, err
	case options.Enabled(false):
		return On, nil
	}
	return Off, nil
}

// ruleName is what a plan calls a rule: who may reach which ports.
func ruleName(port, network string) string { return "tcp " + port + " from " + network }

// wantedRules are the ports and networks that are let in, in their order.
func (s *Session) wantedRules() (rules [][2]string) {
	for _, network := range s.is().Allow {
		rules = append(rules, [2]string{storePorts, network})
	}
	for _, network := range s.is().SSHNetworks() {
		rules = append(rules, [2]string{sshPort, network})
	}
	return rules
}

// wantedFirewall is the firewall as it is declared. A container whose address comes from DHCP must let the answers in.
func (s *Session) wantedFirewall() map[string]string {
	fields := map[string]string{"enable": "1", "policy_in": "DROP"}
	if s.is().Address == "dhcp" {
		fields["dhcp"] = "1"
	}
	for _, rule := range s.wantedRules() {
		fields[ruleName(rule[0], rule[1])] = accept
	}
	return fields
}

// isOurs reports whether a rule was written by provisioning.
func (s *Session) isOurs(rule pve.FirewallRule) bool { return strings.Contains(rule.Comment, s.mark()) }

// currentFirewall puts the firewall into the form that plans are made from. Rules of others are left out, and rules that do not act.
func (s *Session) currentFirewall(key plan.Key, firewall Firewall) plan.Current {
	fields := map[string]string{"enable": "0", "policy_in": "DROP"}
	for _, name := range []string{"enable", "policy_in", "dhcp"} {
		if text := firewall.Options[name]; text != "" {
			fields[name] = text
		}
	}
	for _, rule := range firewall.Rules {
		if s.isOurs(rule) {
			name := ruleName(rule.DestPort, rule.Source)
			fields[name] = rule.Action
			if !plain(rule) {
				fields[name] = "changed"
			}
		}
	}
	return plan.Current{Key: key, Owned: true, Fields: fields}
}

// plain reports whether a rule is still as provisioning writes them.
func plain(rule pve.FirewallRule) bool {
	return rule.Enabled && rule.Type == "in" && rule.Action == accept && rule.Proto == "tcp" && rule.Dest == "" && rule.SrcPort == "" && rule.Iface == "" && rule.Macro == ""
}

// foreign names the rules of others that may let somebody in whom the file does not name.
func (s *Session) foreign(firewall Firewall) (list []string) {
	for _, rule := range firewall.Rules {
		if !s.isOurs(rule) && rule.Enabled && (rule.Type == "group" || rule.Type == "in" && rule.Action == accept) {
			list = append(list, strings.Join(strings.Fields(strings.Join([]string{rule.Type, rule.Action, rule.Macro, rule.Proto, rule.DestPort, "from", or(rule.Source, "anywhere")}, " ")), " "))
		}
	}
	return list
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// firewalls is the provider of the container's firewall. The cluster's own is never changed: switching it on cuts off whom the nodes' rules do not
// let in.
type firewalls struct{ *Session }

// Read reads the firewall. That of a container that was made in this session is empty: nobody else could have written it.
func (f firewalls) Read(ctx context.Context, key plan.Key) (apply.Object, error) {
	found, err := f.find(ctx)
	if err != nil || !found.Exists {
		return apply.Object{}, err
	}
	firewall, err := f.firewall(ctx, found.Node)
	if err != nil || f.made && len(firewall.Rules) == 0 && len(firewall.Options) == 0 {
		return apply.Object{}, err
	}
	return apply.Object{Current: f.currentFirewall(key, firewall), Exists: true}, nil
}

// Write brings the rules in line, and switches the firewall on last: so it never closes what is declared open.
func (f firewalls) Write(ctx context.Context, _ plan.Change, _ apply.Object) error {
	found, err := f.find(ctx)
	if err != nil {
		return err
	}
	at := pve.GuestFirewall(found.Node, "lxc", f.is().VMID)
	wanted := f.wantedRules()
	missing, err := f.removeOthers(ctx, at, wanted)
	if err != nil {
		return err
	}
	for _, rule := range slices.Backward(missing) { // each new one comes first
		err := f.Client.AddFirewallRule(ctx, at, map[string]string{
			"type": "in", "action": accept, "enable": "1", "proto": "tcp", "dport": rule[0], "source": rule[1], "comment": f.mark(),
		})
		if err != nil {
			return sorted(err)
		}
	}
	options := map[string]string{"enable": "1", "policy_in": "DROP"}
	if f.is().Address == "dhcp" {
		options["dhcp"] = "1"
	}
	return sorted(f.Client.SetFirewallOptions(ctx, at, options, nil, ""))
}

// removeOthers removes the rules of ours that are not wanted, doubled or changed, and returns the wanted ones that are missing.
func (f firewalls) removeOthers(ctx context.Context, at pve.Firewall, wanted [][2]string) ([][2]string, error) {
	for {
		rules, err := f.Client.FirewallRules(ctx, at)
		if err != nil {
			return nil, err
		}
		missing := slices.Clone(wanted)
		remove := slices.IndexFunc(rules, func(rule pve.FirewallRule) bool {
			if !f.isOurs(rule) {
				return false
			}
			i := slices.Index(missing, [2]string{rule.DestPort, rule.Source})
			if i < 0 || !plain(rule) {
				return true
			}
			missing = slices.Delete(missing, i, i+1)
			return false
		})
		if remove < 0 {
			return missing, nil
		}
		if err := f.Client.DeleteFirewallRule(ctx, at, rules[remove].Position, rules[remove].Digest); err != nil {
			return nil, sorted(err) // the next round reads the list again: positions have moved
		}
	}
}
