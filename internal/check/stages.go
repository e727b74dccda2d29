package check

import (
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// stage is how far a cluster could be looked at. Each needs the one before.
type stage int

const (
	declared stage = iota // all that is known is what the file says
	reached               // an address answers
	accepted              // and takes the token
	readable              // and is of a version that can be read
)

// one is a check: what it is called, what it needs, and how it judges.
type one struct {
	name  string
	needs stage
	find  func(*facts) []Finding
}

// clusterChecks lists the checks of a cluster in the order of the report.
func clusterChecks() []one {
	return []one{
		{"secrets", declared, checkSecrets},
		{"connection", declared, checkConnection},
		{"endpoints", declared, checkEndpoints},
		{"token", reached, checkToken},
		{"version", accepted, checkVersion},
		{"privileges", readable, checkPrivileges},
		{"excess", readable, checkExcess},
		{"provisioner", declared, checkProvisioner},
		{"drill", declared, checkDrill},
		{"nodes", readable, checkNodes},
		{"clocks", readable, checkClocks},
		{"storages", readable, checkStorages},
		{"jobs", readable, checkJobs},
		{"cover", readable, checkCover},
		{"schedules", readable, checkSchedules},
		{"tasks", readable, checkTasks},
		{"archives", readable, checkArchives},
		{"environments", readable, checkEnvironments},
		{"exemptions", readable, checkExemptions},
		{"budget", readable, checkBudget},
	}
}

// progress tells how far the cluster could be looked at, and what stopped it.
func (f *facts) progress() (at stage, stopped string) {
	switch {
	case f.cluster.Exporter == nil:
		return declared, "they need the exporter's token"
	case f.connectionErr != nil || f.clientErr != nil:
		return declared, "they need a connection"
	case f.secretErr != nil:
		return declared, "they need the token's secret"
	case !slices.ContainsFunc(f.endpoints, func(e pve.EndpointStatus) bool { return e.LastError == nil }):
		return declared, "no address of the cluster can be asked"
	case !f.version.asked:
		return reached, ""
	case pve.IsUnauthorized(f.version.err):
		return reached, "they need a token that is accepted"
	case f.version.err != nil:
		return reached, "the API does not answer"
	case olderThan(f.version.value, pve.MinimumVersion):
		return accepted, "this version is too old"
	}
	return readable, ""
}

// findings runs the checks of a cluster that can be run, and says which cannot.
func (f *facts) findings() []Finding {
	at, stopped := f.progress()
	var result []Finding
	var skipped []string
	for _, check := range clusterChecks() {
		if check.needs > at {
			skipped = append(skipped, check.name)
			continue
		}
		for _, finding := range check.find(f) {
			finding.Cluster, finding.Check = f.cluster.Name, check.name
			result = append(result, finding)
		}
	}
	if len(skipped) > 0 {
		finding := found(Info, "not checked: %s", strings.Join(skipped, ", ")).because("%s", stopped)
		finding.Cluster, finding.Check = f.cluster.Name, "skipped"
		result = append(result, finding)
	}
	return result
}
