package config

// Storage is a backup storage that provisioning creates and keeps. Its Name is its id in Proxmox VE.
type Storage struct {
	Name string `yaml:"-"`

	Cluster   string     `yaml:"cluster" format:"name" unset:"the only cluster of the file" doc:"The cluster that it is defined in. Needed where the file has several."`
	Type      string     `yaml:"type" required:"true" enum:"nfs" example:"nfs" doc:"The kind of storage."`
	Server    string     `yaml:"server" required:"true" format:"host" example:"192.0.2.20" doc:"The server that exports it."`
	Export    string     `yaml:"export" required:"true" format:"absolute-path" example:"/backup" doc:"The exported path."`
	Retention *Retention `yaml:"retention" unset:"the nodes' own default" doc:"Which archives are kept where a job has no rule of its own."`
}
