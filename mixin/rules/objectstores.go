package rules

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// The labels of alerts about object stores, which belong to no cluster.
var (
	ofStore  = []string{collector.LabelStore}
	ofBucket = []string{collector.LabelStore, collector.LabelBucket}
	ofState  = []string{collector.LabelStore, collector.LabelEnvironment, collector.LabelBucket, collector.LabelKey}
)

// objectStores is the family of where Terraform states lie.
func (b *builder) objectStores() Family {
	return Family{Name: "object-stores", Title: "Object stores and Terraform states", Alerts: []Alert{
		b.storeDown(), b.bucketUnversioned(), b.stateLockStale(), b.certificateExpiring(),
	}}
}

// ofStores aggregates what is so of object stores. It leaves out an exporter that cannot reach the store while another one can.
func (b *builder) ofStores(operator string, labels []string, e query.Expr) query.Expr {
	up := b.of(collector.ObjectStoreUp)
	outdated := up.Equals(0).And(query.On(collector.LabelStore), up.Equals(1))
	return query.By(operator, e.Unless(on(ofStore), outdated), labels...)
}

func (b *builder) storeDown() Alert {
	down := b.of(collector.ObjectStoreUp).Equals(0)
	buckets := b.of(collector.BucketUp).Equals(0).Unless(on(ofStore), down)
	return Alert{
		Name: "BackupStoreDown", Settings: b.alerts.BackupStoreDown,
		When: "an object store does not answer, cannot be trusted or says that it is not well; or a bucket is not there, or cannot be asked, of a store that is up. " +
			"A key that it refuses is BackupDataStale",
		expr:    b.ofStores("max", ofStore, down).Or(b.ofStores("max", ofBucket, buckets)),
		summary: "Terraform states cannot be reached.",
		description: "{{ if $labels.bucket }}Bucket {{ $labels.bucket }} of object store {{ $labels.store }} is not there or cannot be asked." +
			"{{ else }}Object store {{ $labels.store }} cannot be reached, or says that it is not well.{{ end }}" +
			" Terraform cannot plan or apply where the state lies there. The exporter's own page says why.",
	}
}

func (b *builder) bucketUnversioned() Alert {
	return Alert{
		Name: "BackupBucketUnversioned", Settings: b.alerts.BackupBucketUnversioned,
		When:    "a bucket that holds a Terraform state does not keep earlier versions of all its objects",
		expr:    b.ofStores("max", ofBucket, b.of(collector.BucketVersioning).Equals(0)),
		summary: "Earlier versions of a Terraform state are not kept.",
		description: "Bucket {{ $labels.bucket }} of object store {{ $labels.store }} does not keep versions: a Terraform state that is overwritten or deleted there " +
			"cannot be brought back.",
	}
}

// stateLockStale compares with when the locks were last looked at: while nobody can look, none gets older.
func (b *builder) stateLockStale() Alert {
	limits := b.alerts.BackupStateLockStale
	looked := b.of(collector.SourceLastSuccess, query.Equal(collector.LabelSource, string(snapshot.SourceStates)), query.NotEqual(collector.LabelStore, ""))
	held := looked.Minus(on(ofStore).Right(), b.of(collector.TerraformStateLockedSince))
	return Alert{
		Name: "BackupStateLockStale", Settings: limits.Alert,
		When:    "the lock of a Terraform state has been held for more than " + limits.After.String() + ", as of when it was last looked at",
		expr:    b.ofStores("max", ofState, held.Is(">", same(), query.Seconds(limits.After))),
		summary: "A Terraform state has been locked for long.",
		description: "The Terraform state of environment {{ $labels.environment }} ({{ $labels.bucket }}/{{ $labels.key }} on object store {{ $labels.store }}) has been locked for " +
			"{{ $value | humanizeDuration }}: a run still works on it, hangs, or died without releasing the lock. No other run can begin.",
	}
}

// certificateExpiring is held back once the certificate has expired and the store is down by that.
func (b *builder) certificateExpiring() Alert {
	limits := b.alerts.BackupCertificateExpiring
	left := b.of(collector.ObjectStoreTLSEnd).Minus(same(), query.Now())
	soon := left.Is("<", same(), query.Seconds(limits.Within))
	soon = b.unlessCaused(soon, b.alerts.BackupStoreDown, on(ofStore), b.of(collector.ObjectStoreUp).Equals(0).And(same(), left.Below(0)))
	return Alert{
		Name: "BackupCertificateExpiring", Settings: limits.Alert,
		When:    "the certificate of an object store expires within " + limits.Within.String() + ". Once it has, and the store cannot be reached any more, that is BackupStoreDown",
		expr:    b.ofStores("min", ofStore, soon),
		summary: "The certificate of an object store expires soon.",
		description: "The certificate of object store {{ $labels.store }} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ $value | humanizeDuration }}{{ end }}. " +
			"After that neither Terraform nor the exporter can reach the store.",
	}
}
