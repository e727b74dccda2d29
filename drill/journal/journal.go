// Package journal is what a drill keeps on the machine that it runs on, so that the next one can clear up after it: which restores it was about
// to ask for. It also keeps two drills from meeting.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/renameio/v2"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const (
	// version is that of the file's form.
	version  = 1
	fileName = "drill-journal.json"
)

// Journal holds the restores whose guests are not known to be gone. Hold a [Lock] while using it.
type Journal struct {
	dir     string
	content content
}

type content struct {
	Version int          `json:"version"`
	Entries []plan.Entry `json:"entries"`
}

// Load reads the journal in a folder. A missing file is no error. One that cannot be understood is: what it named could otherwise stay behind
// for ever.
func Load(dir string) (*Journal, error) {
	journal := &Journal{dir: dir, content: content{Version: version}}
	data, err := os.ReadFile(journal.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return journal, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the journal of drills: %w", err)
	}
	err = json.Unmarshal(data, &journal.content)
	if err == nil && journal.content.Version != version {
		err = fmt.Errorf("version %d, this program knows version %d", journal.content.Version, version)
	}
	if err != nil {
		return nil, ui.Hint(fmt.Errorf("journal of drills %s cannot be used: %w", journal.Path(), err),
			"look whether a guest with an id that is kept for drills is there, remove it, then remove this file")
	}
	return journal, nil
}

// Path is the path of the journal's file.
func (j *Journal) Path() string { return filepath.Join(j.dir, fileName) }

// Of lists the entries of a cluster.
func (j *Journal) Of(cluster string) []plan.Entry {
	var entries []plan.Entry
	for _, entry := range j.content.Entries {
		if entry.Cluster == cluster {
			entries = append(entries, entry)
		}
	}
	return entries
}

// Write adds an entry, or replaces that of the same run, and returns when it is on the disk.
func (j *Journal) Write(entry plan.Entry) error {
	j.drop(entry.Run)
	j.content.Entries = append(j.content.Entries, entry)
	return j.save()
}

// Remove takes the entry of a run out: its guest is gone.
func (j *Journal) Remove(run string) error {
	j.drop(run)
	return j.save()
}

func (j *Journal) drop(run string) {
	j.content.Entries = slices.DeleteFunc(j.content.Entries, func(entry plan.Entry) bool { return entry.Run == run })
}

// save writes the file so that it is whole at every moment, and survives a power cut from then on: renameio syncs the file, and the folder has
// to be synced for its name.
func (j *Journal) save() error {
	data, err := json.MarshalIndent(j.content, "", "  ")
	if err != nil {
		return fmt.Errorf("write the journal of drills: %w", err)
	}
	if err := renameio.WriteFile(j.Path(), append(data, '\n'), 0o600, renameio.WithTempDir(j.dir)); err != nil {
		return fmt.Errorf("write the journal of drills: %w", err)
	}
	folder, err := os.Open(j.dir)
	if err != nil {
		return fmt.Errorf("write the journal of drills: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}
