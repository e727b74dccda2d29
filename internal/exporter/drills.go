package exporter

import (
	"path/filepath"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
)

// drills returns how the results of a cluster's drills are read, or nil where there are none to be had.
func drills(cluster config.Cluster, storagePath string) func() (map[string]derive.Drilled, error) {
	if cluster.Drill == nil {
		return nil
	}
	path := cluster.Drill.Results
	if path == "" && storagePath != "" {
		path = filepath.Join(storagePath, result.FileName)
	}
	if path == "" {
		return nil
	}
	return func() (map[string]derive.Drilled, error) {
		file, err := result.Load(path)
		if err != nil {
			return nil, err
		}
		drilled := make(map[string]derive.Drilled, len(file.Clusters[cluster.Name]))
		for guest, known := range file.Clusters[cluster.Name] {
			drilled[guest] = derive.Drilled{Last: drillResult(known.Last), Success: drillResult(known.Success)}
		}
		return drilled, nil
	}
}

func drillResult(drill *result.Drill) *derive.DrillResult {
	if drill == nil {
		return nil
	}
	return &derive.DrillResult{
		End: drill.End, Failed: drill.Verdict != result.Success, Proof: string(drill.Proof), Stage: string(drill.Stage), Reason: drill.Reason,
		Duration: drill.Restored(),
	}
}
