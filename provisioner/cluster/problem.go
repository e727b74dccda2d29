package cluster

import "github.com/pve-backup-exporter/pve-backup-exporter/config"

// Problem is something in the declared file that does not fit the cluster.
type Problem struct {
	Path    []string        // keys, names and list indexes of the declared file
	At      config.Position // where the file says it
	Message string          // what is wrong, in one line
	Hint    string          // what to do about it
}

// Error gives position and message, without the hint.
func (p Problem) Error() string { return p.At.String() + ": " + p.Message }
