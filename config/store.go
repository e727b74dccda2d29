package config

import "time"

// Store is an object store, such as MinIO.
type Store struct {
	Name string `yaml:"-"`

	Kind     string `yaml:"kind" required:"true" enum:"minio,s3" example:"minio" doc:"What it is: MinIO, or another server that speaks S3."`
	Endpoint string `yaml:"endpoint" required:"true" format:"store-address" example:"https://minio.home:9000" doc:"Its address."`
	CAFile   Path   `yaml:"ca_file" format:"path" example:"minio.ca.pem" unset:"the certificate authorities that the system trusts" doc:"The certificate authority that signed the server's certificate, as a PEM file; of a certificate that signed itself, the certificate. Found like a secret file."`
	Region   string `yaml:"region" default:"us-east-1" format:"region" doc:"The region that requests are signed for. MinIO has this one unless it was told another."`

	// AccessKey is the exporter's.
	AccessKey

	RefreshInterval     time.Duration `yaml:"refresh_interval" default:"1m" min:"10s" max:"1h" doc:"How often the exporter asks for the store's health, its buckets, and the states with their locks: a few calls for each, however large they are."`
	SlowRefreshInterval time.Duration `yaml:"slow_refresh_interval" default:"15m" min:"1m" max:"1d" doc:"How often it looks at the certificate and at how much the buckets hold. At least 'refresh_interval'."`

	Provisioner *AccessKey `yaml:"provisioner" unset:"provisioning cannot change this store" doc:"The access key of provisioning: another one than the exporter's, and not readable to the exporter."`

	Container *StoreContainer `yaml:"container" unset:"the server is somebody else's to run" doc:"The container that provisioning makes and sets the server up in."`
}

// AccessKey names the two files of an access key of S3.
type AccessKey struct {
	AccessKeyFile SecretFile `yaml:"access_key_file" required:"true" format:"secret-file" example:"minio.access" doc:"The file that holds the access key's name, and nothing else."`
	SecretKeyFile SecretFile `yaml:"secret_key_file" required:"true" format:"secret-file" example:"minio.secret" doc:"The file that holds the access key's secret, and nothing else."`
}

// Read opens both files. See [SecretFile.Read] for what is refused. The name is a secret too, as far as texts for people are concerned.
func (k AccessKey) Read() (name, secret Secret, err error) {
	if name, err = k.AccessKeyFile.Read(); err != nil {
		return Secret{}, Secret{}, err
	}
	secret, err = k.SecretKeyFile.Read()
	return name, secret, err
}

// TerraformState says where an environment's Terraform state lies.
type TerraformState struct {
	Store       string        `yaml:"store" required:"true" format:"name" example:"minio" doc:"One of 'stores'."`
	Bucket      string        `yaml:"bucket" required:"true" format:"bucket" example:"tfstate-prod" doc:"The bucket that holds it."`
	Key         string        `yaml:"key" default:"terraform.tfstate" format:"object-key" example:"network/terraform.tfstate" doc:"Its key in the bucket. Terraform's lock lies beside it, as this key and '.tflock'."`
	Directory   Path          `yaml:"directory" format:"path" example:"environments/prod" unset:"no backend file is written" doc:"The folder of the environment's Terraform configuration. Relative paths begin at this file's folder."`
	ReadSerial  bool          `yaml:"read_serial" default:"false" doc:"Whether the exporter reads the state's serial number. It lies inside the state, which holds secrets: the exporter's key needs the right to read the object, and reads its first few kilobytes."`
	Adopt       bool          `yaml:"adopt" default:"false" doc:"Whether to take over a bucket that holds something already, or an access key, that provisioning did not make and that differs from what is declared. A 'backend.tf' of somebody else is never taken over."`
	Versions    StateVersions `yaml:"versions" doc:"What provisioning keeps of earlier versions of the state. A version goes only if neither rule keeps it."`
	Credentials *AccessKey    `yaml:"credentials" unset:"provisioning makes no access key for it" doc:"The environment's own access key, limited to this bucket. Where the files do not exist, provisioning makes the key and writes them, readable to their owner alone."`
}

// LockKey is the key of the object that is there while somebody works on the state.
func (s TerraformState) LockKey() string { return s.Key + lockSuffix }

// lockSuffix is what Terraform's S3 backend adds to the state's key (use_lockfile).
const lockSuffix = ".tflock"

// StateVersions says which earlier versions of a state are kept.
type StateVersions struct {
	Keep int `yaml:"keep" default:"10" min:"1" max:"100" doc:"How many earlier versions are kept, however old they are."`
	Days int `yaml:"days" default:"90" min:"1" max:"3650" doc:"For how many days after it was replaced a version is kept, however many there are."`
}
