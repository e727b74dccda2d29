package refresh

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// byHand starts a backup of two guests as an administrator would.
func byHand(m *pvesim.Model) string {
	return m.Backup("pve1", map[string]string{"storage": "local", "vmid": "100,101", "mode": "snapshot", "remove": "0"}, "root@pam")
}

func TestAFailedTaskThatNamesNoGuestIsThoseOfItsJob(t *testing.T) {
	b := newStory(t, setting{days: 2, nodes: 2})
	b.slow()
	b.cluster.Change(storageDown(nfs, "pve1"))
	b.night()
	b.fast()
	for id, failed := range map[string]bool{"qemu/100": true, "qemu/102": true, "lxc/101": false, "lxc/103": false} { // the latter live on pve2
		one := b.target(id, nfs)
		if one.LastAttemptFailed != failed || one.Attempts != 1 || (one.FailureReason == vzdump.ReasonStorageUnavailable) != failed {
			t.Errorf("%s: %+v", id, one)
		}
	}
	b.wantSeries(map[string]float64{
		`guest_last_failure_reason{environment="unassigned",id="qemu/100",reason="storage_unavailable",storage="backup-nfs"}`: 1,
		`node_unattributed_failure{node="pve1"}`: 0,
	})
	if b.target("qemu/100", "pbs-remote").LastAttemptFailed {
		t.Error("the other storage has nothing to do with it")
	}
	b.cluster.Change(storageDown(nfs))
	b.night()
	b.fast()
	if one := b.target("qemu/100", nfs); one.LastAttemptFailed || one.Attempts != 2 || one.Failures != 1 {
		t.Errorf("the next night clears it: %+v", one)
	}
	b.wantNoSeries("guest_last_failure_reason")
}

func TestAFailedTaskOfOneGuestIsThatGuests(t *testing.T) {
	b := newStory(t, setting{days: 2})
	b.slow()
	b.clock.Advance(time.Minute)
	b.cluster.Change(func(m *pvesim.Model) {
		storageDown(nfs, "*")(m)
		m.Backup("pve1", map[string]string{"storage": nfs, "vmid": "101", "mode": "stop"}, "root@pam")
	})
	b.fast()
	if one := b.target("lxc/101", nfs); !one.LastAttemptFailed || one.FailureReason != vzdump.ReasonStorageUnavailable || one.Attempts != 1 {
		t.Errorf("the task's own id names the guest: %+v", one)
	}
	if b.target("lxc/103", nfs).LastAttemptFailed || b.node("pve1").UnattributedFailure {
		t.Error("nothing else failed")
	}
}

func TestAFailedTaskThatFitsNoJobIsTheNodes(t *testing.T) {
	b := newStory(t, setting{days: 2, nodes: 2, build: func(m *pvesim.Model) { m.Guests[101].Node = "pve1" }})
	b.slow()
	b.cluster.Change(func(m *pvesim.Model) { storageDown("local", "*")(m); byHand(m) })
	b.fast()
	b.wantSeries(map[string]float64{`node_unattributed_failure{node="pve1"}`: 1, `node_unattributed_failure{node="pve2"}`: 0})
	for _, one := range b.picture.Targets {
		if one.LastAttemptFailed || one.Failures != 0 {
			t.Errorf("nobody knows that it was %s: %+v", one.Guest, one)
		}
	}
	b.restart()
	b.slow()
	b.wantSeries(map[string]float64{`node_unattributed_failure{node="pve1"}`: 1})
	b.cluster.Change(func(m *pvesim.Model) { storageDown("local")(m); byHand(m) })
	b.clock.Advance(time.Hour)
	b.fast()
	b.wantSeries(map[string]float64{`node_unattributed_failure{node="pve1"}`: 0})
}

func TestAFailedTaskThatTwoJobsFitIsTheNodes(t *testing.T) {
	b := newStory(t, setting{days: 2, build: func(m *pvesim.Model) {
		m.Jobs = append(m.Jobs, &pvesim.Job{ID: "twin", Schedule: "01:00", Options: map[string]string{"storage": nfs, "vmid": "100,101", "mode": "stop"}})
	}})
	b.slow()
	b.cluster.Change(storageDown(nfs, "*"))
	b.night()
	b.fast()
	b.wantSeries(map[string]float64{`node_unattributed_failure{node="pve1"}`: 1})
	if one := b.target("qemu/100", nfs); one.LastAttemptFailed {
		t.Errorf("with two candidates nobody is to be blamed: %+v", one)
	}
}
