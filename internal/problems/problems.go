// Package problems says in words what is wrong, from the newest pictures of clusters and object stores: for the landing page and for `once`.
//
// It is pure: snapshots and a time in, sentences out. What is wrong is decided by the same facts and bounds as the alerts, so that page and
// alerts agree. One cause gives one line: guests that fail because their storage is full are told in the storage's line, an offline node is
// one line whatever runs on it. Guests that are exempt give none.
package problems

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// Severity is how urgent a problem is.
type Severity int

// The severities, the most urgent first.
const (
	Critical Severity = iota // a backup failed or is lost, or the next ones cannot work
	Warning                  // something needs a decision or a repair, soon
	Info                     // worth to know
)

// String names the severity as alerts do.
func (s Severity) String() string {
	switch s {
	case Critical:
		return "critical"
	case Warning:
		return "warning"
	}
	return "info"
}

// Kind is what sort of problem it is, from a closed list.
type Kind string

// The kinds, the most urgent first within their severity.
const (
	ClusterDown         Kind = "cluster_down"         // the API does not answer
	ObjectStoreDown     Kind = "object_store_down"    // it does not answer, or is not well
	BucketDown          Kind = "bucket_down"          // not there, or not answering
	StorageDown         Kind = "storage_down"         // not active on a node that needs it
	StorageFull         Kind = "storage_full"         // over 95 % used
	BackupFailed        Kind = "backup_failed"        // the last attempt failed
	UnattributedFailure Kind = "unattributed_failure" // a failed task that names no guest and fits no job
	ArchivesLost        Kind = "archives_lost"        // fewer than schedule and retention should hold
	VerificationFailed  Kind = "verification_failed"  // by a Proxmox Backup Server
	DrillFailed         Kind = "drill_failed"         // a backup could not be restored for a trial

	ReloadFailed        Kind = "reload_failed"        // the declared file could not be loaded again
	PermissionMissing   Kind = "permission_missing"   // the token lacks a privilege
	SourceDown          Kind = "source_down"          // a part of the API cannot be read
	SourceStale         Kind = "source_stale"         // a part of the API was not read for too long
	NodeOffline         Kind = "node_offline"         //
	BackupMissing       Kind = "backup_missing"       // due, and not there
	GuestUncovered      Kind = "guest_uncovered"      // no job backs it up
	JobDisabled         Kind = "job_disabled"         // and leaves guests without cover
	DrillMissing        Kind = "drill_missing"        // longer than declared nobody tried a restore
	ExemptionExpired    Kind = "exemption_expired"    //
	StorageAlmostFull   Kind = "storage_almost_full"  // over 80 % used
	StateDeleted        Kind = "state_deleted"        // a Terraform state, of which earlier versions are there
	BucketUnversioned   Kind = "bucket_unversioned"   //
	StateLocked         Kind = "state_locked"         // a Terraform state, for long
	CertificateExpiring Kind = "certificate_expiring" // of an object store
	GuestLocked         Kind = "guest_locked"         // by nothing that runs
	RetentionExceeded   Kind = "retention_exceeded"   // archives stay that the rule should have removed
	ClockSkew           Kind = "clock_skew"           // of a node, by more than 5 s
	ClusterNotRead      Kind = "cluster_not_read"     // since the start
	BackupAwaited       Kind = "backup_awaited"       // never backed up, and not due yet
	JobNamesMissing     Kind = "job_names_missing"    // ids of guests that no longer exist
	GuestPartlyCovered  Kind = "guest_partly_covered"
	ConfigDrift         Kind = "config_drift"  // not as the declared file says
	EndpointDown        Kind = "endpoint_down" // one of several API addresses
)

var urgency = []Kind{
	ClusterDown, ObjectStoreDown, BucketDown, StorageDown, StorageFull, BackupFailed, UnattributedFailure, ArchivesLost, VerificationFailed, DrillFailed,
	ReloadFailed, PermissionMissing, SourceDown, SourceStale, NodeOffline, BackupMissing, GuestUncovered, JobDisabled, DrillMissing, ExemptionExpired,
	StateDeleted, StorageAlmostFull, BucketUnversioned, StateLocked, CertificateExpiring, GuestLocked, RetentionExceeded, ClockSkew,
	ClusterNotRead, BackupAwaited, JobNamesMissing, GuestPartlyCovered, ConfigDrift, EndpointDown,
}

// Problem is one thing that is wrong.
type Problem struct {
	Severity Severity
	Kind     Kind
	// Text says what is wrong, in one line without a full stop. Names in it are fit to be shown but not escaped.
	Text string
	// Hint says what to do next; it may be empty.
	Hint string
	// Details has one line per guest, where the problem is about several.
	Details []string
	Subject
}

// Subject is what a problem is about, by the names of the metrics' labels; parts that do not apply are empty.
type Subject struct{ Cluster, Node, Storage, Job, Guest, Store string }

// List returns the problems of all clusters and object stores as they are known now, the most urgent first.
func List(clusters []*snapshot.Cluster, now time.Time, stores ...*snapshot.ObjectStore) []Problem {
	var all []Problem
	for _, cluster := range clusters {
		all = append(all, examine(cluster, now.Unix())...)
	}
	for _, store := range stores {
		all = append(all, examineStore(store, now.Unix())...)
	}
	slices.SortStableFunc(all, compare)
	return all
}

// Merge puts a further problem into its place in a list.
func Merge(list []Problem, more Problem) []Problem {
	at, _ := slices.BinarySearchFunc(list, more, compare)
	return slices.Insert(list, at, more)
}

// Reload describes a declared file that could not be loaded at the given time, by the first lines of what is wrong with it: each names file,
// line and fault.
func Reload(err error, at, now time.Time) Problem {
	return Problem{
		Severity: Warning, Kind: ReloadFailed,
		Text: "The declared file could not be loaded " + words.When(at.Unix(), now.Unix()) + ", and the older one stays in effect: " + words.List(faults(err), few),
		Hint: "`pve-backup-exporter check` tells all that is wrong with it; once it is mended, reload again (SIGHUP or POST /-/reload)",
	}
}

// faults returns the first line of each error that was joined.
func faults(err error) []string {
	var joined interface {
		error
		Unwrap() []error
	}
	if !errors.As(err, &joined) || joined.Error() != err.Error() { // one that wraps joined errors says more than they do
		first, _, _ := strings.Cut(err.Error(), "\n")
		return []string{words.Line(first)}
	}
	var all []string
	for _, each := range joined.Unwrap() {
		all = append(all, faults(each)...)
	}
	return all
}

func compare(a, b Problem) int {
	return cmp.Or(
		cmp.Compare(a.Severity, b.Severity),
		cmp.Compare(slices.Index(urgency, a.Kind), slices.Index(urgency, b.Kind)),
		cmp.Compare(a.Cluster, b.Cluster),
		cmp.Compare(a.Store, b.Store),
		cmp.Compare(a.Storage, b.Storage),
		cmp.Compare(a.Node, b.Node),
		cmp.Compare(a.Job, b.Job),
	)
}

// examination is the look at one cluster.
type examination struct {
	*snapshot.Cluster
	now     int64
	guests  map[string]*snapshot.Guest
	offline map[string]bool // nodes
	found   []Problem
	full    map[string]int  // storages that are full, as indexes into found
	down    map[string]int  // storages that are down where they are needed
	told    map[string]bool // guests whose lock or unusable storage is told as the cause of a failed backup
}

func examine(c *snapshot.Cluster, now int64) []Problem {
	x := &examination{
		Cluster: c, now: now,
		guests: make(map[string]*snapshot.Guest, len(c.Guests)), offline: map[string]bool{},
		full: map[string]int{}, down: map[string]int{}, told: map[string]bool{},
	}
	for i := range c.Guests {
		x.guests[c.Guests[i].ID] = &c.Guests[i]
	}
	for _, node := range c.Nodes {
		x.offline[node.Name] = !node.Online
	}
	x.cluster()
	x.permissions()
	x.nodes()
	x.clocks()
	x.storages() // before what refers to full storages and to storages that are down
	x.sources()
	x.endpoints()
	x.targets() // before the guests: a lock may be told as the cause of a failure
	x.guestsThemselves()
	x.jobs()
	x.drills()
	x.drift()
	return x.found
}

// add notes a problem and returns where it is.
func (x *examination) add(p Problem) int {
	p.Cluster = x.Name
	p.Text, p.Hint = words.Line(p.Text), words.Line(p.Hint)
	x.found = append(x.found, p)
	return len(x.found) - 1
}

// append adds to what a problem says: consequences belong to their cause.
func (x *examination) append(at int, more string, details []string) {
	p := &x.found[at]
	p.Text = words.Line(p.Text + more)
	p.Details = append(p.Details, details...)
}
