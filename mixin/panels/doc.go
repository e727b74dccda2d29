// Package panels is how the dashboards look: what a figure, a table, a graph or a timeline is like before anything is shown in it, and the
// looks of a column. It knows Grafana and nothing of backups.
//
// Everything is chosen so that Grafana 10 and all newer ones show it: the classic schema, panels of Grafana itself, transformations that have
// not changed since.
package panels
