package provisioner

import (
	"errors"
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/local"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// secrets opens the secrets of storages, and knows which of them have changed.
type secrets struct {
	file   *config.File
	memory *local.Memory
	// assumed are those that nobody can compare, and that are taken for the ones that are in use.
	assumed []assumption
}

type assumption struct {
	key       plan.Key
	parameter string
	secret    string
	at        string
}

// open reads the declared secret of a storage's parameter.
func (s *secrets) open(key plan.Key, parameter string) (string, error) {
	for _, storage := range s.file.Storages {
		if storage.Name != key.ID || storage.Cluster != key.Scope {
			continue
		}
		for _, declared := range storage.Secrets() {
			if declared.Parameter != parameter {
				continue
			}
			secret, err := declared.Read()
			if err != nil {
				return "", fmt.Errorf("%s: %w", apply.Name(key), err)
			}
			return secret.Reveal(), nil
		}
	}
	return "", fmt.Errorf("%s on %s declares no %s", apply.Name(key), key.Scope, parameter)
}

// compare fills in what the memory knows of declared objects: which of them provisioning made, and which of their secrets have changed. All
// errors are joined.
func (s *secrets) compare(desired []plan.Desired, current []plan.Current, rotate bool) error {
	exists := make(map[plan.Key]bool, len(current))
	for _, each := range current {
		exists[each.Key] = true
	}
	var failures []error
	for i := range desired {
		wanted := &desired[i]
		wanted.Known = s.memory.Known(wanted.Key)
		for name, field := range wanted.Fields {
			if !field.Sensitive {
				continue
			}
			secret, err := s.open(wanted.Key, name)
			if err != nil {
				failures = append(failures, err)
				continue
			}
			field.SecretChanged = rotate || s.changed(wanted, exists[wanted.Key], name, secret)
			wanted.Fields[name] = field
		}
	}
	return errors.Join(failures...)
}

// changed decides about one secret. One that was never sent to a storage of our own is sent; one of somebody else's storage is taken for the one
// that is in use there, until it changes in the file.
func (s *secrets) changed(wanted *plan.Desired, exists bool, name, secret string) bool {
	switch s.memory.Compare(wanted.Key, name, secret) {
	case local.Same:
		return false
	case local.Changed:
		return true
	}
	if exists && !wanted.Known {
		s.assumed = append(s.assumed, assumption{wanted.Key, name, secret, wanted.Fields[name].At})
		return false
	}
	return true
}

// warnings tells of secrets that nobody can compare.
func (s *secrets) warnings() []plan.Warning {
	var all []plan.Warning
	for _, each := range s.assumed {
		all = append(all, plan.Warning{
			Key: each.key, At: each.at,
			Message: fmt.Sprintf("whether %s has the declared %s cannot be seen: it is taken for granted, and a later change of it in the file will be noticed",
				apply.Name(each.key), each.parameter),
			Hint: "--rotate-secrets sends it",
		})
	}
	return all
}

// settle remembers, after a plan was carried out, what was taken over: storages of the file that may be changed from now on, and secrets that
// were taken for granted.
func (s *secrets) settle(desired []plan.Desired) error {
	for _, wanted := range desired {
		if wanted.Adopt && (wanted.Kind == plan.Storage || wanted.Kind.OfStore()) {
			s.memory.SetKnown(wanted.Key, true)
		}
	}
	for _, each := range s.assumed {
		s.memory.Remember(each.key, each.parameter, each.secret)
	}
	return s.memory.Save()
}

// creating remembers a storage before it is created: if the answer is lost, the next run knows whose it is.
func (s *secrets) creating(key plan.Key) error {
	s.memory.SetKnown(key, true)
	return s.memory.Save()
}

// refused forgets it again.
func (s *secrets) refused(key plan.Key) error {
	s.memory.SetKnown(key, false)
	return s.memory.Save()
}

// written remembers the secrets that were sent.
func (s *secrets) written(key plan.Key, sent map[string]string) error {
	s.memory.SetKnown(key, true)
	for name, secret := range sent {
		s.memory.Remember(key, name, secret)
	}
	return s.memory.Save()
}
