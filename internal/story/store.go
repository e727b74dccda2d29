package story

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/strict"
)

// ObjectStore is an object store beside the cluster. What lies in it is what the story declares: the Terraform states of environments.
type ObjectStore struct {
	Name         string        `yaml:"name"`
	Certificates []Certificate `yaml:"certificates"` // none for plain http
	Troubles     []Trouble     `yaml:"troubles"`
}

// Certificate is what the store shows from a moment on.
type Certificate struct {
	In    pvesim.Age `yaml:"in"`
	Until pvesim.Age `yaml:"until"` // since the story's beginning
}

// Trouble is something that is wrong with the store, or with a bucket or a state in it, for a time or for good.
type Trouble struct {
	In          pvesim.Age `yaml:"in"`
	For         pvesim.Age `yaml:"for"`
	Kind        string     `yaml:"kind"`
	Environment string     `yaml:"environment"` // whose state or bucket it is about; all where empty
}

// The kinds of trouble.
const (
	StoreDown       = "down"        // no connection is answered
	StoreSick       = "sick"        // it answers, and lacks drives to write
	StoreKeyRefused = "key_refused" // the exporter's key is not accepted
	BucketGone      = "bucket_gone"
	BucketSuspended = "versioning_suspended"
	StateLocked     = "locked"
	StateDeleted    = "deleted"
)

var troubles = []string{StoreDown, StoreSick, StoreKeyRefused, BucketGone, BucketSuspended, StateLocked, StateDeleted}

// At reports whether a kind of trouble is there at a time since the beginning, for an environment, and since when.
func (s *ObjectStore) At(since time.Duration, kind, environment string) (from time.Duration, is bool) {
	for _, t := range s.Troubles {
		begins, about := time.Duration(t.In), t.Environment == "" || t.Environment == environment
		if t.Kind == kind && about && begins <= since && (t.For == 0 || since < begins+time.Duration(t.For)) {
			return begins, true
		}
	}
	return 0, false
}

// CertificateAt is until when the certificate is valid that is shown at a time, both since the beginning.
func (s *ObjectStore) CertificateAt(since time.Duration) (until time.Duration, shown bool) {
	for _, c := range s.Certificates {
		if time.Duration(c.In) <= since {
			until, shown = time.Duration(c.Until), true
		}
	}
	return until, shown
}

// DeclaredStores writes the stores' section of the declared file: nobody connects to these addresses.
func (s *Story) DeclaredStores() string {
	if len(s.ObjectStores) == 0 {
		return ""
	}
	var text strings.Builder
	text.WriteString("stores:\n")
	for _, store := range s.ObjectStores {
		fmt.Fprintf(&text, "  %[1]s: {kind: minio, endpoint: https://%[1]s.invalid:9000, access_key_file: %[1]s.access, secret_key_file: %[1]s.secret}\n", store.Name)
	}
	return text.String()
}

// storeTimes lists all times that the story names of its object stores.
func (s *Story) storeTimes() (list []time.Duration) {
	for _, store := range s.ObjectStores {
		for _, t := range store.Troubles {
			list = append(list, time.Duration(t.In), time.Duration(t.In+t.For))
		}
		for _, c := range store.Certificates {
			list = append(list, time.Duration(c.In))
		}
	}
	return list
}

// storesWrongly finds what the file says of object stores and cannot mean.
func (s *Story) storesWrongly() (list []error) {
	seen := map[string]bool{}
	for i, store := range s.ObjectStores {
		at := func(err error, path ...any) {
			list = append(list, strict.At(err, append([]any{"object_stores", i}, path...)...))
		}
		if store.Name == "" || seen[store.Name] {
			at(wrong("give each a name of its own, such as minio", "object store %q: no name, or one that is stated twice", store.Name))
		}
		seen[store.Name] = true
		for k, t := range store.Troubles {
			if !slices.Contains(troubles, t.Kind) {
				hint := "there are " + strings.Join(troubles, ", ")
				if near, likely := nearest.Word(t.Kind, troubles); likely {
					hint = "did you mean " + near + "? " + hint
				}
				at(wrong(hint, "unknown trouble %q", t.Kind), "troubles", k)
			}
			if t.Environment != "" && !slices.Contains(s.environments(), t.Environment) {
				at(wrong("there are "+strings.Join(s.environments(), ", "), "unknown environment %q", t.Environment), "troubles", k)
			}
			if t.In > s.Length {
				at(wrong("make length longer, or let it happen earlier", "trouble %s at %s, and the story ends at %s", t.Kind, t.In, s.Length), "troubles", k)
			}
		}
	}
	return list
}

// PlacedState is a Terraform state that a story declares.
type PlacedState struct {
	Environment string `yaml:"-"`
	Store       string `yaml:"store"`
	Bucket      string `yaml:"bucket"`
}

// StatesIn returns the states that the story declares in an object store.
func (s *Story) StatesIn(store string) []PlacedState {
	var list []PlacedState
	var declared struct{ Environments yaml.Node }
	if s.Declared.IsZero() || s.Declared.Decode(&declared) != nil { // what is wrong with it was told when it was read
		return nil
	}
	for i := 0; i+1 < len(declared.Environments.Content); i += 2 {
		var environment struct {
			State PlacedState `yaml:"terraform_state"`
		}
		if declared.Environments.Content[i+1].Decode(&environment) == nil && environment.State.Store == store {
			environment.State.Environment = declared.Environments.Content[i].Value
			list = append(list, environment.State)
		}
	}
	return list
}
