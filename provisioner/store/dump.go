package store

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// Found is a bucket that a dump came upon.
type Found struct {
	Name     string
	Bucket   Bucket
	Keys     []string // what looks like states in it
	Complete bool     // these are all
}

// The form of what is dumped.
type (
	dumpedFile struct {
		Environments map[string]dumpedEnvironment `yaml:"environments"`
	}
	dumpedEnvironment struct {
		State dumpedState `yaml:"terraform_state"`
	}
	dumpedState struct {
		Store    string                `yaml:"store"`
		Bucket   string                `yaml:"bucket"`
		Key      string                `yaml:"key,omitempty"`
		Adopt    bool                  `yaml:"adopt"`
		Versions *config.StateVersions `yaml:"versions,omitempty"`
	}
)

const (
	defaultKey  = "terraform.tfstate"
	defaultKeep = 10
	defaultDays = 90
)

// Dump writes the states in the buckets of a store as sections of the declared file's environments: those of the file where it declares them, else named
// after their buckets. What provisioning would change of a bucket is told in a comment. It is pure.
func Dump(file *config.File, store string, found []Found) ([]byte, error) {
	dumped := dumpedFile{Environments: map[string]dumpedEnvironment{}}
	remarks := map[string][]string{}
	head := []string{
		fmt.Sprintf("The Terraform states in object store %s. Put each terraform_state into its environment of the declared file.", words.Name(store)),
		"Every bucket is adopted. Access keys cannot be told: with `credentials` each environment gets one of its own.",
	}
	slices.SortFunc(found, func(a, b Found) int { return cmp.Compare(a.Name, b.Name) })
	for _, each := range found {
		if len(each.Keys) == 0 {
			head = append(head, fmt.Sprintf("Bucket %s holds no state.", words.Name(each.Name)))
		}
		if !each.Complete {
			head = append(head, fmt.Sprintf("Bucket %s holds more than was listed: there may be further states in it.", words.Name(each.Name)))
		}
		slices.Sort(each.Keys)
		for _, key := range each.Keys {
			name := nameFor(file, store, each.Name, key, dumped.Environments)
			state, changes := each.state(store, key)
			dumped.Environments[name], remarks[name] = dumpedEnvironment{state}, changes
		}
	}
	return write(dumped, remarks, head)
}

// state describes one state, and says what provisioning would change for it.
func (f Found) state(store, key string) (dumpedState, []string) {
	state := dumpedState{Store: store, Bucket: f.Name, Key: key, Adopt: true}
	if key == defaultKey {
		state.Key = ""
	}
	var changes []string
	if f.Bucket.Versioning != objectstore.VersioningEnabled {
		changes = append(changes, fmt.Sprintf("versioning is %s: provisioning would switch it on", f.Bucket.Versioning))
	}
	versions, kept := kept(f.Bucket.Rules, key)
	switch {
	case f.Bucket.NoRules:
	case !kept:
		changes = append(changes, "no rule removes its earlier versions: provisioning would add one")
	case versions != config.StateVersions{Keep: defaultKeep, Days: defaultDays}:
		state.Versions = &versions
	}
	return state, changes
}

// kept finds the rule by which earlier versions of a state go, where the declared file can say it.
func kept(rules []objectstore.LifecycleRule, key string) (config.StateVersions, bool) {
	for i := range rules {
		versions := config.StateVersions{Keep: rules[i].NewerNoncurrentVersions, Days: rules[i].NoncurrentDays}
		said := objectstore.LifecycleRule{Enabled: true, Prefix: key, NoncurrentDays: versions.Days, NewerNoncurrentVersions: versions.Keep}
		if versions.Keep > 0 && versions.Days > 0 && rules[i].Same(&said) {
			return versions, true
		}
	}
	return config.StateVersions{}, false
}

var notForNames = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// nameFor names the environment of a state.
func nameFor(file *config.File, store, bucket, key string, taken map[string]dumpedEnvironment) string {
	for _, each := range statesOf(file, store) {
		if each.Bucket == bucket && each.Key == key {
			return each.environment
		}
	}
	base := strings.TrimPrefix(bucket, "tfstate-")
	if key != defaultKey {
		base += "-" + strings.TrimSuffix(key, "/"+defaultKey)
	}
	base = notForNames.ReplaceAllString(base, "-")
	name := base
	for n := 2; ; n++ {
		if _, is := taken[name]; !is {
			return name
		}
		name = fmt.Sprintf("%s-%d", base, n)
	}
}

func write(dumped dumpedFile, remarks map[string][]string, head []string) ([]byte, error) {
	var document yaml.Node
	if err := document.Encode(dumped); err != nil {
		return nil, err
	}
	document.HeadComment = strings.Join(head, "\n")
	environments := document.Content[1]
	for i := 0; i+1 < len(environments.Content); i += 2 {
		environments.Content[i].HeadComment = strings.Join(remarks[environments.Content[i].Value], "\n")
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}
