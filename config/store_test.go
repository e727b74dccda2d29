package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

const stateOfLab = `
version: 1
clusters:
  home: {endpoints: [https://pve1], exporter: {token_id: e@pve!m, token_secret_file: s}}
environments:
  lab:
    guests: {pools: [lab]}
    terraform_state: {store: minio, bucket: tfstate-lab%s}
stores:
  minio: {kind: minio, endpoint: https://minio.home:9000, access_key_file: minio.access, secret_key_file: minio.secret}
`

func TestStatesHaveDefaults(t *testing.T) {
	want := map[string]config.TerraformState{
		"":                      {Key: "terraform.tfstate", Versions: config.StateVersions{Keep: 10, Days: 90}},
		", key: lab/net":        {Key: "lab/net", Versions: config.StateVersions{Keep: 10, Days: 90}},
		", versions: {keep: 3}": {Key: "terraform.tfstate", Versions: config.StateVersions{Keep: 3, Days: 90}},
		", versions: ~":         {Key: "terraform.tfstate", Versions: config.StateVersions{Keep: 10, Days: 90}},
		", read_serial: true":   {Key: "terraform.tfstate", ReadSerial: true, Versions: config.StateVersions{Keep: 10, Days: 90}},
	}
	for line, state := range want {
		file := load(t, strings.Replace(stateOfLab, "%s", line, 1))
		state.Store, state.Bucket = "minio", "tfstate-lab"
		if got := *file.Environments[0].TerraformState; got != state {
			t.Errorf("%q: got %+v, want %+v", line, got, state)
		}
		if got := file.Stores[0]; got.Region != "us-east-1" || got.Provisioner != nil {
			t.Errorf("store %+v", got)
		}
	}
	if got := (config.TerraformState{Key: "lab/net"}).LockKey(); got != "lab/net.tflock" {
		t.Errorf("lock %q", got)
	}
}

// Two environments may share a bucket: many have one for all their states.
func TestOneBucketMayHoldTwoStates(t *testing.T) {
	load(t, strings.Replace(stateOfLab, "%s", "}\n  prod:\n    guests: {pools: [prod]}\n    terraform_state: {store: minio, bucket: tfstate-lab, key: prod", 1))
}

func TestAccessKeysAreReadFromTheirFiles(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", folder)
	store := load(t, strings.Replace(stateOfLab, "%s", "", 1)).Stores[0]
	write(t, filepath.Join(folder, "minio.access"), "observer\n", 0o600)
	if _, _, err := store.Read(); err == nil || !strings.Contains(err.Error(), "minio.secret") {
		t.Errorf("without a secret: %v", err)
	}
	write(t, filepath.Join(folder, "minio.secret"), "hunter2hunter2\n", 0o600)
	name, secret, err := store.Read()
	if err != nil || name.Reveal() != "observer" || secret.Reveal() != "hunter2hunter2" {
		t.Errorf("%s %s %v", name.Reveal(), secret.Reveal(), err)
	}
	if err := os.Remove(filepath.Join(folder, "minio.access")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Read(); err == nil || !strings.Contains(err.Error(), "minio.access") {
		t.Errorf("without a name: %v", err)
	}
}
