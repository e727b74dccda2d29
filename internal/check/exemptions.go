package check

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// checkExemptions looks at what the file says of single guests: those that are exempt, and those that something else backs up.
func checkExemptions(f *facts) []Finding {
	var findings []Finding
	count := 0
	for i, exemption := range f.file.Exempt {
		if exemption.Cluster == f.cluster.Name {
			count++
			findings = append(findings, f.exemption(f.file.Position("exempt", strconv.Itoa(i)), exemption)...)
		}
	}
	for i, external := range f.file.ExternalBackups {
		if external.Cluster == f.cluster.Name {
			count++
			findings = append(findings, f.externalBackup(f.file.Position("external_backups", strconv.Itoa(i)), external)...)
		}
	}
	if count > 0 && len(findings) == 0 {
		return []Finding{found(OK, "%s of single guests hold", words.Count(count, "declaration", "declarations"))}
	}
	return findings
}

func (f *facts) exemption(at config.Position, exemption config.Exemption) []Finding {
	if f.gone(exemption.VMID) {
		return []Finding{found(Warning, "%s: guest %d is exempt and does not exist", at, exemption.VMID).
			because("a new guest with the same id would be exempt, too").advise("take the line out")}
	}
	if exemption.Until.IsZero() {
		return nil
	}
	end := exemption.Until.End(time.Local)
	if end.After(f.now) {
		return nil
	}
	return []Finding{found(Warning, "%s: the exemption of guest %d has ended on %s", at, exemption.VMID, exemption.Until).
		because("the guest counts as one that should be backed up: '%s'", words.Line(exemption.Note)).
		advise("take the line out, or decide anew and give it a later `until`")}
}

func (f *facts) externalBackup(at config.Position, external config.ExternalBackup) []Finding {
	if f.gone(external.VMID) {
		return []Finding{found(Warning, "%s: guest %d does not exist", at, external.VMID).advise("take the line out")}
	}
	seen := slices.ContainsFunc(f.resources.value.Storages, func(s pve.StorageResource) bool { return s.Storage == external.Storage })
	if _, exists := f.storage(external.Storage); exists || seen || !f.storages.read() || !f.seesStorage(external.Storage) {
		return nil
	}
	return []Finding{found(Warning, "%s: storage %s does not exist", at, words.Name(external.Storage)).
		because("%s", fmt.Sprintf("no archive of guest %d is ever seen there, so its backup counts as missing", external.VMID)).
		advise(f.usableStorages())}
}
