package check

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// lack is what a cluster misses that is older than a version.
type lack struct{ version, what, instead string }

// lacks lists what the supported older versions cannot do yet.
func lacks() []lack {
	return []lack{
		{"7.1-10", "the next run in the list of jobs", "it is worked out from the schedule"},
		{"7.3-5", "the raw download of task logs", "they are read in pages of lines, which costs more calls"},
	}
}

// provisionMinimum is the oldest Proxmox VE that provisioning works with.
const provisionMinimum = "7.2"

// checkVersion looks whether the cluster is new enough, and what an older one lacks.
func checkVersion(f *facts) []Finding {
	version := f.version.value
	if olderThan(version, pve.MinimumVersion) {
		return []Finding{found(Problem, "Proxmox VE %s is too old", version).
			because("the exporter needs %s or newer: older ones keep jobs in cron files and cannot say when they run next", pve.MinimumVersion).
			advise("upgrade the cluster")}
	}
	findings := []Finding{found(OK, "Proxmox VE %s", version)}
	for _, each := range lacks() {
		if olderThan(version, each.version) {
			findings = append(findings, found(Info, "Proxmox VE %s lacks %s (since %s)", version, each.what, each.version).because("%s", each.instead))
		}
	}
	if f.cluster.Provisioner != nil && olderThan(version, provisionMinimum) {
		findings = append(findings, found(Warning, "Proxmox VE %s is too old for provisioning", version).
			because("the file declares a provisioner, which needs %s or newer", provisionMinimum).advise("upgrade the cluster"))
	}
	return findings
}

func olderThan(version pve.Version, minimum string) bool {
	want, err := pve.ParseVersion(minimum)
	return err == nil && version.Compare(want) < 0
}
