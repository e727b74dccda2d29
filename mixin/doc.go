// Package mixin holds the settings of the dashboards and the alerting rules that belong to the exporter's metrics.
//
// The dashboards are made by mixin/dashboards, the rules by mixin/rules; both take a [Config] and return text. What they write in queries comes
// from the constants of the collector, by way of mixin/query. None of these packages does I/O or reads a clock: internal/mixingen writes the files.
package mixin
