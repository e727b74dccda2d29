package refresh

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// TestACycleThatIsCutShortPublishesNothing ends the context while each call of a cycle is under way.
func TestACycleThatIsCutShortPublishesNothing(t *testing.T) {
	for _, endpoint := range []string{
		"/cluster/resources", "/cluster/status", "/access/permissions", "/cluster/tasks", "/cluster/backup", "/storage", "/nodes/{node}/time",
		"/cluster/backup/{id}/included_volumes", "/nodes/{node}/tasks", logCall, "/nodes/{node}/storage/{storage}/prunebackups",
	} {
		t.Run(endpoint, func(t *testing.T) {
			b := newStory(t, setting{days: 2, nodes: 2})
			b.slow()
			b.cluster.Change(fails(101))
			b.night()
			b.refresher.listed = map[string]bool{} // so that the nodes' own lists are read too
			before, published := picture(t, b), b.published
			ctx, cancel := context.WithCancel(t.Context())
			works := b.cluster.Faults.Add(wire.Fault{Endpoint: endpoint, Times: 1, Change: func(body []byte) []byte {
				cancel()
				return body
			}})
			b.refresher.Refresh(ctx, true)
			if ctx.Err() == nil {
				t.Fatal("the call was not made")
			}
			if after := picture(t, b); b.published != published || after != before {
				t.Errorf("published %d pictures in between: %s", b.published-published, after)
			}
			works()
			b.restart() // as after a stop: what is remembered is whole
			b.slow()
			for id, failed := range map[string]bool{"qemu/100": false, "lxc/101": true, "qemu/102": false, "lxc/103": false} {
				if one := b.target(id, nfs); one.Attempts != 1 || one.LastAttemptFailed != failed || !failed && !one.Duration.Known() {
					t.Errorf("%s: counted %d times, failed %t: %+v", id, one.Attempts, one.LastAttemptFailed, one)
				}
			}
			b.nobodyMissing()
		})
	}
}

// picture returns the newest picture as text, so that a later change to it shows.
func picture(t *testing.T, b *bench) string {
	t.Helper()
	text, err := json.Marshal(b.picture)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAPictureIsNeverChangedAfterwards(t *testing.T) {
	b := newStory(t, setting{days: 2, nodes: 2, build: local})
	b.slow()
	first, text := b.picture, picture(t, b)
	b.cluster.Change(fails(101))
	b.cluster.Change(offline("pve2", true))
	b.watch(utc("2026-07-17 12:00"), 6*time.Hour, func() {})
	b.picture = first
	if picture(t, b) != text {
		t.Error("a picture that readers may hold was changed")
	}
}

// TestRunEndsWithItsContext stops the exporter in its first cycle and in its wait for the next one.
func TestRunEndsWithItsContext(t *testing.T) {
	for _, after := range []int{0, 1} {
		b := newStory(t, setting{days: 1})
		ctx, cancel := context.WithCancel(t.Context())
		saved := 0
		b.refresher.Save = func(*state.Cluster) error { saved++; return nil }
		published := 0
		b.refresher.Publish = func(*snapshot.Cluster) {
			if published++; published > after {
				cancel()
			}
		}
		b.refresher.Run(ctx)
		if saved == 0 || ctx.Err() == nil {
			t.Errorf("after %d pictures: the memory was kept %d times", after, saved)
		}
	}
}

func TestProgressIsShownAtTheFirstStartOnly(t *testing.T) {
	b := newStory(t, setting{days: 3})
	b.refresher.Now = func() time.Time { b.clock.Advance(11 * time.Second); return b.clock.Now() } // everything takes long
	b.refresher.Refresh(t.Context(), true)
	if b.published < 3 {
		t.Errorf("%d pictures while there was much to read", b.published)
	}
	b.nobodyMissing()
	b.clock.Advance(48 * time.Hour)
	b.restart()
	archives := b.target("qemu/100", nfs).Archives
	if !archives.Known() {
		t.Fatal("the state file tells of archives")
	}
	b.refresher.Now = func() time.Time { b.clock.Advance(11 * time.Second); return b.clock.Now() }
	publish := b.refresher.Publish
	b.refresher.Publish = func(picture *snapshot.Cluster) {
		publish(picture)
		if !b.target("qemu/100", nfs).Archives.Known() {
			t.Error("a picture in between knows less than the state file")
		}
		b.nobodyMissing()
	}
	b.refresher.Refresh(t.Context(), true)
}
