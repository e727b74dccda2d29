package config

// Store is an object store, such as MinIO.
type Store struct {
	Name string `yaml:"-"`

	Kind          string     `yaml:"kind" required:"true" enum:"minio,s3" example:"minio" doc:"What it is: MinIO, or another server that speaks S3."`
	Endpoint      string     `yaml:"endpoint" required:"true" format:"store-address" example:"https://minio.home:9000" doc:"Its address."`
	AccessKeyFile SecretFile `yaml:"access_key_file" required:"true" format:"secret-file" example:"minio.access" doc:"The file that holds the access key's name, and nothing else."`
	SecretKeyFile SecretFile `yaml:"secret_key_file" required:"true" format:"secret-file" example:"minio.secret" doc:"The file that holds the access key's secret, and nothing else."`
}

// TerraformState says where an environment's Terraform state lies.
type TerraformState struct {
	Store     string `yaml:"store" required:"true" format:"name" example:"minio" doc:"One of 'stores'."`
	Bucket    string `yaml:"bucket" required:"true" format:"bucket" example:"tfstate-prod" doc:"The bucket that holds it."`
	Directory Path   `yaml:"directory" format:"path" example:"environments/prod" unset:"no backend file is written" doc:"The folder of the environment's Terraform configuration. Relative paths begin at this file's folder."`
}
