package vzdump

import (
	"fmt"
	"testing"
	"time"
)

// What Proxmox VE marks as renamed has no standard name, and a standard name states the same guest and time as its listing.
func TestVolumesAsRecorded(t *testing.T) {
	for request, archives := range recordedPrunes(t) {
		for _, archive := range archives {
			volume, err := ParseVolumeID(archive.VolumeID)
			if err != nil {
				t.Errorf("%s: %v", request, err)
				continue
			}
			if volume.Standard != (archive.Mark != "renamed") {
				t.Errorf("%s: %s: got standard %v, marked %s", request, archive.VolumeID, volume.Standard, archive.Mark)
			}
			if got, want := fmt.Sprint(volume.VMID), fmt.Sprint(archive.VMID); got != want {
				t.Errorf("%s: %s: got guest %s, want %s", request, archive.VolumeID, got, want)
			}
			if !volume.Standard {
				continue
			}
			if got := volume.Time.At(time.UTC).Unix(); got != archive.Created || volume.GuestType != archive.Type {
				t.Errorf("%s: %s: got %s at %d, want %s at %d", request, archive.VolumeID, volume.GuestType, got, archive.Type, archive.Created)
			}
		}
	}
}
