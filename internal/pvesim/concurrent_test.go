package pvesim_test

import (
	"sync"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// TestManyAskWhileTimePasses proves little by itself: it is for the race detector.
func TestManyAskWhileTimePasses(t *testing.T) {
	clock := pvesim.NewClock(start())
	c := pvesim.Scale(pvesim.Options{Now: clock.Now, Seed: 1}, 3, 12)
	client, base := serve(t, c, "pve1")
	var everybody sync.WaitGroup
	for i := range 4 {
		everybody.Go(func() {
			for range 8 {
				clock.Advance(7 * time.Minute)
				for _, path := range []string{"/cluster/resources", "/cluster/tasks", "/nodes/pve2/tasks", "/nodes/pve1/storage/backup-nfs/prunebackups"} {
					get(t, client, base, path, pvesim.ExporterToken, pvesim.ExporterSecret)
				}
				c.Change(func(m *pvesim.Model) {
					m.Migrate(100+i, "pve3", "root@pam")
					m.Backup("pve3", map[string]string{"vmid": "101", "storage": "pbs-remote"}, "root@pam")
				})
			}
		})
	}
	everybody.Wait()
	if got := c.Requests.Total(); got != 4*8*4 {
		t.Errorf("%d requests were counted", got)
	}
}
