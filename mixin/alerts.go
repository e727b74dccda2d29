package mixin

import (
	"time"

	"github.com/prometheus/common/model"
)

// Alerts is the settings of each alert, by its name. Ratios are parts of a whole: 0.8 is 80 %.
type Alerts struct {
	BackupJobFailed             Alert      `yaml:"BackupJobFailed"`
	BackupJobMissing            Alert      `yaml:"BackupJobMissing"`
	BackupJobDisabled           Alert      `yaml:"BackupJobDisabled"`
	BackupJobNamesMissingGuests Alert      `yaml:"BackupJobNamesMissingGuests"`
	BackupGuestUncovered        Alert      `yaml:"BackupGuestUncovered"`
	BackupGuestPartlyExcluded   Alert      `yaml:"BackupGuestPartlyExcluded"`
	BackupExemptionExpired      Alert      `yaml:"BackupExemptionExpired"`
	BackupGuestLocked           Locked     `yaml:"BackupGuestLocked"`
	BackupHanging               Hanging    `yaml:"BackupHanging"`
	BackupStorageAlmostFull     Level      `yaml:"BackupStorageAlmostFull"`
	BackupStorageFull           Level      `yaml:"BackupStorageFull"`
	BackupStorageFillingUp      FillingUp  `yaml:"BackupStorageFillingUp"`
	BackupStorageDown           Alert      `yaml:"BackupStorageDown"`
	BackupRetentionExceeded     Alert      `yaml:"BackupRetentionExceeded"`
	BackupArchivesLost          Alert      `yaml:"BackupArchivesLost"`
	BackupVerificationFailed    Alert      `yaml:"BackupVerificationFailed"`
	BackupSizeAnomaly           Size       `yaml:"BackupSizeAnomaly"`
	BackupTakesTooLong          Slow       `yaml:"BackupTakesTooLong"`
	BackupRestoreDrillFailed    Alert      `yaml:"BackupRestoreDrillFailed"`
	BackupRestoreDrillMissing   Alert      `yaml:"BackupRestoreDrillMissing"`
	BackupStoreDown             Alert      `yaml:"BackupStoreDown"`
	BackupBucketUnversioned     Alert      `yaml:"BackupBucketUnversioned"`
	BackupStateLockStale        Lock       `yaml:"BackupStateLockStale"`
	BackupCertificateExpiring   Expires    `yaml:"BackupCertificateExpiring"`
	BackupPermissionMissing     Alert      `yaml:"BackupPermissionMissing"`
	BackupDataStale             Stale      `yaml:"BackupDataStale"`
	BackupLabelsOverwritten     Alert      `yaml:"BackupLabelsOverwritten"`
	BackupClockSkew             Skew       `yaml:"BackupClockSkew"`
	BackupExporterDown          Disappears `yaml:"BackupExporterDown"`
	BackupConfigDrift           Alert      `yaml:"BackupConfigDrift"`
}

// Level is an alert on how full a storage is.
type Level struct {
	Alert `yaml:",inline"`
	Above float64 `yaml:"above" min:"0" max:"1" doc:"The part of the storage that may be used."`
}

// FillingUp is the alert on the trend of a storage.
type FillingUp struct {
	Alert  `yaml:",inline"`
	Within model.Duration `yaml:"within" min:"1h" doc:"How soon the storage must be full."`
	Window model.Duration `yaml:"window" min:"2d" doc:"The lasting growth is the highest use in this time less the highest in the same time before. A saw-tooth that is shorter cancels out."`
	Recent model.Duration `yaml:"recent" min:"1d" doc:"The usual growth is the median of what each day in this time added. A single jump does not count."`
}

// Locked is the alert on locks that nothing explains.
type Locked struct {
	Alert   `yaml:",inline"`
	LongFor model.Duration `yaml:"long_for" min:"1m" doc:"How long the locks of clones, restores and migrations may last, since the exporter does not see these run."`
}

// Hanging is the alert on backups that do not end.
type Hanging struct {
	Alert  `yaml:",inline"`
	Guest  model.Duration `yaml:"guest" min:"1m" doc:"How long the backup of one guest may always run."`
	First  model.Duration `yaml:"first" min:"1m" doc:"How long it may run for a guest that has no good backup to compare with."`
	Task   model.Duration `yaml:"task" min:"1m" doc:"How long a whole task may always run or wait."`
	Factor float64        `yaml:"factor" min:"1" doc:"How many times as long as the last time is beyond reason."`
}

// History is what a backup is compared with: those before it.
type History struct {
	Window  model.Duration `yaml:"window" min:"1d" doc:"How far back earlier backups are looked at."`
	Backups int            `yaml:"backups" min:"1" doc:"How many there must be before anything is compared."`
}

// Size is the alert on the size of archives.
type Size struct {
	Alert   `yaml:",inline"`
	History `yaml:",inline"`
	Shrunk  float64 `yaml:"shrunk" min:"0" max:"1" doc:"The part of the small archives of the past (their lowest fifth) below which a new one is suspicious."`
	Grown   float64 `yaml:"grown" min:"1" doc:"How many times as large as the large archives of the past (their highest fifth) a suspicious one is."`
	Bytes   float64 `yaml:"bytes" min:"0" doc:"By how many bytes it must differ at the least."`
}

// Slow is the alert on the duration of backups.
type Slow struct {
	Alert   `yaml:",inline"`
	History `yaml:",inline"`
	Factor  float64        `yaml:"factor" min:"1" doc:"How many times as long as the long ones of the past (their highest fifth) is too long."`
	Longer  model.Duration `yaml:"longer" doc:"By how much it must be longer at the least."`
}

// Lock is the alert on Terraform states that stay locked.
type Lock struct {
	Alert `yaml:",inline"`
	After model.Duration `yaml:"after" min:"1m" doc:"How long a Terraform run may hold the lock of its state."`
}

// Expires is the alert on certificates.
type Expires struct {
	Alert  `yaml:",inline"`
	Within model.Duration `yaml:"within" min:"1h" doc:"How long before its end a certificate must have been renewed."`
}

// Stale is the alert on facts that were not read for long.
type Stale struct {
	Alert     `yaml:",inline"`
	Intervals float64        `yaml:"intervals" min:"1" doc:"How many readings of a source may be missed."`
	Cluster   model.Duration `yaml:"cluster" min:"1m" doc:"How old facts about the whole cluster, a shared storage or an object store may always become."`
	Node      model.Duration `yaml:"node" min:"1m" doc:"How old facts that one node tells may always become: this is how long a node may be off."`
}

// Skew is the alert on clocks.
type Skew struct {
	Alert `yaml:",inline"`
	Above model.Duration `yaml:"above" min:"2s" doc:"How far a node's clock may be from the exporter's, in either direction."`
}

// Disappears is the alert on an exporter that was there.
type Disappears struct {
	Alert `yaml:",inline"`
	Seen  model.Duration `yaml:"seen" min:"1h" doc:"How long after its last sign of life an exporter is missed that Prometheus still tries to scrape."`
	Gone  model.Duration `yaml:"gone" min:"1m" doc:"How long one is missed that is no target of Prometheus any more."`
}

const (
	minute = model.Duration(time.Minute)
	hour   = model.Duration(time.Hour)
	day    = 24 * hour
)

func on(severity Severity, wait model.Duration) Alert {
	return Alert{Enabled: true, Severity: severity, For: wait}
}

func defaultAlerts() Alerts {
	history := History{Window: 30 * day, Backups: 5}
	return Alerts{
		BackupJobFailed:             on(Critical, 0),
		BackupJobMissing:            on(Warning, 5*minute),
		BackupJobDisabled:           on(Warning, hour),
		BackupJobNamesMissingGuests: on(Info, hour),
		BackupGuestUncovered:        on(Warning, hour),
		BackupGuestPartlyExcluded:   on(Info, hour),
		BackupExemptionExpired:      on(Warning, 0),
		BackupGuestLocked:           Locked{on(Warning, hour), 12 * hour},
		BackupHanging:               Hanging{on(Warning, 5*minute), 6 * hour, day, day, 3},
		BackupStorageAlmostFull:     Level{on(Warning, 5*minute), 0.8},
		BackupStorageFull:           Level{on(Critical, 5*minute), 0.95},
		BackupStorageFillingUp:      FillingUp{on(Warning, hour), 4 * day, 7 * day, 3 * day},
		BackupStorageDown:           on(Critical, 5*minute),
		BackupRetentionExceeded:     on(Warning, hour),
		BackupArchivesLost:          on(Critical, 30*minute),
		BackupVerificationFailed:    on(Critical, 0),
		BackupSizeAnomaly:           Size{on(Warning, 0), history, 0.5, 2, 64 << 20},
		BackupTakesTooLong:          Slow{on(Warning, 0), history, 3, 30 * minute},
		BackupRestoreDrillFailed:    on(Critical, 0),
		BackupRestoreDrillMissing:   on(Warning, hour),
		BackupStoreDown:             on(Critical, 5*minute),
		BackupBucketUnversioned:     on(Warning, 5*minute),
		BackupStateLockStale:        Lock{on(Warning, 5*minute), 2 * hour},
		BackupCertificateExpiring:   Expires{on(Warning, hour), 14 * day},
		BackupPermissionMissing:     on(Warning, 5*minute),
		BackupDataStale:             Stale{on(Warning, 5*minute), 3, 15 * minute, 12 * hour},
		BackupLabelsOverwritten:     on(Warning, 5*minute),
		BackupClockSkew:             Skew{on(Warning, 5*minute), minute},
		BackupExporterDown:          Disappears{on(Critical, 5*minute), 30 * day, 6 * hour},
		BackupConfigDrift:           on(Info, hour),
	}
}
