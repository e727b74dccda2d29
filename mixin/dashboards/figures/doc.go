// Package figures writes what the dashboard shows as PromQL. There is a method of [Figures] for everything that a panel asks.
//
// All of them follow the same rules. What compares metrics of a guest compares those of one exporter, and is aggregated afterwards, so that
// two exporters of one cluster count nothing twice. A fact that is joined comes from one series only, however many there are, since PromQL
// fails over two. A count of nothing is 0 while there are guests, and nothing when there are none: an exporter that is gone shows no green zero.
// Names of metrics and labels are the collector's constants.
//
// The package does no I/O: it returns text.
package figures
