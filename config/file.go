package config

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/encode"
	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/source"
)

// Version is the newest version of the file's form that this program reads.
const Version = 1

// Position is a place in the declared file; lines and columns count from 1. It prints as file:line:column.
type Position = source.Position

// Problem is one thing that is wrong with the declared file. The error of [Load] joins them; find them with errors.As, and their hints with
// internal/ui.Hints.
type Problem = source.Problem

// File is the declared file. It does not change after it was loaded.
type File struct {
	Version         int              `yaml:"version" required:"true" example:"1" min:"1" max:"1" doc:"The version of this file's form."`
	Clusters        []Cluster        `yaml:"clusters" names:"name" required:"true" doc:"The Proxmox VE clusters, by a name of your choice: the label 'cluster' of every metric. A single node is a cluster of one."`
	Environments    []Environment    `yaml:"environments" names:"name" unset:"every guest is in environment 'unassigned'" doc:"The environments, by name. A guest belongs to the first one in the file that matches."`
	Storages        []Storage        `yaml:"storages" names:"storage" unset:"storages are left as they are" doc:"Backup storages that provisioning creates and keeps, by their id in Proxmox VE. Storages that exist already need not be named here."`
	Exempt          []Exemption      `yaml:"exempt" doc:"Guests that are not backed up on purpose."`
	ExternalBackups []ExternalBackup `yaml:"external_backups" doc:"Guests that something other than the cluster's own backup jobs backs up, such as a cron job that calls vzdump, and how often."`
	Stores          []Store          `yaml:"stores" names:"name" doc:"Object stores that hold Terraform state, by a name of your choice."`
	Provision       Provision        `yaml:"provision" doc:"What concerns provisioning as a whole."`

	path     string
	checksum string
	places   func(path ...string) (Position, bool)
}

// Path is the file's path as it was given to [Load].
func (f *File) Path() string { return f.path }

// Checksum is the SHA-256 of the file's content in hexadecimal: a reload of an unchanged file can be left out. Secrets are not part of it.
func (f *File) Checksum() string { return f.checksum }

// Position finds where the file says something, by keys, names and list indexes: Position("environments", "prod", "backup", "schedule").
// What the file leaves out is placed at the nearest section that it has.
func (f *File) Position(path ...string) Position {
	for n := len(path); n > 0 && f.places != nil; n-- {
		if at, ok := f.places(path[:n]...); ok {
			return at
		}
	}
	return Position{File: f.path}
}

// Redacted prints the file as the program understood it, as YAML with all defaults filled in. Secrets are named by their files, as in the file
// itself: their content is never read for this.
func (f *File) Redacted() ([]byte, error) { return encode.YAML(*f) }

// Cluster finds a cluster by its name.
func (f *File) Cluster(name string) (Cluster, bool) {
	for _, cluster := range f.Clusters {
		if cluster.Name == name {
			return cluster, true
		}
	}
	return Cluster{}, false
}

// Store finds an object store by its name.
func (f *File) Store(name string) (Store, bool) {
	for _, store := range f.Stores {
		if store.Name == name {
			return store, true
		}
	}
	return Store{}, false
}
