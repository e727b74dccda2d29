// Package endtoend holds no program: its tests start the exporter's demo, a real Prometheus and a real Alertmanager, with the project's own
// rules, dashboard and examples, and look at what a person would get to read.
package endtoend
