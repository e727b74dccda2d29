package config

// Backup says how the guests of an environment are backed up. Values that the file leaves out come from the profile: see Resolve.
type Backup struct {
	Profile  string `yaml:"profile" enum:"prod,lab,monitoring" unset:"'schedule' is needed" doc:"A built-in set of values. Each key given beside it wins over the profile's."`
	Storage  string `yaml:"storage" required:"true" format:"storage" example:"backup-nfs" doc:"The storage that archives are written to."`
	Schedule string `yaml:"schedule" format:"schedule" example:"\"01:00\"" unset:"the profile's" doc:"When: a calendar event as Proxmox VE writes it, in the nodes' local time."`

	JobOptions

	Disks         string         `yaml:"disks" enum:"include,unmanaged" default:"include" doc:"Whether provisioning sees to it that every volume of these guests is in the backup. Proxmox VE leaves out mount points of containers by default. 'unmanaged' leaves all volumes as they are."`
	ExcludedDisks []ExcludedDisk `yaml:"excluded_disks" unset:"none" doc:"Volumes that are to stay out of the backup."`
	Offsite       *Offsite       `yaml:"offsite" unset:"no second job" doc:"A second job for the same guests onto another storage: the distant copy."`
}

// ExcludedDisk names volumes of one guest that are to stay out of its backup.
type ExcludedDisk struct {
	VMID  int      `yaml:"vmid" required:"true" min:"100" max:"999999999" example:"104" doc:"The guest's id."`
	Disks []string `yaml:"disks" required:"true" format:"volume" example:"[scsi1]" doc:"Its volumes, as its hardware or resources panel calls them: 'scsi1', 'virtio0', 'mp0'."`
}

// Offsite is the second job of an environment.
type Offsite struct {
	Storage  string `yaml:"storage" required:"true" format:"storage" example:"pbs-remote" doc:"The storage of the second copy: another one than the first."`
	Schedule string `yaml:"schedule" required:"true" format:"schedule" example:"\"sun 04:00\"" doc:"When, as for the first job."`

	JobOptions
}

// Resolve returns the backup with every value that the file leaves out filled in from its profile, and from the program's defaults where there
// is none. The off-site job gets mode and compress of the first, and nothing else. Retention stays nil only without a profile: then the storage's
// own rule decides. Without a profile, mode and compress of an adopted job stay empty: they are left as they are.
func (b Backup) Resolve() Backup {
	profile, ok := Profiles()[b.Profile]
	if !ok && !b.Adopt {
		profile.Mode, profile.Compress = "snapshot", "zstd"
	}
	if b.Schedule == "" {
		b.Schedule = profile.Schedule
	}
	if b.Mode == "" {
		b.Mode = profile.Mode
	}
	if b.Compress == "" {
		b.Compress = profile.Compress
	}
	if b.Retention == nil {
		b.Retention = profile.Retention
	}
	if b.Offsite != nil {
		offsite := b.Offsite.resolve(b)
		b.Offsite = &offsite
	}
	return b
}

// resolve fills in what the second job has from the first, which is resolved.
func (o Offsite) resolve(first Backup) Offsite {
	if o.Mode == "" {
		o.Mode = first.Mode
	}
	if o.Compress == "" {
		o.Compress = first.Compress
	}
	return o
}

// Profiles returns the built-in profiles by name: a nightly one, a weekly one and one for the guests that watch the others.
func Profiles() map[string]Backup {
	return map[string]Backup{
		"prod":       {Schedule: "01:00", JobOptions: JobOptions{Mode: "snapshot", Compress: "zstd", Retention: &Retention{KeepDaily: 7, KeepWeekly: 4}}},
		"lab":        {Schedule: "sun 03:00", JobOptions: JobOptions{Mode: "snapshot", Compress: "zstd", Retention: &Retention{KeepLast: 3}}},
		"monitoring": {Schedule: "02:00", JobOptions: JobOptions{Mode: "snapshot", Compress: "zstd", Retention: &Retention{KeepDaily: 7}}},
	}
}
