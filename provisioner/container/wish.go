package container

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Wish is what the declared file wants of a container, and what is there.
type Wish struct {
	Desired  []plan.Desired
	Current  []plan.Current
	Warnings []plan.Warning
}

// at is where the file says something of the container, as text.
func (s *Session) at(keys ...string) string {
	return s.File.Position(append([]string{"stores", s.Store.Name, "container"}, keys...)...).String()
}

// Hostname is the container's host name.
func (s *Session) Hostname() string { return or(s.is().Hostname, s.Store.Name) }

// Wish puts what was found by [Session.Look], and what is declared, into the form that plans are made from. It is an error if no environment selects
// the container: nobody would back up the states in it.
func (s *Session) Wish() (Wish, error) {
	environment := s.Environment()
	if environment == config.Unassigned {
		return Wish{}, ui.Hint(fmt.Errorf("%s: container %d of store %s is in no environment: nobody would back it up", s.at("vmid"), s.is().VMID, s.Store.Name),
			"%s", s.membershipHint())
	}
	w := Wish{Warnings: s.unprotected(environment)}
	want := func(kind plan.Kind, id string, fields map[string]string) *plan.Desired {
		desired := plan.Desired{Key: plan.Key{Scope: s.is().Cluster, Kind: kind, ID: id}, Environment: environment, At: s.at(), Fields: map[string]plan.Field{}}
		for name, text := range fields {
			desired.Fields[name] = plan.Field{Text: text, At: s.place(name)}
		}
		w.Desired = append(w.Desired, desired)
		return &w.Desired[len(w.Desired)-1]
	}
	inv := s.Inventory
	if !inv.Exists && !inv.Template.Present {
		want(plan.ContainerTemplate, s.volume(inv.Template), map[string]string{nodeField: s.is().Node})
	}
	fields := wanted(s.is(), s.Hostname(), s.mark())
	if inv.Exists {
		found := s.current(s.Key(plan.Container), inv.Found)
		w.Current = append(w.Current, found)
		for _, name := range []string{rootField, dataField} {
			if grown(found.Fields[name], fields[name]) {
				fields[name] = found.Fields[name]
			}
		}
		if properties(found.Fields["features"])["nesting"] == "1" {
			fields["features"] = found.Fields["features"] // it may have more
		}
	}
	container := want(plan.Container, s.ID(), fields)
	container.Managed = []string{nameserverField}
	container.Fixed = []string{rootField, dataField, "unprivileged", "features"}
	if inv.Exists && !s.ours(inv.Found) {
		return w, nil // it will be refused
	}
	want(plan.ContainerState, s.ID(), map[string]string{statusField: running})
	firewall := want(plan.ContainerFirewall, s.ID(), s.wantedFirewall())
	if inv.Exists {
		found := s.currentFirewall(s.Key(plan.ContainerFirewall), inv.Firewall)
		w.Current = append(w.Current, found, currentState(s.Key(plan.ContainerState), inv.Found))
		for name := range maps.Keys(found.Fields) {
			if strings.HasPrefix(name, "tcp ") {
				firewall.Managed = append(firewall.Managed, name)
			}
		}
	}
	return w, nil
}

// membershipHint says how the container gets into an environment: the one that is called monitoring, if there is one.
func (s *Session) membershipHint() string {
	name := "monitoring"
	if i := len(s.File.Environments); i > 0 {
		name = s.File.Environments[i-1].Name
		for _, each := range s.File.Environments {
			if each.Name == "monitoring" {
				name = each.Name
			}
		}
	}
	return fmt.Sprintf("name it there: environments: {%s: {guests: {vmids: [%d]}}}", name, s.is().VMID)
}

// place is where the file asks for a property.
func (s *Session) place(name string) string {
	switch name {
	case "hostname", "cores", "memory":
		return s.at(name)
	case rootField:
		return s.at("disk")
	case dataField, backupField:
		return s.at("data_disk")
	case networkField:
		return s.at("address")
	case nameserverField:
		return s.at("dns")
	}
	if strings.HasPrefix(name, "tcp "+sshPort+" ") && len(s.is().AllowSSH) > 0 {
		return s.at("allow_ssh")
	}
	if strings.HasPrefix(name, "tcp ") {
		return s.at("allow")
	}
	return s.at()
}

// unprotected warns of what is not as safe as it looks.
func (s *Session) unprotected(environment string) (warnings []plan.Warning) {
	warn := func(kind plan.Kind, at, hint, format string, values ...any) {
		warnings = append(warnings, plan.Warning{Key: s.Key(kind), At: at, Message: fmt.Sprintf(format, values...), Hint: hint})
	}
	for _, each := range s.File.Environments {
		if each.Name == environment && each.Backup == nil {
			warn(plan.Container, s.at("vmid"), "give environment "+environment+" a `backup`", "no job of this file backs up container %d: environment %s has no backup", s.is().VMID, environment)
		}
	}
	const hint = "look at the rules of the nodes first, since from then on they drop what these do not let in; then Datacenter, Firewall, Options, Firewall: Yes"
	switch s.Inventory.Firewall.Cluster {
	case Off:
		warn(plan.ContainerFirewall, s.at("allow"), hint, "the firewall of cluster %s is off: anybody reaches container %d, whatever `allow` says", s.is().Cluster, s.is().VMID)
	case Unknown:
		if !s.Inventory.Exists || s.ours(s.Inventory.Found) {
			warn(plan.ContainerFirewall, s.at("allow"), "give the token Sys.Audit on /", "whether the firewall of cluster %s is on, and `allow` acts, cannot be seen", s.is().Cluster)
		}
	}
	if others := s.foreign(s.Inventory.Firewall); len(others) > 0 {
		warn(plan.ContainerFirewall, s.at("allow"), "remove them, or leave them if that is on purpose: provisioning leaves rules of others alone",
			"rules in the firewall of container %d that this tool did not write may let others in: %s", s.is().VMID, strings.Join(others, "; "))
	}
	return warnings
}

// Acts says what keeps the rules from acting; empty where all that must be on is on.
func (s *Session) Acts() (missing []string) {
	if s.Inventory.Firewall.Cluster != On {
		missing = append(missing, "the cluster's firewall")
	}
	if properties(s.Inventory.Values[networkField])["firewall"] != "1" {
		missing = append(missing, "firewall=1 of net0")
	}
	if s.Inventory.Firewall.Options["enable"] != "1" {
		missing = append(missing, "the container's firewall")
	}
	return missing
}

// Address is the container's IPv4 address, without the network's prefix: the one that it has, else the declared one; empty where it is not known.
func (s *Session) Address() string {
	for _, card := range s.Inventory.Addresses {
		if card.Name == "eth0" && card.IPv4 != "" {
			address, _, _ := strings.Cut(card.IPv4, "/")
			return address
		}
	}
	if s.is().Address == "dhcp" {
		return ""
	}
	address, _, _ := strings.Cut(s.is().Address, "/")
	return address
}
