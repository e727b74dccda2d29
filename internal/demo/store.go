package demo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/s3sim"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// placedState is a Terraform state that the declared file places in an object store.
type placedState struct {
	Environment string `yaml:"-"`
	Store       string `yaml:"store"`
	Bucket      string `yaml:"bucket"`
	Key         string `yaml:"key"`
}

// statesIn returns the states of a part of a declared file, in its order.
func statesIn(text string) ([]placedState, error) {
	var part struct{ Environments yaml.Node }
	if err := yaml.Unmarshal([]byte(text), &part); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	var states []placedState
	for i := 0; i+1 < len(part.Environments.Content); i += 2 {
		var environment struct {
			State placedState `yaml:"terraform_state"`
		}
		if err := part.Environments.Content[i+1].Decode(&environment); err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
		if state := environment.State; state.Store != "" {
			state.Environment, state.Key = part.Environments.Content[i].Value, cmp.Or(state.Key, "terraform.tfstate")
			states = append(states, state)
		}
	}
	return states, nil
}

// neglected is the environment of the built-in scenario whose bucket keeps no versions, and whose state somebody has locked and forgotten.
const neglected = "lab"

// startStores serves the object stores that the states are in, by name.
func startStores(states []placedState, now func() time.Time, troubled bool) (map[string]*wire.Server, error) {
	stores, servers := map[string]*s3sim.Store{}, map[string]*wire.Server{}
	made := map[[2]string]bool{}
	for _, state := range states {
		store := stores[state.Store]
		if store == nil {
			store = s3sim.New(now)
			stores[state.Store] = store
		}
		trouble := troubled && state.Environment == neglected
		if bucket := [2]string{state.Store, state.Bucket}; !made[bucket] {
			made[bucket] = true
			if err := store.MakeBucket(state.Bucket, !trouble); err != nil {
				return nil, err
			}
		}
		if err := fill(store, state, now(), trouble); err != nil {
			return nil, err
		}
	}
	for name, store := range stores {
		authority, err := wire.NewAuthority(name)
		if err != nil {
			return servers, fmt.Errorf("demo: object store %s: %w", name, err)
		}
		if servers[name], err = wire.StartServer(store, "127.0.0.1:0", name, authority); err != nil {
			return servers, fmt.Errorf("demo: object store %s: %w", name, err)
		}
	}
	return servers, nil
}

// fill writes a state as if it had been changed every week, and a lock beside it if somebody forgot it.
func fill(store *s3sim.Store, state placedState, now time.Time, locked bool) error {
	const changes, week = 9, 7 * 24 * time.Hour
	for serial := 1; serial <= changes; serial++ {
		at := now.Add(-time.Duration(changes-serial)*week - 30*time.Hour)
		content := fmt.Sprintf(`{"version": 4, "terraform_version": "1.11.4", "serial": %d, "lineage": "3f9a0f6e-demo-%s", "outputs": {}, "resources": [], "check_results": null}`,
			serial, state.Environment)
		if err := store.Put(at, state.Bucket, state.Key, content); err != nil {
			return err
		}
	}
	if !locked {
		return nil
	}
	return store.Put(now.Add(-5*time.Hour), state.Bucket, state.Key+objectstore.LockSuffix, `{"ID": "6d5c0b2e-demo", "Operation": "OperationTypeApply", "Who": "somebody@laptop"}`)
}

// declareStores writes down the stores, with the files of their keys. The simulated ones accept every key.
func declareStores(servers map[string]*wire.Server, files map[string]string) string {
	if len(servers) == 0 {
		return ""
	}
	text := "stores:\n"
	for _, name := range slices.Sorted(maps.Keys(servers)) {
		server := servers[name]
		files[name+".ca.pem"] = string(server.CAPEM)
		for _, role := range []string{name, name + "-admin"} {
			files[role+".access"], files[role+".secret"] = role+"-of-the-demo\n", "not-a-secret-of-"+role+"\n"
		}
		text += fmt.Sprintf("  %[1]s:\n    kind: minio\n    endpoint: %[2]s\n    ca_file: %[1]s.ca.pem\n    access_key_file: %[1]s.access\n    secret_key_file: %[1]s.secret\n"+
			"    provisioner: {access_key_file: %[1]s-admin.access, secret_key_file: %[1]s-admin.secret}\n    refresh_interval: 15s\n    slow_refresh_interval: 5m\n", name, server.URL)
	}
	return text
}
