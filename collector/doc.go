// Package collector turns the picture of a cluster into Prometheus metrics.
//
// A refresh (collector/refresh) builds an immutable [snapshot.Cluster] and hands it to [Store.Publish], which makes every series of it at
// once. A scrape only passes those series on: it costs no call to Proxmox VE, no computation that grows with the cluster, and several
// scrapes at once are safe.
//
// Each file but a few holds one family of metrics: the names as constants, for dashboards and rules, and beside each name what it means,
// where the fact comes from and how it is read from the snapshot. [Definitions] lists them all, so that docs/metrics.md, the tests and
// the mixin cannot disagree with what is exported.
//
// # Promises
//
//   - A fact that is not known makes no series; it is never exported as zero.
//   - Whatever text a cluster contains, a scrape succeeds: label values are cleaned, and of two things that carry the same labels the
//     second is left out and logged.
//   - A cluster that is no longer configured leaves no series behind.
//
// The package does no I/O and speaks no HTTP. It does not judge either: whether a backup is good or overdue was decided in
// collector/derive.
package collector
