// Package pvesim is a simulated Proxmox VE cluster behind the real one's HTTP API, for the demo, tests and benchmarks.
//
// A Cluster has nodes, guests, pools, storages, jobs, tokens and a clock. Jobs run by the scheduler's rules in each node's zone, backups
// succeed or fail by rules that a test sets, archives come and are pruned, task lists rotate. The answers have the real daemon's status
// lines, types and quirks, the logs its words. What was recorded of a real node is compared with it in the package's tests.
//
// Jobs, storages, guests' settings and firewalls can be changed through the API too, by the real one's rules and with its refusals: for the privileges, the
// parameters that a version knows, what waits for a restart, locks and digests.
//
// Guests can be restored, made, started, stopped and removed through it: tasks that take simulated time, with the real one's logs, and with
// what it leaves behind when they fail or are interrupted. See [Trouble] for how to make them.
//
// It is no second implementation of Proxmox VE: it knows what a backup exporter and provisioner ask for, and nothing below the API is real.
//
//	clock := pvesim.NewClock(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
//	cluster := pvesim.Scale(pvesim.Options{Now: clock.Now, Seed: 1}, 3, 20) // thirty days of history
//	server, err := cluster.Start("pve1")                                    // HTTPS on a free port
//	...
//	defer server.Close()
//	// server.URL, server.CAPEM, pvesim.ExporterToken and pvesim.ExporterSecret are all that a client needs.
//
//	cluster.Change(func(m *pvesim.Model) {
//		m.Node("pve2").Offline = true
//		m.AddRule(pvesim.Rule{VMID: 104, Outcome: runlog.StorageFull})
//	})
//	cluster.Faults.Add(wire.Fault{Endpoint: "/cluster/tasks", Status: 503, Times: 2})
//	clock.Advance(24 * time.Hour) // the next night happens when somebody asks
//	cluster.Requests.Counts()     // what was asked
//	cluster.Requests.Writes()     // what would have changed something
package pvesim
