package mixin

import (
	"time"

	"github.com/prometheus/common/model"
)

// Alerts is the settings of each alert, by its name. Ratios are parts of a whole, 0.8 is 80 %.
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
	BackupPermissionMissing     Alert      `yaml:"BackupPermissionMissing"`
	BackupDataStale             Stale      `yaml:"BackupDataStale"`
	BackupLabelsOverwritten     Alert      `yaml:"BackupLabelsOverwritten"`
	BackupClockSkew             Skew       `yaml:"BackupClockSkew"`
	BackupExporterDown          Disappears `yaml:"BackupExporterDown"`
}

// Level is an alert on how full a storage is.
type Level struct {
	Alert `yaml:",inline"`
	// Above is the part of the storage that may be used.
	Above float64 `yaml:"above"`
}

// FillingUp is the alert on the trend of a storage.
type FillingUp struct {
	Alert `yaml:",inline"`
	// Within is how soon the storage must be full.
	Within model.Duration `yaml:"within"`
	// Window is what is compared with the same time before it, for the lasting growth: a saw-tooth that is shorter cancels out.
	Window model.Duration `yaml:"window"`
	// Recent is how far back days are compared with the day before, for the usual growth: a single jump in it does not count.
	Recent model.Duration `yaml:"recent"`
}

// Locked is the alert on locks that nothing explains.
type Locked struct {
	Alert `yaml:",inline"`
	// LongFor is how long clones, restores and migrations, which the exporter does not see running, may hold a guest's lock.
	LongFor model.Duration `yaml:"long_for"`
}

// Hanging is the alert on backups that do not end.
type Hanging struct {
	Alert `yaml:",inline"`
	// Guest is how long the backup of one guest may run, if its last good one took less than that divided by Factor.
	Guest model.Duration `yaml:"guest"`
	// First is how long it may run for a guest that has no good backup to compare with.
	First model.Duration `yaml:"first"`
	// Task is how long a whole task may run or wait, if no last run of a job of the cluster took longer than that divided by Factor.
	Task model.Duration `yaml:"task"`
	// Factor is how many times as long as the last time is beyond reason.
	Factor float64 `yaml:"factor"`
}

// History is what a backup is compared with: those before it.
type History struct {
	// Window is how far back they are looked at.
	Window model.Duration `yaml:"window"`
	// Backups is how many must have followed the first one in the window before anything is compared.
	Backups int `yaml:"backups"`
}

// Size is the alert on the size of archives.
type Size struct {
	Alert   `yaml:",inline"`
	History `yaml:",inline"`
	// Shrunk is the part of the small archives of the past (their lowest fifth) below which a new one is suspicious.
	Shrunk float64 `yaml:"shrunk"`
	// Grown is how many times as large as the large archives of the past (their highest fifth) a suspicious one is.
	Grown float64 `yaml:"grown"`
	// Bytes is how much it must differ at the least.
	Bytes float64 `yaml:"bytes"`
}

// Slow is the alert on the duration of backups.
type Slow struct {
	Alert   `yaml:",inline"`
	History `yaml:",inline"`
	// Factor is how many times as long as the long ones of the past (their highest fifth) is too long.
	Factor float64 `yaml:"factor"`
	// Longer is by how much it must be longer at the least.
	Longer model.Duration `yaml:"longer"`
}

// Stale is the alert on facts that were not read for long.
type Stale struct {
	Alert `yaml:",inline"`
	// Intervals is how many readings of a source may be missed.
	Intervals float64 `yaml:"intervals"`
	// Cluster is how old a source of the whole cluster, or of a shared storage, may become at the least.
	Cluster model.Duration `yaml:"cluster"`
	// Node is how old a source of one node may become at the least: this is how long a node may be off.
	Node model.Duration `yaml:"node"`
}

// Skew is the alert on clocks.
type Skew struct {
	Alert `yaml:",inline"`
	// Above is how far a node's clock may be from the exporter's, in either direction.
	Above model.Duration `yaml:"above"`
}

// Disappears is the alert on an exporter that was there.
type Disappears struct {
	Alert `yaml:",inline"`
	// Seen is how long after its last sign of life an exporter that Prometheus still tries to scrape is missed.
	Seen model.Duration `yaml:"seen"`
	// Gone is how long one is missed that Prometheus no longer tries to scrape.
	Gone model.Duration `yaml:"gone"`
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
		BackupHanging:               Hanging{on(Warning, 0), 6 * hour, day, day, 3},
		BackupStorageAlmostFull:     Level{on(Warning, 5*minute), 0.8},
		BackupStorageFull:           Level{on(Critical, 5*minute), 0.95},
		BackupStorageFillingUp:      FillingUp{on(Warning, hour), 4 * day, 7 * day, 3 * day},
		BackupStorageDown:           on(Critical, 5*minute),
		BackupRetentionExceeded:     on(Warning, hour),
		BackupArchivesLost:          on(Critical, 30*minute),
		BackupVerificationFailed:    on(Critical, 0),
		BackupSizeAnomaly:           Size{on(Warning, 0), history, 0.5, 2, 64 << 20},
		BackupTakesTooLong:          Slow{on(Warning, 0), history, 3, 30 * minute},
		BackupPermissionMissing:     on(Warning, 5*minute),
		BackupDataStale:             Stale{on(Warning, 5*minute), 3, 15 * minute, 12 * hour},
		BackupLabelsOverwritten:     on(Warning, 5*minute),
		BackupClockSkew:             Skew{on(Warning, 5*minute), minute},
		BackupExporterDown:          Disappears{on(Critical, 5*minute), 30 * day, 6 * hour},
	}
}
