package collector

import (
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// What is not known, or does not apply, has no series. In each case the listed metrics must be absent, and the others must be there, so
// that the case is not true for another reason.
func TestUnknownIsAbsent(t *testing.T) {
	var nothing snapshot.Cluster
	tests := []struct {
		name     string
		snapshot snapshot.Cluster
		absent   []string
		present  []string
	}{
		{
			name:     "a cluster that never answered",
			snapshot: snapshot.Cluster{Sources: []snapshot.Source{{Kind: snapshot.SourceJobs}}},
			absent:   []string{SourceLastSuccess, SourceDuration, SourceInterval, GuestInfo, JobInfo},
			present:  []string{Up, SourceUp},
		},
		{
			name:     "jobs unreadable",
			snapshot: snapshot.Cluster{Guests: []snapshot.Guest{{ID: "qemu/100", Uncovered: snapshot.UncoveredNoJob}}},
			absent:   []string{GuestCovered, GuestUncovered, GuestExempt, GuestExemptUntil, GuestLock, GuestExcludedDisks, GuestBindMounts, GuestRunningSince},
			present:  []string{GuestInfo, GuestRunning},
		},
		{
			name: "uncovered on purpose",
			snapshot: snapshot.Cluster{Guests: []snapshot.Guest{
				{ID: "qemu/100", Covered: optional.Some(false), Uncovered: snapshot.UncoveredNoJob, Exempt: true, Note: "scratch"},
			}},
			absent:  []string{GuestUncovered},
			present: []string{GuestCovered, GuestExempt},
		},
		{
			name: "covered again",
			snapshot: snapshot.Cluster{Guests: []snapshot.Guest{
				{ID: "qemu/100", Covered: optional.Some(true), Uncovered: snapshot.UncoveredNoJob},
			}},
			absent:  []string{GuestUncovered},
			present: []string{GuestCovered},
		},
		{
			name: "a backup that no longer runs",
			snapshot: snapshot.Cluster{Guests: []snapshot.Guest{
				{ID: "qemu/100", RunningSince: at(0), RunningProgress: optional.Some(0.5)},
			}},
			absent:  []string{GuestRunningSince, GuestRunningProgress},
			present: []string{GuestRunning},
		},
		{
			name:     "a guest that was never backed up",
			snapshot: oneTarget(snapshot.Target{LastAttemptFailed: true}),
			absent: []string{
				TargetLastSuccess, TargetLastAttempt, TargetLastAttemptFailed, TargetLastFailureReason, TargetDue, TargetObserved, TargetLastDuration,
				TargetLastArchiveBytes, TargetLastTransferred, TargetLastDowntime, ArchivesExpected, ArchivesExcess,
			},
			present: []string{TargetAttempts, TargetFailures},
		},
		{
			name:     "a success after a failure",
			snapshot: oneTarget(snapshot.Target{LastAttempt: at(0), FailureReason: "storage_full"}),
			absent:   []string{TargetLastFailureReason},
			present:  []string{TargetLastAttemptFailed},
		},
		{
			name:     "a storage that was not listed",
			snapshot: oneTarget(snapshot.Target{LastSuccess: at(0)}),
			absent:   []string{Archives, ArchivesBytes, ArchivesSized, ArchivesProtected, ArchiveOldest, ArchiveNewest, ArchivesEncrypted},
			present:  []string{TargetLastSuccess},
		},
		{
			name:     "a listing that found nothing",
			snapshot: oneTarget(snapshot.Target{Archives: optional.Some(snapshot.Archives{})}),
			absent:   []string{ArchiveOldest, ArchiveNewest, ArchivesEncrypted, ArchivesVerified, ArchivesVerifyFailed, ArchivesLogicalBytes},
			present:  []string{Archives, ArchivesBytes, ArchivesSized, ArchivesProtected},
		},
		{
			name:     "archives of unknown size",
			snapshot: oneTarget(snapshot.Target{Archives: optional.Some(snapshot.Archives{Count: 3, Oldest: at(0), Newest: at(9)})}),
			absent:   []string{ArchivesBytes},
			present:  []string{Archives, ArchivesSized, ArchiveOldest, ArchiveNewest},
		},
		{
			name: "details without a logical size",
			snapshot: oneTarget(snapshot.Target{
				Archives: optional.Some(snapshot.Archives{Count: 1, Details: optional.Some(snapshot.ArchiveDetails{})}),
			}),
			absent:  []string{ArchivesLogicalBytes},
			present: []string{ArchivesEncrypted, ArchivesVerified, ArchivesVerifyFailed},
		},
		{
			name:     "a job that never ran and never will",
			snapshot: snapshot.Cluster{Jobs: []snapshot.Job{{ID: "backup-1"}}},
			absent:   []string{JobNextRun, JobLastRun, JobLastRunFailed, JobLastRunDuration, JobRetention},
			present:  []string{JobInfo, JobEnabled, JobGuests, JobExclusiveGuests, JobMissingGuests},
		},
		{
			name:     "a node that is down",
			snapshot: snapshot.Cluster{Nodes: []snapshot.Node{{Name: "pve2"}}},
			absent:   []string{ClockSkew, NodeTaskRunningSince},
			present:  []string{NodeUnattributedFailure},
		},
		{
			name: "an inactive storage",
			snapshot: snapshot.Cluster{Storages: []snapshot.Storage{
				{ID: "backup-nfs", Nodes: []snapshot.StorageNode{{Node: "pve1"}}},
			}},
			absent:  []string{StorageSize, StorageUsed, StorageAvailable, StorageContentVisible, StorageOrphanedArchives, StorageOrphanedBytes},
			present: []string{StorageInfo, StorageUp, StorageNeeded},
		},
		{
			name:     "an address that was not tried",
			snapshot: snapshot.Cluster{Endpoints: []snapshot.Endpoint{{Address: "https://pve3:8006"}}},
			absent:   []string{APIEndpointUp},
			present:  []string{Up},
		},
		{name: "a file that describes nothing to compare", snapshot: nothing, absent: []string{Drift}, present: []string{Up}},
		{
			name:     "a cluster that is as declared",
			snapshot: snapshot.Cluster{Drift: []snapshot.Drift{{Kind: snapshot.DriftJob}}},
			present:  []string{Drift},
		},
		{name: "no permission missing", snapshot: nothing, absent: []string{PermissionMissing}, present: []string{Up}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := NewStore(silent())
			store.Publish(&test.snapshot)
			var shown []string
			for _, each := range series(t, store) {
				name, _, _ := strings.Cut(each, "{")
				shown = append(shown, name)
			}
			for _, name := range test.absent {
				if slices.Contains(shown, name) {
					t.Errorf("%s is there", name)
				}
			}
			for _, name := range test.present {
				if !slices.Contains(shown, name) {
					t.Errorf("%s is missing", name)
				}
			}
		})
	}
}

func oneTarget(target snapshot.Target) snapshot.Cluster {
	target.Key = snapshot.Key{Guest: "qemu/100", Storage: "backup-nfs"}
	return snapshot.Cluster{Targets: []snapshot.Target{target}}
}

// A failure whose cause was not found still has a reason, so that counting by reason counts every failure.
func TestFailureWithoutCause(t *testing.T) {
	c := oneTarget(snapshot.Target{LastAttempt: at(0), LastAttemptFailed: true})
	store := NewStore(silent())
	store.Publish(&c)
	want := TargetLastFailureReason + `{cluster="",environment="",id="qemu/100",reason="unknown",storage="backup-nfs"}`
	if !slices.Contains(series(t, store), want) {
		t.Errorf("%s is missing in %v", want, series(t, store))
	}
}
