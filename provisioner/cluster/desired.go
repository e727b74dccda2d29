package cluster

import (
	"fmt"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Wish is what the declared file wants of a cluster.
type Wish struct {
	// Desired are all objects that the file declares there, whatever environments were chosen.
	Desired []plan.Desired
	// Problems must be solved before anything is sent: Proxmox VE would refuse it, or worse, take it.
	Problems []Problem
	// Warnings are what the cluster will do otherwise than one may think.
	Warnings []Problem
}

// Desired puts what the file declares for a cluster into the form that plans are made from, and checks what Proxmox VE does not check itself.
// With names of environments in only, nothing but those and the storages is complained about. Now decides which exemptions have expired.
//
// What the cluster holds already is complained about by a warning only: nothing of it would be sent.
func Desired(file *config.File, inv Inventory, now time.Time, only []string) Wish {
	w := &wisher{
		file: file, inv: inv, now: now, chosen: only,
		declared: map[string]*config.Storage{}, belongs: make(map[int]string, len(inv.Guests)),
	}
	for _, guest := range inv.Guests {
		w.belongs[guest.VMID] = file.Environment(inv.Cluster, guest.Identity())
	}
	for i := range file.Storages {
		if storage := &file.Storages[i]; storage.Cluster == inv.Cluster {
			w.declared[storage.Name] = storage
		}
	}
	for i := range file.Storages {
		if storage := &file.Storages[i]; storage.Cluster == inv.Cluster {
			w.storage(storage)
		}
	}
	environments := map[string]*config.Environment{}
	for i := range file.Environments {
		environments[file.Environments[i].Name] = &file.Environments[i]
	}
	for _, job := range file.Jobs() {
		if job.Cluster == inv.Cluster {
			w.silent = !chosen(only, job.Environment)
			w.job(environments[job.Environment], job)
		}
	}
	w.disks()
	return w.wish
}

// wisher goes through a declared file for one cluster.
type wisher struct {
	file     *config.File
	inv      Inventory
	now      time.Time
	chosen   []string
	declared map[string]*config.Storage // by id
	belongs  map[int]string             // guests' environments
	silent   bool                       // nobody asked about the environment at hand
	wish     Wish
}

// at is where the file says something, as text.
func (w *wisher) at(path ...string) string { return w.file.Position(path...).String() }

func (w *wisher) problem(path []string, hint, format string, values ...any) {
	w.complain(&w.wish.Problems, path, hint, fmt.Sprintf(format, values...))
}

func (w *wisher) warn(path []string, hint, format string, values ...any) {
	w.complain(&w.wish.Warnings, path, hint, fmt.Sprintf(format, values...))
}

func (w *wisher) complain(list *[]Problem, path []string, hint, message string) {
	if !w.silent {
		*list = append(*list, Problem{Path: path, At: w.file.Position(path...), Message: message, Hint: hint})
	}
}

// exempt reports whether a guest is not to be backed up, and on purpose. An exemption that has expired excuses nothing.
func (w *wisher) exempt(vmid int) bool {
	exemption, declared := w.file.Exemption(w.inv.Cluster, vmid)
	return declared && (exemption.Until.IsZero() || w.now.Before(exemption.Until.End(w.now.Location())))
}

// knows reports whether the cluster's version has what came with a version; all is taken for known where the version is not.
func (w *wisher) knows(since string) bool {
	want, err := pve.ParseVersion(since)
	return err != nil || w.inv.Version == (pve.Version{}) || w.inv.Version.Compare(want) >= 0
}

// below appends keys to a path without sharing its memory.
func below(path []string, keys ...string) []string {
	return append(path[:len(path):len(path)], keys...)
}
