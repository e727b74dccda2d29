package config

// Backup says how the guests of an environment are backed up. Values that the file leaves out come from the profile: see Resolve.
type Backup struct {
	Profile   string     `yaml:"profile" enum:"prod,lab,monitoring" unset:"'schedule' is needed" doc:"A built-in set of values. Each key given beside it wins over the profile's."`
	Storage   string     `yaml:"storage" required:"true" format:"storage" example:"backup-nfs" doc:"The storage that archives are written to."`
	Schedule  string     `yaml:"schedule" format:"schedule" example:"\"01:00\"" unset:"the profile's" doc:"When: a calendar event as Proxmox VE writes it, in the nodes' local time."`
	Mode      string     `yaml:"mode" enum:"snapshot,suspend,stop" unset:"the profile's, else snapshot" doc:"Whether the guest goes on, is suspended or stopped while it is backed up."`
	Compress  string     `yaml:"compress" enum:"zstd,gzip,lzo,none" unset:"the profile's, else zstd" doc:"How archives are compressed. Without effect on a Proxmox Backup Server."`
	Retention *Retention `yaml:"retention" unset:"the profile's, else what the storage says" doc:"Which archives are kept. It replaces the profile's as a whole."`
	Offsite   *Offsite   `yaml:"offsite" unset:"no second job" doc:"A second job for the same guests onto another storage: the distant copy."`
}

// Offsite is the second job of an environment.
type Offsite struct {
	Storage   string     `yaml:"storage" required:"true" format:"storage" example:"pbs-remote" doc:"The storage of the second copy: another one than the first."`
	Schedule  string     `yaml:"schedule" required:"true" format:"schedule" example:"\"sun 04:00\"" doc:"When, as for the first job."`
	Retention *Retention `yaml:"retention" unset:"what the storage says" doc:"Which archives are kept there."`
}

// Resolve returns the backup with every value that the file leaves out filled in from its profile, and from the program's defaults where there
// is none. Retention stays nil only without a profile: then the storage's own rule decides.
func (b Backup) Resolve() Backup {
	profile, ok := Profiles()[b.Profile]
	if !ok {
		profile = Backup{Mode: "snapshot", Compress: "zstd"}
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
	return b
}

// Profiles returns the built-in profiles by name: a nightly one, a weekly one and one for the guests that watch the others.
func Profiles() map[string]Backup {
	return map[string]Backup{
		"prod":       {Schedule: "01:00", Mode: "snapshot", Compress: "zstd", Retention: &Retention{KeepDaily: 7, KeepWeekly: 4}},
		"lab":        {Schedule: "sun 03:00", Mode: "snapshot", Compress: "zstd", Retention: &Retention{KeepLast: 3}},
		"monitoring": {Schedule: "02:00", Mode: "snapshot", Compress: "zstd", Retention: &Retention{KeepDaily: 7}},
	}
}
