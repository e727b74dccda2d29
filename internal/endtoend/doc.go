// Package endtoend holds no program: its test starts the demo, a real Prometheus and a real Alertmanager, with the project's own rules and
// examples, and waits for what a person would get to read.
package endtoend
