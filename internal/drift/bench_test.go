package drift

import (
	"fmt"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// BenchmarkOf compares a cluster of five thousand guests, as each slow cycle does.
func BenchmarkOf(b *testing.B) {
	world := asDeclared()
	var guests []pve.IncludedGuest
	for vmid := 1000; vmid < 6000; vmid++ {
		id := fmt.Sprintf("qemu/%d", vmid)
		world.Guests = append(world.Guests, pve.GuestResource{ID: id, Type: "qemu", VMID: vmid, Name: "web", Node: "pve1", Tags: "prod", Status: "running"})
		guests = append(guests, pve.IncludedGuest{VMID: vmid, Type: "qemu", Volumes: []pve.IncludedVolume{{Key: "scsi0", Included: true}, {Key: "scsi1"}}})
	}
	world.Volumes["nightly"] = guests
	file := load(b, declared)
	for b.Loop() {
		if drift := Of(file, "home", world, nil); len(drift) != 3 || len(drift[0].Objects) != 5000 {
			b.Fatal(len(drift))
		}
	}
}
