package refresh

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

// truth remembers what the simulated cluster itself knows: when the newest archive of a guest was begun.
func truth(b *bench, vmid int) (begun int64) {
	b.cluster.Change(func(m *pvesim.Model) {
		for _, archive := range m.Archives(nfs, "pve1") {
			if archive.VMID == vmid {
				begun = max(begun, archive.Created)
			}
		}
	})
	return begun
}

// wantTrueTimes compares each guest's last success with what really happened.
func wantTrueTimes(b *bench, vmids ...int) {
	b.t.Helper()
	for _, one := range b.picture.Targets {
		if one.Storage != nfs {
			continue
		}
		begun := truth(b, one.VMID)
		if got := one.LastSuccess.Or(0) - one.Duration.Or(0); got != begun {
			b.t.Errorf("%s: began %s by its log, %s in truth", one.Guest, time.Unix(got, 0).UTC(), time.Unix(begun, 0).UTC())
		}
		vmids = vmids[1:]
	}
	if len(vmids) != 0 {
		b.t.Errorf("guests without a series: %v", vmids)
	}
}

func TestLogTimesAreTheNodesOwn(t *testing.T) {
	for _, known := range []bool{true, false} {
		t.Run(fmt.Sprintf("zone known %t", known), func(t *testing.T) {
			b := newStory(t, setting{days: 2, nodes: 3, guests: 3, build: func(m *pvesim.Model) {
				m.Node("pve1").Zone, m.Node("pve2").Zone, m.Node("pve3").Zone = zone(t, "Europe/Berlin"), zone(t, "America/New_York"), zone(t, "Asia/Kolkata")
			}})
			if !known {
				b.cluster.Faults.Add(wire.Fault{Endpoint: "/nodes/{node}/time", Status: 595})
			}
			b.slow()
			wantTrueTimes(b, 100, 101, 102)
			b.watch(utc("2026-07-17 20:00"), 4*time.Hour, b.nobodyMissing)
			wantTrueTimes(b, 100, 101, 102)
			if !known {
				return
			}
			// One in the morning is at another time on each node.
			b.wantTime("Berlin", b.target("qemu/100", nfs).LastSuccess, "2026-07-16 23:0")
			b.wantTime("New York", b.target("lxc/101", nfs).LastSuccess, "2026-07-17 05:0")
			b.wantTime("Kolkata", b.target("qemu/102", nfs).LastSuccess, "2026-07-17 19:3")
			b.wantTime("due in New York", b.target("lxc/101", nfs).Due, "2026-07-19 05:0")
			if got := b.node("pve2").Zone; got != "America/New_York" {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestTheNightsInWhichClocksChange has nightly jobs around the hour that is missing in spring, and then a job in it does not run, and comes
// twice in autumn.
func TestTheNightsInWhichClocksChange(t *testing.T) {
	for _, season := range []struct{ name, from, until string }{
		{"spring", "2026-03-27 12:00", "2026-03-31 12:00"},
		{"autumn", "2026-10-23 12:00", "2026-10-27 12:00"},
	} {
		for _, schedule := range []string{"01:45", "02:10"} {
			t.Run(season.name+" "+schedule, func(t *testing.T) {
				b := newStory(t, setting{begin: utc(season.from), days: 2, guests: 3, build: func(m *pvesim.Model) {
					m.Node("pve1").Zone = zone(t, "Europe/Berlin")
					m.Job("nightly").Schedule = schedule
					m.AddRule(pvesim.Rule{Duration: 25}) // so that a guest takes some 25 minutes
				}})
				seen := map[snapshot.Key]int64{}
				b.watch(utc(season.until), 7*time.Hour, func() {
					b.nobodyMissing()
					for _, one := range b.picture.Targets {
						if last := one.LastSuccess.Or(0); last < seen[one.Key] || last > b.clock.Now().Unix() {
							t.Errorf("%s: last success at %s", b.clock.Now(), clockTime(one.LastSuccess))
						}
						seen[one.Key] = one.LastSuccess.Or(0)
					}
				})
				wantTrueTimes(b, 100, 101, 102)
				for _, one := range b.picture.Targets {
					sum, _ := one.Archives.Get()
					if one.Storage == nfs && (one.Attempts != int64(sum.Count-2) || one.Attempts < 3 || one.Failures != 0) {
						t.Errorf("every night's archive is an attempt: %+v", one)
					}
				}
			})
		}
	}
}

// TestTheNightItself looks at the very night in which the clock changes: the logs' times are ambiguous or jump.
func TestTheNightItself(t *testing.T) {
	for _, night := range []string{"2026-03-29", "2026-10-25"} {
		for _, schedule := range []string{"01:20", "01:45", "02:10", "02:45", "03:10"} {
			t.Run(night+" "+schedule, func(t *testing.T) {
				b := newStory(t, setting{begin: utc(night + " 00:00").Add(-12 * time.Hour), days: 1, guests: 3, build: func(m *pvesim.Model) {
					m.Node("pve1").Zone = zone(t, "Europe/Berlin")
					m.Job("nightly").Schedule, m.Job("nightly").Options["prune-backups"] = schedule, "keep-last=5"
					m.AddRule(pvesim.Rule{Duration: 40})
				}})
				b.slow()
				b.clock.Set(utc(night + " 07:00"))
				b.slow()
				for _, again := range []bool{false, true} {
					if again { // as part of the history that a new exporter finds
						if err := b.start(t.TempDir()); err != nil {
							t.Fatal(err)
						}
						b.slow()
					}
					wantTrueTimes(b, 100, 101, 102)
					b.nobodyMissing()
					for _, one := range b.picture.Targets {
						if sum, _ := one.Archives.Get(); one.Storage == nfs && (one.Expected.Or(0) != sum.Count || one.Excess.Or(0) != 0) {
							t.Errorf("%d archives: %+v", sum.Count, one)
						}
					}
				}
			})
		}
	}
}
