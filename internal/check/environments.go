package check

import (
	"fmt"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// checkEnvironments looks whether the environments of the file are about something that exists.
func checkEnvironments(f *facts) []Finding {
	if !f.resources.read() {
		return nil
	}
	var findings []Finding
	count := 0
	for _, environment := range f.file.Environments {
		if environment.Cluster != f.cluster.Name {
			continue
		}
		count++
		findings = append(findings, f.environmentFindings(environment)...)
	}
	if count == 0 {
		return []Finding{found(Info, "no environment is declared: every guest is in '%s'", config.Unassigned)}
	}
	others := 0
	for _, guest := range f.resources.value.Guests {
		if f.environmentOf(guest) == config.Unassigned {
			others++
		}
	}
	if others > 0 {
		findings = append(findings, found(Info, "%s in no environment: the label is '%s'", words.Count(others, "guest is", "guests are"), config.Unassigned))
	} else if len(findings) == 0 {
		findings = append(findings, found(OK, "every guest is in an environment (%d declared)", count))
	}
	return findings
}

func identity(guest pve.GuestResource) config.GuestIdentity {
	return config.GuestIdentity{VMID: guest.VMID, Node: guest.Node, Pool: guest.Pool, Tags: splitTags(guest.Tags)}
}

func (f *facts) environmentOf(guest pve.GuestResource) string {
	return f.file.Environment(f.cluster.Name, identity(guest))
}

func (f *facts) environmentFindings(environment config.Environment) []Finding {
	matched, chosen := 0, 0
	for _, guest := range f.resources.value.Guests {
		if environment.Guests.Matches(identity(guest)) {
			matched++
		}
		if f.environmentOf(guest) == environment.Name {
			chosen++
		}
	}
	at := f.file.Position("environments", environment.Name, "guests")
	findings := f.unknownNames(environment)
	switch {
	case matched > 0 && chosen == 0:
		findings = append(findings, found(Warning, "%s: environment %s has no guest", at, environment.Name).
			because("those that it matches belong to an earlier environment of the file: the first that matches counts").
			advise("put the narrower environment first"))
	case matched == 0:
		findings = append(findings, f.absent(found(Warning, "%s: environment %s matches no guest", at, environment.Name).
			advise("compare its selection with the guests' pools, nodes, ids and tags", "pvesh get /cluster/resources --type vm")))
	}
	return append(findings, f.environmentStorages(environment)...)
}

// unknownNames tells of pools, nodes and guests that an environment names and that do not exist.
func (f *facts) unknownNames(environment config.Environment) []Finding {
	var unknown []string
	_, online := f.nodeNames()
	for _, node := range environment.Guests.Nodes {
		if _, exists := online[node]; !exists {
			unknown = append(unknown, "node "+words.Name(node))
		}
	}
	for _, pool := range environment.Guests.Pools {
		if f.pools.read() && !slices.ContainsFunc(f.pools.value, func(p pve.Pool) bool { return p.ID == pool }) {
			unknown = append(unknown, "pool "+words.Name(pool))
		}
	}
	for _, vmid := range slices.Concat(environment.Guests.VMIDs, environment.Guests.Exclude) {
		if f.gone(vmid) {
			unknown = append(unknown, fmt.Sprintf("guest %d", vmid))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return []Finding{found(Warning, "%s: environment %s names what does not exist: %s", f.file.Position("environments", environment.Name, "guests"),
		environment.Name, words.List(unknown, shown)).advise("correct the names, or take them out")}
}

// environmentStorages tells of storages that an environment wants its backups on and that are not there.
func (f *facts) environmentStorages(environment config.Environment) []Finding {
	if environment.Backup == nil || !f.storages.read() {
		return nil
	}
	wanted := map[string][]string{environment.Backup.Storage: {"environments", environment.Name, "backup", "storage"}}
	order := []string{environment.Backup.Storage}
	if offsite := environment.Backup.Offsite; offsite != nil {
		wanted[offsite.Storage] = []string{"environments", environment.Name, "backup", "offsite", "storage"}
		order = append(order, offsite.Storage)
	}
	var findings []Finding
	for _, id := range order {
		storage, exists := f.storage(id)
		what := fmt.Sprintf("%s: storage %s of environment %s", f.file.Position(wanted[id]...), words.Name(id), environment.Name)
		switch {
		case exists && holdsBackups(storage) && !storage.Disabled:
		case f.declaresStorage(id):
			findings = append(findings, found(Info, "%s is not there yet: the file declares it, and provisioning creates it", what))
		case !exists && !f.seesStorage(id):
		case !exists:
			findings = append(findings, found(Warning, "%s does not exist", what).
				advise(f.usableStorages()+"; or declare it under `storages`"))
		default:
			findings = append(findings, found(Warning, "%s is disabled or not for backups", what).advise("enable it and allow the content backup on it"))
		}
	}
	return findings
}

func (f *facts) declaresStorage(id string) bool {
	return slices.ContainsFunc(f.file.Storages, func(s config.Storage) bool { return s.Name == id && s.Cluster == f.cluster.Name })
}
