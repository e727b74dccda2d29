package config

import "time"

// Cluster is one Proxmox VE cluster, or one node that stands alone.
type Cluster struct {
	Name string `yaml:"-"`

	// Endpoints, CAFile and Fingerprint are what the file says. Use Connection, which also knows what a node finds by itself.
	Endpoints   []string `yaml:"endpoints" format:"cluster-address" example:"[https://pve1:8006, https://pve2:8006]" unset:"on a Proxmox VE node: the node itself, with the certificate authority of its cluster" doc:"Addresses of the API, tried in order. The port is 8006 where none is written."`
	CAFile      Path     `yaml:"ca_file" format:"path" example:"/etc/pve/pve-root-ca.pem" unset:"the certificate authorities that the system trusts" doc:"The certificate authority that signed the nodes' certificates, as a PEM file. Found like a secret file. Excludes 'fingerprint'."`
	Fingerprint string   `yaml:"fingerprint" format:"fingerprint" unset:"the certificate is checked against 'ca_file'" doc:"SHA-256 fingerprint of the node's certificate, in quotes, instead of a certificate authority: one certificate, so for one endpoint. Excludes 'ca_file'."`

	Exporter    *Token `yaml:"exporter" unset:"the exporter cannot watch this cluster" doc:"The API token of the exporter. It needs audit rights only."`
	Provisioner *Token `yaml:"provisioner" unset:"provisioning cannot change this cluster" doc:"The API token of provisioning: another one than the exporter's, and not readable to the exporter."`

	Drill *Drill `yaml:"drill" unset:"no guest of this cluster can be drilled" doc:"Where restore drills are made, and their API token: another one than the others', and not readable to the exporter."`

	ArchiveDetails bool `yaml:"archive_details" default:"false" doc:"Whether to read sizes, verification and encryption of archives from the storages' content listing. That needs rights with which the token could also delete archives."`

	RefreshInterval     time.Duration `yaml:"refresh_interval" default:"1m" min:"10s" max:"1h" doc:"How often the exporter asks the cluster for news: a few calls, whatever the cluster's size."`
	SlowRefreshInterval time.Duration `yaml:"slow_refresh_interval" default:"15m" min:"1m" max:"1d" doc:"How often it lists all archives and asks what else changes without a task. At least 'refresh_interval'."`
	RequestTimeout      time.Duration `yaml:"request_timeout" default:"40s" min:"1s" max:"10m" doc:"How long one API call may take. Proxmox VE itself gives up on calls to another node after 30 seconds: with less than that, a slow node looks like a dead API."`
	MaxCallsPerNode     int           `yaml:"max_calls_per_node" default:"2" min:"1" max:"16" doc:"How many API calls may run at the same time per node. A node has three workers for all its users."`
}

// Token is an API token of Proxmox VE.
type Token struct {
	ID         string     `yaml:"token_id" required:"true" format:"token-id" example:"backup-exporter@pve!metrics" doc:"The token's full name: user, realm and token name."`
	SecretFile SecretFile `yaml:"token_secret_file" required:"true" format:"secret-file" example:"home.exporter" doc:"The file that holds the token's secret, and nothing else."`
}
