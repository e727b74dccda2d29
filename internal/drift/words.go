package drift

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/cluster"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

const (
	shownFields = 3  // how many properties are named
	shownText   = 32 // how many bytes a value may have to be told
)

// changed says in a few words what is not as declared; nothing where only a secret is, which cannot be read back.
func changed(change *plan.Change) string {
	if change.Kind == plan.GuestDisk {
		return flagged(change.Fields)
	}
	if change.Action == plan.Create {
		return "is not there"
	}
	return differ(change.Fields)
}

// flagged words the flag of a volume.
func flagged(fields []plan.FieldChange) string {
	for _, field := range fields {
		if field.Name == cluster.FlagField && field.After == "1" {
			return "is left out of the backups"
		}
	}
	return "is part of the backups"
}

// differ names the properties that differ, and the values of a single one as far as they are short.
func differ(fields []plan.FieldChange) string {
	var names []string
	var last plan.FieldChange
	for _, field := range fields {
		if !field.Sensitive {
			names, last = append(names, field.Name), field
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) > 1:
		return words.List(names, shownFields) + " differ"
	case !last.HasBefore:
		return last.Name + " is not set"
	case !last.HasAfter:
		return last.Name + " is set"
	case len(last.Before) > shownText || len(last.After) > shownText || last.Before == "" || last.After == "":
		return last.Name + " differs"
	}
	return last.Name + " is " + last.Before + ", not " + last.After
}

// refused says what is not as declared, and stays so.
func refused(refusal *plan.Refusal) string {
	if differs := differ(refusal.Fields); differs != "" {
		return differs + ", and provisioning refuses to change it"
	}
	return refusal.Message
}
