package cluster

import (
	"regexp"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// A job that provisioning made says so at the end of its comment: the only free text that Proxmox VE keeps with a job. Storages and guests
// have nothing of the kind.
//
//	nightly [pve-backup-exporter environment=prod]
//	nightly [pve-backup-exporter owner=team-a environment=prod]

var markerPattern = regexp.MustCompile(`(?:^|\s)\[pve-backup-exporter(?: owner=([^\s\]]+))? environment=([^\s\]]+)\]\s*$`)

// Marker is what a comment says of who made a job.
type Marker struct {
	Owner       string // empty for a file without one
	Environment string
}

// ParseMarker finds the marker at the end of a comment.
func ParseMarker(comment string) (Marker, bool) {
	parts := markerPattern.FindStringSubmatch(comment)
	if parts == nil {
		return Marker{}, false
	}
	return Marker{Owner: parts[1], Environment: parts[2]}, true
}

// String writes the marker.
func (m Marker) String() string { return config.JobMarker(m.Owner, m.Environment) }

// Mark adds the marker to a comment, which may be empty.
func (m Marker) Mark(comment string) string {
	if comment == "" {
		return m.String()
	}
	return comment + " " + m.String()
}
