package pvesim_test

import (
	"fmt"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// A cluster is built, broken and moved through time; its API is what the tests of a client talk to.
func Example() {
	clock := pvesim.NewClock(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	cluster := pvesim.Scale(pvesim.Options{Now: clock.Now, Seed: 1}, 3, 20)
	server, err := cluster.Start("pve1")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	// A client needs server.URL, server.CAPEM, pvesim.ExporterToken and pvesim.ExporterSecret.

	cluster.Change(func(m *pvesim.Model) {
		m.AddRule(pvesim.Rule{VMID: 103, Outcome: runlog.StorageFull})
	})
	cluster.Faults.Add(wire.Fault{Endpoint: "/cluster/tasks", Status: 503, Times: 2})
	clock.Advance(24 * time.Hour)

	cluster.Change(func(m *pvesim.Model) {
		fmt.Println(m.TaskStatus(m.Tasks("pve1", "vzdump")[0]))
	})
	fmt.Println(cluster.Requests.Total(), "requests")
	// Output:
	// job errors
	// 0 requests
}
