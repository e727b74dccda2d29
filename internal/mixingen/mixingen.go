// Package mixingen writes the dashboards and rules of the mixin to files, and reads their settings from one.
//
// What is in them is made by the packages below mixin, which do no I/O.
package mixingen

//go:generate go run ../../cmd/pve-backup-exporter mixin generate --output-dir=../..

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/dashboards"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/rules"
)

// File is one generated file.
type File struct {
	Path    string // relative to the output directory, with slashes
	Content []byte
}

const (
	dashboardsFolder = "dashboards/"
	rulesFile        = "alerts/pve-backup.yml"
	kubernetesFile   = "kubernetes/pve-backup-rules.yml"
	ruleName         = "pve-backup-exporter"
)

// Files makes the files of one configuration: the dashboards, and the rules for Prometheus, or with kubernetes those for its operator.
func Files(cfg mixin.Config, kubernetes bool) ([]File, error) {
	boards, err := dashboards.Files(cfg)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, board := range boards {
		files = append(files, File{dashboardsFolder + board.Name, board.Content})
	}
	groups, err := rules.Groups(cfg)
	if err != nil {
		return nil, err
	}
	file := File{Path: rulesFile}
	if kubernetes {
		file.Path = kubernetesFile
		file.Content, err = rules.PrometheusRule(ruleName, groups)
	} else {
		file.Content, err = rules.YAML(groups)
	}
	return append(files, file), err
}

// Write puts the files below a directory and makes the folders that are missing. A file is replaced as a whole or not at all. The error names
// the file that could not be written and has a hint.
func Write(dir string, files []File) error {
	for _, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // dashboards and rules are for other programs to read
			return unwritable(filepath.Dir(path), err)
		}
		if err := renameio.WriteFile(path, file.Content, 0o644); err != nil {
			return unwritable(path, err)
		}
	}
	return nil
}

func unwritable(path string, err error) error {
	return ui.Hint(fmt.Errorf("%s: %w", path, reason(err)), "name a directory that you may write to with --output-dir=DIR")
}

// Load reads settings from a file; without a name it returns the defaults. The error names what is wrong and has a hint.
func Load(name string) (mixin.Config, error) {
	if name == "" {
		return mixin.Default(), nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return mixin.Config{}, ui.Hint(fmt.Errorf("%s: %w", name, reason(err)), "--config names a file with settings of dashboards and rules; without it the defaults are used")
	}
	cfg, err := mixin.Parse(text)
	if err != nil {
		return mixin.Config{}, ui.Hint(located(name, err), "docs/alerts.md lists every setting with its default")
	}
	return cfg, nil
}

// located puts the file's name before each of the errors that were joined.
func located(name string, err error) error {
	joined, several := err.(interface{ Unwrap() []error })
	if !several {
		return fmt.Errorf("%s: %w", name, err)
	}
	var all []error
	for _, one := range joined.Unwrap() {
		all = append(all, fmt.Errorf("%s: %w", name, one))
	}
	return errors.Join(all...)
}

// reason is the innermost cause: the path is said already.
func reason(err error) error {
	var wrapped *fs.PathError
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
