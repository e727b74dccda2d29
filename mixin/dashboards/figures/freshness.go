package figures

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

const day = 24 * time.Hour

// memory is for how long an exporter that nothing is heard of any more is listed.
const memory = 7 * day

// MetricScraped is Prometheus's own metric on whether a scrape succeeded, the only one here that is not the exporter's.
const MetricScraped = "up"

// silent are the clusters that no exporter tells about any more, as the alert on exporters that are down defines it: for long while Prometheus
// still tries to scrape the one that did, for some hours where that is no target any more.
func (f Figures) silent() Expr {
	limits := f.thresholds.BackupExporterDown
	up, scraped := f.cluster(collector.Up), f.any(MetricScraped)
	down := up.stepwise("present_over_time", time.Duration(limits.Seen), time.Hour).andOn(targetLabels, scraped.equals(0))
	gone := up.overTime("present_over_time", time.Duration(limits.Gone)).unlessOn(targetLabels, scraped.equals(1))
	return either(down, gone).maxBy(clusterLabels...).unless(up.maxBy(clusterLabels...))
}

func (f Figures) unreadable() Expr {
	return f.cluster(collector.Up).maxBy(clusterLabels...).equals(0)
}

// source selects a metric of the sources of clusters, by whichever exporter read them last. Those of object stores say nothing of backups.
func (f Figures) source(metric string, further ...query.Matcher) Expr {
	return f.cluster(metric, append(further, query.Equal(collector.LabelStore, ""))...).maxBy(sourceLabels...)
}

// regular matches the sources that are read at their interval. The others are read when they are used up.
func regular() query.Matcher {
	return query.Unlike(collector.LabelSource, query.OneOf(string(snapshot.SourceSchedules), string(snapshot.SourceDefaults)))
}

// lateness is how long ago each source was read, in parts of the time after which that is too long ago.
func (f Figures) lateness() Expr {
	allowed := f.source(collector.SourceInterval, regular()).times(f.thresholds.BackupDataStale.Intervals).
		atLeast(seconds(f.thresholds.BackupDataStale.Cluster))
	return f.source(collector.SourceLastSuccess, regular()).age().per(allowed)
}

// stale are the sources that were not read for too long, and those that were never read.
func (f Figures) stale() Expr {
	never := f.source(collector.SourceUp, regular()).equals(0).unless(f.source(collector.SourceLastSuccess, regular()))
	return either(f.lateness().above(1), never)
}

// doubts are the reasons why figures may be too old.
func (f Figures) doubts() Expr { return either(f.silent(), f.unreadable(), f.stale()) }

// Stale counts the sources that were not read for too long, and the clusters that cannot be read at all.
func (f Figures) Stale() Expr {
	return either(f.doubts().count(), f.cluster(collector.Up).count().as(0))
}

// Sources says of every source whether the last reading succeeded: the rows of the table of sources.
func (f Figures) Sources() Expr {
	return f.source(collector.SourceUp).join(LabelKey, "|", sourceLabels...)
}

// SourceLate is how old what was read is, in parts of the age that is allowed: above 1 it is too old.
func (f Figures) SourceLate() Expr { return f.lateness().keyed(sourceLabels) }

// SourceRead is when a source was last read with success.
func (f Figures) SourceRead() Expr {
	return f.source(collector.SourceLastSuccess).date().keyed(sourceLabels)
}

// SourceInterval is how often a source is to be read.
func (f Figures) SourceInterval() Expr { return f.source(collector.SourceInterval).keyed(sourceLabels) }

// SourceDuration is how long the last reading took.
func (f Figures) SourceDuration() Expr { return f.source(collector.SourceDuration).keyed(sourceLabels) }

// Exporters are the targets of Prometheus that are exporters, or were lately: 1 where the last scrape succeeded.
func (f Figures) Exporters() Expr {
	known := f.any(collector.BuildInfo).overTime("last_over_time", memory).maxBy(with(targetLabels, LabelVersion)...).most(1, targetLabels...)
	return f.any(MetricScraped).maxBy(targetLabels...).taking(targetLabels, known, LabelVersion).join(LabelKey, "|", targetLabels...)
}

// ExporterLoaded says of each exporter whether the last loading of its declared file succeeded.
func (f Figures) ExporterLoaded() Expr {
	return f.any(collector.ConfigReloadSuccessful).keyed(targetLabels)
}

// ExporterLoadedAt is when each exporter last loaded its declared file.
func (f Figures) ExporterLoadedAt() Expr {
	return f.any(collector.ConfigReloadTime).date().keyed(targetLabels)
}

// Permissions are the privileges that the token lacks.
func (f Figures) Permissions() Expr {
	return f.cluster(collector.PermissionMissing).maxBy(with(clusterLabels, collector.LabelPath, collector.LabelPrivilege)...)
}

// Endpoints are the addresses of the API, 1 where the last request was answered.
func (f Figures) Endpoints() Expr {
	return f.cluster(collector.APIEndpointUp).maxBy(with(clusterLabels, collector.LabelAddress)...)
}

// Clocks is by how much each node's clock is ahead of the exporter's, or behind it if negative.
func (f Figures) Clocks() Expr { return f.cluster(collector.ClockSkew).maxBy(nodeLabels...) }

// ClockTolerance is how far a clock may be off, in seconds.
func (f Figures) ClockTolerance() float64 { return seconds(f.thresholds.BackupClockSkew.Above) }

// Requests is how many requests each cluster's API gets a second, by reply.
func (f Figures) Requests() Expr {
	rate := Expr{query.Call("rate", query.Raw(f.cluster(collector.APIRequests).String()+"[$__rate_interval]"))}
	return rate.sumBy(with(clusterLabels, collector.LabelCode)...)
}
