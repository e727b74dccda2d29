package vzdump

import (
	"strconv"
	"time"
)

// VolumeTime is the time in an archive's name. File names carry what the clock of their node showed, snapshots on a Proxmox Backup Server
// carry UTC. The zero VolumeTime is unknown.
type VolumeTime struct {
	reading time.Time // its zone is of no account
	utc     bool
	known   bool
}

// IsZero reports that the name states no time.
func (t VolumeTime) IsZero() bool { return !t.known }

// At returns the moment, in the zone given, which for a file's name must be that of the node that wrote it. An unknown time gives the zero
// time.Time.
//
// A reading that comes twice is taken for the earlier one, and one that the clocks leave out for an hour later, as Proxmox VE does it
// (Perl's Time::Local) when it lists the archive.
func (t VolumeTime) At(zone *time.Location) time.Time {
	if !t.known {
		return time.Time{}
	}
	if t.utc {
		return t.reading.In(zone)
	}
	dayBefore := t.reading.Unix() - 24*60*60
	return instantOf(t.reading, zone, offsetAt(dayBefore, zone))
}

// newLocalVolumeTime takes year, month, day, hour, minute and second. It is not valid where there is no such day or time of day.
func newLocalVolumeTime(digits []string) (t VolumeTime, valid bool) {
	var fields [6]int
	for i := range fields {
		fields[i], _ = strconv.Atoi(digits[i])
	}
	reading := time.Date(fields[0], time.Month(fields[1]), fields[2], fields[3], fields[4], fields[5], 0, time.UTC)
	year, month, day := reading.Date()
	hour, minute, second := reading.Clock()
	if [...]int{year, int(month), day, hour, minute, second} != fields {
		return VolumeTime{}, false // it overflowed
	}
	return VolumeTime{reading: reading, known: true}, true
}
