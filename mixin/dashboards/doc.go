// Package dashboards makes the Grafana dashboard backup-overview: what it shows and where. [Overview] is its table of contents; what its figures
// mean is in mixin/dashboards/figures, how they look in mixin/panels.
//
// It makes text and writes no file.
package dashboards
