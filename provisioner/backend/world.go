package backend

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// textField tells whether the file is as it was written, but for its settings.
const (
	textField = "text"
	generated = "generated"
	edited    = "edited by hand"
)

// World is what is wanted and what is there of backend files.
type World struct {
	Desired  []plan.Desired
	Current  []plan.Current
	Refusals []plan.Refusal
	Warnings []plan.Warning
}

// target is a file that is declared.
type target struct {
	key         plan.Key
	environment string
	at          string
	folder      string // resolved
	settings    []Setting
}

func (t target) path() string { return filepath.Join(t.folder, fileName) }

// targets lists the declared files. With names of environments it is those.
func targets(file *config.File, environments []string) []target {
	var list []target
	for _, environment := range file.Environments {
		state := environment.TerraformState
		if state == nil || state.Directory.IsZero() || len(environments) > 0 && !slices.Contains(environments, environment.Name) {
			continue
		}
		store, found := file.Store(state.Store)
		if !found {
			continue
		}
		list = append(list, target{
			key:         plan.Key{Scope: store.Name, Kind: plan.BackendFile, ID: filepath.ToSlash(filepath.Join(state.Directory.Name(), fileName))},
			environment: environment.Name, at: state.Directory.Position().String(), folder: state.Directory.Resolve(), settings: Settings(store, *state),
		})
	}
	return list
}

// Declared reports whether the file asks for any backend file in these environments; none means all.
func Declared(file *config.File, environments []string) bool {
	return len(targets(file, environments)) > 0
}

// Look compares the declared files with what is there. It only reads.
func Look(file *config.File, environments []string) (World, error) {
	var world World
	var failures []error
	for _, each := range targets(file, environments) {
		failures = append(failures, world.look(each))
	}
	return world, errors.Join(failures...)
}

func (w *World) look(each target) error {
	info, err := os.Stat(each.folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		w.Warnings = append(w.Warnings, plan.Warning{
			Key: each.key, At: each.at, Message: fmt.Sprintf("there is no directory %s: no %s is written for environment %s", each.folder, fileName, each.environment),
			Hint: "create it if it should be here: mkdir -p " + each.folder + "; where Terraform's configuration is on another machine, run provision there",
		})
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", each.at, err)
	case !info.IsDir():
		return ui.Hint(fmt.Errorf("%s: %s is no directory", each.at, each.folder), "name the directory of environment %s's Terraform configuration", each.environment)
	}
	other, err := otherBackend(each.folder)
	if err != nil {
		return fmt.Errorf("%s: %w", each.at, err)
	}
	if other != "" {
		w.Refusals = append(w.Refusals, plan.Refusal{
			Key: each.key, At: each.at, Message: fmt.Sprintf("%s has a backend for environment %s already: Terraform takes one", other, each.environment),
			Hint: "take the backend out of that file, then run this again; or take `directory` out of the declared file, and keep it by hand",
		})
		return nil
	}
	w.Desired = append(w.Desired, desired(each))
	current, _, exists, err := inspect(each)
	if exists {
		w.Current = append(w.Current, current)
	}
	return err
}

// desired wants the file. What is the same in every such file is shown only of one that exists, where it may have been changed.
func desired(each target) plan.Desired {
	wanted := plan.Desired{
		Key: each.key, Environment: each.environment, At: each.at,
		Fields: map[string]plan.Field{textField: {Text: generated, At: each.at}},
	}
	current, _, exists, err := inspect(each)
	ours := err == nil && exists && current.Owned
	for _, setting := range each.settings {
		if ours || setting.Value != "true" {
			wanted.Fields[setting.Name] = plan.Field{Text: setting.text(), At: each.at}
		}
	}
	if ours { // whatever else stands in it goes
		for name := range current.Fields {
			wanted.Managed = append(wanted.Managed, name)
		}
	}
	return wanted
}

// inspect reads one file. The digest is of its content.
func inspect(each target) (current plan.Current, digest string, exists bool, err error) {
	current = plan.Current{Key: each.key, Environment: each.environment, Fields: map[string]string{textField: "not ours"}}
	info, err := os.Lstat(each.path())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return plan.Current{}, "", false, nil
	case err != nil:
		return plan.Current{}, "", false, fmt.Errorf("%s: %w", each.at, err)
	case !info.Mode().IsRegular():
		return current, "", true, nil // a link leads to somebody else's file
	}
	content, err := os.ReadFile(each.path())
	if err != nil {
		return plan.Current{}, "", false, fmt.Errorf("%s: %w", each.at, err)
	}
	digest = fmt.Sprintf("%x", sha256.Sum256(content))
	if !strings.HasPrefix(string(content), mark) {
		return current, digest, true, nil
	}
	settings, whole := read(each.environment, string(content))
	current.Owned = true
	current.Fields[textField] = generated
	if !whole {
		current.Fields[textField] = edited
	}
	for _, setting := range settings {
		current.Fields[setting.Name] = setting.text()
	}
	return current, digest, true, nil
}

var backendPattern = regexp.MustCompile(`(?m)^\s*(backend\s+"[^"]*"|cloud)\s*\{`)

// otherBackend finds another file of a folder that has a backend.
func otherBackend(folder string) (string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.t*f*"))
	if err != nil {
		return "", err
	}
	for _, path := range files {
		extension := filepath.Ext(path)
		if filepath.Base(path) == fileName || extension != ".tf" && extension != ".tofu" {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if backendPattern.Match(content) {
			return path, nil
		}
	}
	return "", nil
}
