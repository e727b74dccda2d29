package check

import (
	"fmt"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// obstacles says in words what keeps guests from being backed up, the most frequent first.
func obstacles() []struct {
	reason snapshot.UncoveredReason
	words  string
} {
	return []struct {
		reason snapshot.UncoveredReason
		words  string
	}{
		{snapshot.UncoveredNoJob, "no job selects"},
		{snapshot.UncoveredJobDisabled, "only disabled jobs select"},
		{snapshot.UncoveredNeverRuns, "only jobs that never run again select"},
		{snapshot.UncoveredOtherNode, "only jobs of other nodes name"},
		{snapshot.UncoveredStorageUnusable, "only jobs whose storage cannot be used select"},
	}
}

// checkCover looks which guests no job will back up, by the exporter's own rules.
func checkCover(f *facts) []Finding {
	if f.picture == nil || !f.jobs.read() || len(f.jobs.value) == 0 {
		return nil
	}
	uncovered := map[snapshot.UncoveredReason][]string{}
	exempt, total := 0, 0
	for _, guest := range f.picture.Guests {
		switch {
		case guest.Exempt:
			exempt++
		case guest.Uncovered != "" && !f.external(guest.VMID):
			uncovered[guest.Uncovered] = append(uncovered[guest.Uncovered], guestName(guest))
			total++
		}
	}
	if total == 0 {
		return []Finding{found(OK, "every guest is backed up by something (%s, %d exempt)", words.Count(len(f.picture.Guests), "guest", "guests"), exempt)}
	}
	var reasons []string
	for _, each := range obstacles() {
		if names := uncovered[each.reason]; len(names) > 0 {
			reasons = append(reasons, each.words+" "+words.List(names, 2*shown))
		}
	}
	return []Finding{found(Warning, "%s not backed up", words.Count(total, "guest is", "guests are")).because("%s", strings.Join(reasons, "\n")).
		advise("let a job select what is to be backed up, and write the others under `exempt` in the declared file, with the reason")}
}

// external reports that something outside of the cluster's jobs backs a guest up.
func (f *facts) external(vmid int) bool {
	for _, entry := range f.file.ExternalBackups {
		if entry.Cluster == f.cluster.Name && entry.VMID == vmid {
			return true
		}
	}
	return false
}

func guestName(guest snapshot.Guest) string {
	if guest.Name == "" {
		return guest.ID
	}
	return fmt.Sprintf("%s (%s)", guest.ID, words.Name(guest.Name))
}
