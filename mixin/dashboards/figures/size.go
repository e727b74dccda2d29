package figures

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
)

// perEnvironment sums a metric of guests on storages.
func (e Expr) perEnvironment() Expr { return e.maxBy(pairLabels...).sumBy(environmentLabels...) }

// SizeOverTime is the size of all archives of each environment, as far as it is known.
func (f Figures) SizeOverTime() Expr { return f.guest(collector.ArchivesBytes).perEnvironment() }

// EnvironmentGuests counts the guests of each environment: the rows of the table of environments.
func (f Figures) EnvironmentGuests() Expr {
	return f.guests().countBy(environmentLabels...).join(LabelKey, "|", environmentLabels...)
}

// EnvironmentSize is the size of all archives of each environment, as far as it is known.
func (f Figures) EnvironmentSize() Expr { return f.SizeOverTime().keyed(environmentLabels) }

// EnvironmentArchives counts the archives of each environment.
func (f Figures) EnvironmentArchives() Expr {
	return f.guest(collector.Archives).perEnvironment().keyed(environmentLabels)
}

// EnvironmentSized is the part of the archives whose size is known, from 0 to 1.
func (f Figures) EnvironmentSized() Expr {
	counted := f.guest(collector.Archives).perEnvironment().above(0)
	return f.guest(collector.ArchivesSized).perEnvironment().per(counted).keyed(environmentLabels)
}

// EnvironmentLogical is the size of the archives on Proxmox Backup Servers before deduplication.
func (f Figures) EnvironmentLogical() Expr {
	return f.guest(collector.ArchivesLogicalBytes).perEnvironment().keyed(environmentLabels)
}

// EnvironmentGrowth is by how much the size grew within a span of time.
func (f Figures) EnvironmentGrowth(span time.Duration) Expr {
	before := f.guest(collector.ArchivesBytes).ago(span).perEnvironment()
	return f.SizeOverTime().minus(before).keyed(environmentLabels)
}
