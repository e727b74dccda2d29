package collector

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// Up is the name of the metric that says whether a cluster can be read at all.
const Up = Prefix + "up"

var clusters = group[snapshot.Cluster]{
	identity: func(*snapshot.Cluster) []string { return nil },
	families: []family[snapshot.Cluster]{
		{
			name:    Up,
			meaning: "1 when the API answered and the inventory was read, else 0. One dead node or storage does not make it 0.",
			origin:  "GET /cluster/resources and /cluster/status",
			value:   func(c *snapshot.Cluster) (float64, bool) { return yesNo(c.Up) },
		},
	},
}
