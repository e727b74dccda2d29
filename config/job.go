package config

// JobOptions is what every backup job of the file can say, the first one of an environment as well as its off-site copy. Keys are spelled as
// Proxmox VE spells them. A nil pointer, an empty text or list means that the file does not say it.
type JobOptions struct {
	Mode      string     `yaml:"mode" enum:"snapshot,suspend,stop,default" unset:"the profile's, else 'snapshot'; off-site: the first job's" doc:"Whether the guest goes on, is suspended or stopped while it is backed up. 'default' leaves it to each node's vzdump.conf."`
	Compress  string     `yaml:"compress" enum:"zstd,gzip,lzo,none,default" unset:"the profile's, else 'zstd'; off-site: the first job's" doc:"How archives are compressed. 'default' leaves it to each node's vzdump.conf. Without effect on a Proxmox Backup Server."`
	Retention *Retention `yaml:"retention" unset:"the profile's, else what the storage says; off-site: what the storage says" doc:"Which archives are kept. It replaces the profile's as a whole."`

	ID      string `yaml:"id" format:"job-id" example:"nightly" unset:"'backup-' and the environment's name, with '-offsite' for the second job" doc:"The job's id in Proxmox VE. Where the guests are those of several pools or nodes, there is a job for each, and its name is appended."`
	Enabled bool   `yaml:"enabled" default:"true" doc:"Whether the job runs."`
	Adopt   bool   `yaml:"adopt" default:"false" doc:"Whether to take over a job of this id that exists already. Only what the file says of it is changed, and it is never deleted."`
	Node    string `yaml:"node" format:"node" example:"pve1" unset:"the job runs on every node" doc:"The only node that the job runs on: guests elsewhere are not backed up."`
	Comment string `yaml:"comment" format:"comment" example:"\"ask the database team before a change\"" doc:"A remark for people. The mark by which provisioning knows its jobs is appended."`

	Protected     *bool  `yaml:"protected" unset:"no" doc:"Whether new archives are protected: neither pruned nor counted by any retention. From Proxmox VE 7.2 on."`
	NotesTemplate string `yaml:"notes-template" format:"notes-template" example:"\"{{guestname}} on {{node}}\"" unset:"'{{guestname}} {{vmid}} {{node}} [job ID]'; an adopted job keeps its own" doc:"The notes of each archive. '[job ID]' is appended where the text does not have it: it tells which job made an archive. Of an adopted job, the text is taken as it is. From Proxmox VE 7.2 on."`
	RepeatMissed  *bool  `yaml:"repeat-missed" unset:"no" doc:"Whether a run that was missed while a node was down is made up for. From Proxmox VE 7.2 on."`

	NotificationMode string   `yaml:"notification-mode" enum:"auto,legacy-sendmail,notification-system" unset:"'auto': a mail where 'mailto' names somebody, the notification system elsewhere" doc:"How Proxmox VE itself tells of the job. From Proxmox VE 8.1 on."`
	MailTo           []string `yaml:"mailto" format:"mail-address" example:"[ops@example.org]" unset:"nobody" doc:"Who gets its mail: addresses, or users of Proxmox VE."`
	MailNotification string   `yaml:"mailnotification" enum:"always,failure" unset:"'always'" doc:"When there is a mail."`

	Zstd                   *int      `yaml:"zstd" min:"0" max:"1024" unset:"one" doc:"Threads of 'compress: zstd'. 0 means half of the node's cores."`
	BandwidthLimit         *int      `yaml:"bwlimit" min:"0" max:"1000000000" example:"51200" unset:"no limit" doc:"The most that is read, in KiB per second. 0 means no limit."`
	Fleecing               *Fleecing `yaml:"fleecing" unset:"none" doc:"Where a running virtual machine's old blocks wait for a slow backup storage, so that the machine does not. From Proxmox VE 8.2 on."`
	PBSChangeDetectionMode string    `yaml:"pbs-change-detection-mode" enum:"legacy,data,metadata" unset:"'legacy'" doc:"How changed files of containers are found. For a Proxmox Backup Server only. From Proxmox VE 8.2 on."`
}

// Fleecing says where images for fleecing are made.
type Fleecing struct {
	Storage string `yaml:"storage" required:"true" format:"storage" example:"local-lvm" doc:"The storage for the images: a fast one of the node itself."`
}
