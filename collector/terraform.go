package collector

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// LabelKey names a Terraform state in its bucket.
const LabelKey = "key"

// Names of the series of Terraform states.
const (
	TerraformStateLastModified = Prefix + "terraform_state_last_modified_timestamp_seconds"
	TerraformStateBytes        = Prefix + "terraform_state_bytes"
	TerraformStateSerial       = Prefix + "terraform_state_serial"
	TerraformStateVersions     = Prefix + "terraform_state_versions"
	TerraformStateLockedSince  = Prefix + "terraform_state_locked_since_timestamp_seconds"
)

// terraformState is a state with the store that it is in.
type terraformState struct {
	store string
	snapshot.TerraformState
}

var terraformStates = group[terraformState]{
	apart:    true,
	labels:   []string{LabelStore, LabelEnvironment, LabelBucket, LabelKey},
	identity: func(s *terraformState) []string { return []string{s.store, s.Environment, s.Bucket, s.Key} },
	families: []family[terraformState]{
		{
			name:    TerraformStateLastModified,
			meaning: "When the present version of the state was written, in Unix seconds; absent where there is none, or it was deleted.",
			origin:  stateListing,
			value:   func(s *terraformState) (float64, bool) { return number(s.LastModified) },
		},
		{
			name:    TerraformStateBytes,
			meaning: "Size of the present version of the state, in bytes; absent where there is none, or it was deleted.",
			origin:  stateListing,
			value:   func(s *terraformState) (float64, bool) { return number(s.Bytes) },
		},
		{
			name:    TerraformStateSerial,
			meaning: "How many changes the state counts, with read_serial: true only.",
			origin:  "the first kilobytes of the object",
			value:   func(s *terraformState) (float64, bool) { return number(s.Serial) },
		},
		{
			name:    TerraformStateVersions,
			meaning: "Number of versions of the state that the bucket holds, the present one included. A deleted state keeps its earlier ones.",
			origin:  stateListing,
			value:   func(s *terraformState) (float64, bool) { return number(s.Versions) },
		},
		{
			name:    TerraformStateLockedSince,
			meaning: "When the lock was taken that somebody holds on the state, in Unix seconds; absent while there is none.",
			origin:  "GET ?versions of the state's key with .tflock",
			value:   func(s *terraformState) (float64, bool) { return number(s.LockedSince) },
		},
	},
}

const stateListing = "GET ?versions of the state's key"

func statesOf(stores []snapshot.ObjectStore) []terraformState {
	var all []terraformState
	for _, store := range stores {
		for _, state := range store.States {
			all = append(all, terraformState{store.Name, state})
		}
	}
	return all
}
