package check

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// checkBackends looks at the files that tell Terraform of the store. They lie where Terraform's configuration is, which may be another machine.
func (f *storeFacts) checkBackends() []Finding {
	var findings []Finding
	if f.filesErr != nil {
		findings = append(findings, found(Warning, "files with Terraform's backends cannot be looked at").caused(f.filesErr))
	}
	for _, each := range f.files.Warnings {
		if each.Scope == f.store.Name {
			findings = append(findings, found(Info, "%s", words.Text(each.Message)).advise(each.Hint))
		}
	}
	made := plan.Calculate(plan.Input{Desired: f.files.Desired, Current: f.files.Current})
	differs := map[plan.Key]bool{}
	for _, each := range append(made.Refusals, f.files.Refusals...) {
		if differs[each.Key] = true; each.Scope == f.store.Name {
			findings = append(findings, found(Warning, "%s", words.Text(each.Message)).because("Terraform may use another backend than the declared one").advise(each.Hint))
		}
	}
	for _, each := range made.Changes {
		differs[each.Key] = true
		switch {
		case each.Scope != f.store.Name:
		case each.Action == plan.Create:
			findings = append(findings, found(Info, "%s is not there yet", words.Text(each.ID)).advise("let provisioning write it: pve-backup-exporter provision"))
		default:
			findings = append(findings, found(Warning, "%s is not as declared", words.Text(each.ID)).
				because("Terraform of environment %s may use another place, or no lock", words.Name(each.Environment)).
				advise("look at the difference: pve-backup-exporter provision --dry-run"))
		}
	}
	for _, each := range f.files.Desired {
		if each.Scope == f.store.Name && !differs[each.Key] {
			findings = append(findings, found(OK, "%s is as declared", words.Text(each.ID)))
		}
	}
	return findings
}
