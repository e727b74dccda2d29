// Package expressions holds no program: its tests read every expression of the rules and of the dashboards with Prometheus' own parser and
// find each metric and each label in what the exporter serves. In PromQL a metric that does not exist is no error: the alert would never
// fire and the panel stay empty.
package expressions
