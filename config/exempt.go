package config

import "time"

// Exemption is a guest that is not backed up on purpose.
type Exemption struct {
	Cluster string `yaml:"cluster" format:"name" unset:"the only cluster of the file" doc:"The guest's cluster. Needed where the file has several."`
	VMID    int    `yaml:"vmid" required:"true" min:"100" max:"999999999" example:"900" doc:"The guest's id."`
	Note    string `yaml:"note" required:"true" format:"note" example:"\"scratch machine\"" doc:"Why, in a few words. It becomes a label."`
	Until   Date   `yaml:"until" format:"date" example:"2027-01-31" unset:"for good" doc:"The last day of the exemption. After it an alert asks for a decision."`
}

// Exemption finds the exemption of a guest. It is found after its last day as well: an exemption expires, but stays listed.
func (f *File) Exemption(cluster string, vmid int) (Exemption, bool) {
	for _, exemption := range f.Exempt {
		if exemption.Cluster == cluster && exemption.VMID == vmid {
			return exemption, true
		}
	}
	return Exemption{}, false
}

// ExternalBackup declares how often something other than the cluster's backup jobs backs a guest up.
type ExternalBackup struct {
	Cluster  string        `yaml:"cluster" format:"name" unset:"the only cluster of the file" doc:"The guest's cluster. Needed where the file has several."`
	VMID     int           `yaml:"vmid" required:"true" min:"100" max:"999999999" example:"120" doc:"The guest's id."`
	Storage  string        `yaml:"storage" required:"true" format:"storage" example:"local-backup" doc:"The storage that its archives lie on."`
	Interval time.Duration `yaml:"interval" required:"true" min:"1m" example:"24h" doc:"The time between two backups. The next one is due after it, plus the same grace as for a job."`
}

// ExternalInterval returns the declared interval of a guest's backups on a storage, and whether one is declared.
func (f *File) ExternalInterval(cluster string, vmid int, storage string) (time.Duration, bool) {
	for _, external := range f.ExternalBackups {
		if external.Cluster == cluster && external.VMID == vmid && external.Storage == storage {
			return external.Interval, true
		}
	}
	return 0, false
}
