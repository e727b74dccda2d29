package config

// Storage is a backup storage that provisioning creates and keeps. Its Name is its id in Proxmox VE. A nil pointer, an empty text or list means
// that the file does not say it. Which keys a storage can have depends on its type.
type Storage struct {
	Name string `yaml:"-"`

	Cluster string `yaml:"cluster" format:"name" unset:"the only cluster of the file" doc:"The cluster that it is defined in. Needed where the file has several."`
	Type    string `yaml:"type" required:"true" enum:"dir,nfs,cifs,pbs" example:"nfs" doc:"The kind of storage: a folder of the nodes, an NFS or CIFS share, or a Proxmox Backup Server. It cannot be changed once the storage is there."`

	Enabled             bool       `yaml:"enabled" default:"true" doc:"Whether the storage is in use."`
	Adopt               bool       `yaml:"adopt" default:"false" doc:"Whether to take over a storage of this id that exists already and differs from what is declared."`
	Content             []string   `yaml:"content" enum:"backup,images,import,iso,none,rootdir,snippets,vztmpl" example:"[backup]" unset:"'backup', and whatever else it holds already" doc:"What it may hold: 'backup' must be among it, and is all that a Proxmox Backup Server holds."`
	Nodes               []string   `yaml:"nodes" format:"node" example:"[pve1, pve2]" unset:"every node" doc:"The nodes that may use it."`
	Retention           *Retention `yaml:"retention" unset:"the nodes' own default" doc:"Which archives are kept where a job has no rule of its own."`
	MaxProtectedBackups *int       `yaml:"max-protected-backups" min:"-1" max:"1000000" example:"5" unset:"unlimited for those who may change the storage, 5 for others" doc:"How many protected archives each guest may have there. -1 means unlimited. From Proxmox VE 7.2 on."`

	Path           string `yaml:"path" of:"dir" required:"dir" format:"absolute-path" example:"/mnt/backup" doc:"The folder on the nodes."`
	IsMountpoint   string `yaml:"is_mountpoint" of:"dir" format:"mountpoint" example:"\"yes\"" unset:"'no'" doc:"Whether something else mounts the folder: 'yes', or the path of the mount above it. Without the mount the storage is then offline, where it would fill the node's own disk."`
	CreateBasePath *bool  `yaml:"create-base-path" of:"dir" unset:"yes" doc:"Whether the folder is made where it is missing."`
	Shared         *bool  `yaml:"shared" of:"dir" unset:"no" doc:"Whether every node sees the same files there, by a mount that Proxmox VE does not manage."`

	Server        string     `yaml:"server" of:"nfs,cifs,pbs" required:"nfs,cifs,pbs" format:"host" example:"192.0.2.20" doc:"The server."`
	Export        string     `yaml:"export" of:"nfs" required:"nfs" format:"absolute-path" example:"/backup" doc:"The exported path."`
	Options       string     `yaml:"options" of:"nfs,cifs" format:"mount-options" example:"vers=4.2,soft" unset:"those of the system" doc:"Mount options."`
	Share         string     `yaml:"share" of:"cifs" required:"cifs" format:"share" example:"backup" doc:"The name of the share."`
	Subdir        string     `yaml:"subdir" of:"cifs" format:"absolute-path" example:"/proxmox" unset:"the share itself" doc:"A folder of the share, from its root on."`
	Domain        string     `yaml:"domain" of:"cifs" format:"text-256" example:"WORKGROUP" doc:"The user's domain."`
	SMBVersion    string     `yaml:"smbversion" of:"cifs" enum:"default,2.0,2.1,3,3.0,3.11" unset:"the highest that both sides know" doc:"The version of the protocol, in quotes."`
	Port          int        `yaml:"port" of:"pbs" min:"1" max:"65535" example:"8007" unset:"8007" doc:"The server's port."`
	Datastore     string     `yaml:"datastore" of:"pbs" required:"pbs" format:"datastore" example:"backups" doc:"The datastore of the server."`
	Namespace     string     `yaml:"namespace" of:"pbs" format:"namespace" example:"site-a" unset:"the root of the datastore" doc:"A namespace of the datastore."`
	Fingerprint   string     `yaml:"fingerprint" of:"pbs" format:"pbs-fingerprint" unset:"the certificate is checked against the authorities that the nodes trust" doc:"SHA-256 fingerprint of the server's certificate, in quotes."`
	Username      string     `yaml:"username" of:"cifs,pbs" required:"pbs" format:"text-256" example:"backup@pbs" unset:"CIFS: a guest of the server" doc:"Who connects. For a Proxmox Backup Server a user with realm, 'backup@pbs', or a token, 'backup@pbs!pve'."`
	PasswordFile  SecretFile `yaml:"password_file" of:"cifs,pbs" format:"secret-file" example:"pbs-remote.password" unset:"the storage keeps the one it has" doc:"The file that holds the password, or the token's secret, and nothing else."`
	EncryptionKey SecretFile `yaml:"encryption_key_file" of:"pbs" format:"secret-file" example:"pbs-remote.key" unset:"the storage keeps the key it has, or has none" doc:"The file that holds the key that archives are encrypted with, as proxmox-backup-client makes it. Keep a copy elsewhere: without the key no archive can be restored."`
}
