# Where Terraform keeps the state of a new environment. Copy it to backend.tf in the environment's directory, and fill in what is marked.
# `pve-backup-exporter provision` writes the same file, without comments, for each environment whose terraform_state names a directory: then there is
# nothing to copy.
terraform {
  backend "s3" {
    bucket = "tfstate-staging" # CHANGE: one bucket for each environment, with versioning switched on
    key    = "terraform.tfstate"
    region = "us-east-1" # MinIO's own; the requests are signed for it

    endpoints = { s3 = "https://minio.home:9000" } # CHANGE: the address of the S3 API, not of the console
    # custom_ca_bundle = "/etc/pve-backup-exporter/minio.ca.pem" # where the system does not trust the server's certificate

    use_path_style = true # https://minio.home:9000/tfstate-staging, not https://tfstate-staging.minio.home:9000
    use_lockfile   = true # a lock beside the state: terraform.tfstate.tflock. Terraform and OpenTofu 1.10 and newer

    # These ask AWS, and this server is not AWS.
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true

    # No secret belongs here. The access key comes from the environment:
    #   export AWS_ACCESS_KEY_ID=$(cat staging.access) AWS_SECRET_ACCESS_KEY=$(cat staging.secret)
  }
}
