// Package check looks for what would keep the exporter from telling the truth about a cluster, or backups from being made, and says per
// finding what is so, why it matters, and what to do, down to the line to paste.
//
// It has three layers. What is asked of clusters, of the network and of files is gathered into facts (gather.go, probe.go, secrets.go). The
// checks, one file each, are pure: facts in, findings out. A Report prints them (text.go) or encodes them (report.go). Clusters are looked at
// side by side, and a step that fails leaves out only those that need it, and says so.
//
// All calls only read. The package judges the set-up as it is now; results of backups over time are the exporter's business, whose own
// judging (collector/derive) it asks wherever the two would otherwise have to agree by chance. Object stores have checks of their own (stores.go).
package check
