// Package rules makes the alerting rules of the exporter's metrics: one file for each family of alerts.
//
// Every expression follows the same plan. It compares series of one exporter with each other, since two exporters of a cluster may have read
// it at different moments; then it aggregates to the labels cluster, environment, id and storage, as far as they apply, so that a second
// exporter, a migration or a rename changes nothing about an alert. What is missing is told by when a thing was due and as of when it was
// looked at, never by the time of the evaluation: while nobody can look, nothing is missing, and one alert says that nobody can.
//
// The package knows what the metrics mean. It evaluates nothing, and writes no files: internal/mixingen does.
package rules
