package figures

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// The labels of object stores, which are of no cluster, and of what lies there.
var (
	storeLabels  = []string{collector.LabelStore}
	bucketLabels = []string{collector.LabelStore, collector.LabelBucket}
	stateLabels  = []string{collector.LabelStore, collector.LabelEnvironment, collector.LabelBucket, collector.LabelKey}
)

// StoreValues lists the object stores: without one there is nothing to show.
func (f Figures) StoreValues() string {
	return values(f.any(collector.ObjectStoreUp), collector.LabelStore)
}

// ofStore selects a metric of the object store that the row is about.
func (f Figures) ofStore(metric string, further ...query.Matcher) Expr {
	return f.any(metric, append([]query.Matcher{query.Like(collector.LabelStore, "$"+VarStore)}, further...)...)
}

// StoreUp says of an object store whether it answers and is well: the rows of the table of stores.
func (f Figures) StoreUp() Expr {
	return f.ofStore(collector.ObjectStoreUp).maxBy(storeLabels...).join(LabelKey, "|", storeLabels...)
}

// StoreCertificateEnd is until when its certificate is valid.
func (f Figures) StoreCertificateEnd() Expr {
	return f.ofStore(collector.ObjectStoreTLSEnd).date().keyed(storeLabels)
}

// StoreCertificateLeft is for how long.
func (f Figures) StoreCertificateLeft() Expr {
	return f.ofStore(collector.ObjectStoreTLSEnd).minus(Expr{query.Now()}).keyed(storeLabels)
}

// StoreRead is when its states were last looked at.
func (f Figures) StoreRead() Expr {
	return f.ofStore(collector.SourceLastSuccess, query.Equal(collector.LabelSource, string(snapshot.SourceStates))).date().keyed(storeLabels)
}

// BucketUp says of each bucket whether it is there: the rows of the table of buckets.
func (f Figures) BucketUp() Expr {
	known := either(f.ofStore(collector.BucketUp).maxBy(bucketLabels...), f.ofStore(collector.BucketVersioning).maxBy(bucketLabels...).as(unknownBucket))
	return known.join(LabelKey, "|", bucketLabels...)
}

// unknownBucket is the value of a bucket of which nobody can tell whether it is there, because the exporter's key is refused.
const unknownBucket = -1

// UnknownBucket is that value, for the words that are shown for it.
func UnknownBucket() float64 { return unknownBucket }

// BucketVersioning says of each bucket whether it keeps earlier versions.
func (f Figures) BucketVersioning() Expr {
	return f.ofStore(collector.BucketVersioning).keyed(bucketLabels)
}

// BucketObjects counts the objects in each bucket.
func (f Figures) BucketObjects() Expr { return f.ofStore(collector.BucketObjects).keyed(bucketLabels) }

// BucketBytes is the size of each bucket, with earlier versions.
func (f Figures) BucketBytes() Expr { return f.ofStore(collector.BucketBytes).keyed(bucketLabels) }

// StateThere says of each Terraform state whether it is there: the rows of the table of states. Its own key is the detail, since the label key
// has the identity of the row.
func (f Figures) StateThere() Expr {
	there := f.ofStore(collector.TerraformStateLastModified).maxBy(stateLabels...).as(1)
	gone := f.ofStore(collector.TerraformStateVersions).maxBy(stateLabels...).as(0)
	return either(there, gone).join(LabelDetail, "", collector.LabelKey).join(LabelKey, "|", stateLabels...)
}

// StateChanged is when each was last changed.
func (f Figures) StateChanged() Expr {
	return f.ofStore(collector.TerraformStateLastModified).date().keyed(stateLabels)
}

// StateBytes is the size of each.
func (f Figures) StateBytes() Expr {
	return f.ofStore(collector.TerraformStateBytes).keyed(stateLabels)
}

// StateVersions counts the versions of each.
func (f Figures) StateVersions() Expr {
	return f.ofStore(collector.TerraformStateVersions).keyed(stateLabels)
}

// StateSerial is how many changes each has seen.
func (f Figures) StateSerial() Expr {
	return f.ofStore(collector.TerraformStateSerial).keyed(stateLabels)
}

// StateLocked is since when somebody has held the lock of each.
func (f Figures) StateLocked() Expr {
	return f.ofStore(collector.TerraformStateLockedSince).date().keyed(stateLabels)
}

// storeProblems are the kinds of trouble that object stores have, the worst first.
func (f Figures) storeProblems() []Problem {
	alerts := f.thresholds
	up := f.any(collector.ObjectStoreUp).maxBy(storeLabels...)
	down := up.equals(0)
	buckets := f.any(collector.BucketUp).maxBy(bucketLabels...).equals(0).unlessOn(storeLabels, down)
	detailed := func(e Expr, labels []string) Expr { return e.join(LabelDetail, "/", labels...) }
	left := f.any(collector.ObjectStoreTLSEnd).maxBy(storeLabels...).minus(Expr{query.Now()})
	long := f.lockedForLong()
	return []Problem{
		{rank: 92, Text: "object store cannot be reached", Alert: "BackupStoreDown", Severity: alerts.BackupStoreDown.Severity, rows: detailed(down, storeLabels)},
		{rank: 90, Text: "bucket cannot be reached", Alert: "BackupStoreDown", Severity: alerts.BackupStoreDown.Severity, rows: detailed(buckets, bucketLabels)},
		{
			rank: 57, Text: "bucket keeps no versions", Alert: "BackupBucketUnversioned", Severity: alerts.BackupBucketUnversioned.Severity,
			rows: detailed(f.any(collector.BucketVersioning).maxBy(bucketLabels...).equals(0), bucketLabels),
		},
		{
			rank: 55, Text: "Terraform state locked for long", Alert: "BackupStateLockStale", Severity: alerts.BackupStateLockStale.Severity,
			rows: detailed(long, stateOnly), when: detailed(f.any(collector.TerraformStateLockedSince).maxBy(stateLabels...).andOn(stateLabels, long), stateOnly),
		},
		{
			rank: 53, Text: "certificate expires soon", Alert: "BackupCertificateExpiring", Severity: alerts.BackupCertificateExpiring.Severity,
			rows: detailed(left.below(seconds(alerts.BackupCertificateExpiring.Within)).unless(down), storeLabels),
		},
		{
			rank: 47, Text: "object store not read", Alert: "BackupDataStale", Severity: alerts.BackupDataStale.Severity,
			rows: f.staleStores().join(LabelDetail, "/", collector.LabelStore, collector.LabelSource),
		},
	}
}

// stateOnly names a state in the table of what needs attention, which has a column for its environment.
var stateOnly = []string{collector.LabelStore, collector.LabelBucket, collector.LabelKey}

// lockedForLong are the states whose lock was held for too long when it was last looked at.
func (f Figures) lockedForLong() Expr {
	exporter := with(storeLabels, targetLabels...)
	looked := f.any(collector.SourceLastSuccess, query.Equal(collector.LabelSource, string(snapshot.SourceStates)), query.NotEqual(collector.LabelStore, ""))
	ahead := Expr{f.any(collector.TerraformStateLockedSince).Minus(query.On(exporter...).Left(), looked.Expr)}
	return ahead.below(-seconds(f.thresholds.BackupStateLockStale.After)).maxBy(stateLabels...)
}

// staleStores are the sources of stores that are up which were not read for too long.
func (f Figures) staleStores() Expr {
	by, ofAStore := []string{collector.LabelStore, collector.LabelSource}, query.NotEqual(collector.LabelStore, "")
	allowed := f.any(collector.SourceInterval, ofAStore).maxBy(by...).times(f.thresholds.BackupDataStale.Intervals).atLeast(seconds(f.thresholds.BackupDataStale.Cluster))
	late := f.any(collector.SourceLastSuccess, ofAStore).maxBy(by...).age().per(allowed).above(1)
	never := f.any(collector.SourceUp, ofAStore).maxBy(by...).equals(0).unless(f.any(collector.SourceLastSuccess, ofAStore).maxBy(by...))
	return either(late, never).unlessOn(storeLabels, f.any(collector.ObjectStoreUp).maxBy(storeLabels...).equals(0))
}
