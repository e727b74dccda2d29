package vzdump

import "time"

// instantOf returns the moment at which the clocks of a zone show wall, whose own zone is of no account.
//
// A reading that comes twice is taken with the preferred offset (seconds east of UTC) if that is one of the two. A reading that the clocks
// leave out moves forward by what they leave out, as C's mktime does it on a change to summer time. (mktime moves it back in the few zones
// that call their winter time the special one, Dublin for example, and Proxmox VE then finds no run at all. That is not imitated.)
func instantOf(wall time.Time, zone *time.Location, preferred int) time.Time {
	reading := wall.Unix()
	offset := preferred
	latest := reading - int64(offset)
	// Two offsets are in question around a change; the third round tells that neither is consistent with the reading.
	for range 3 {
		unix := reading - int64(offset)
		actual := offsetAt(unix, zone)
		if actual == offset {
			return time.Unix(unix, 0).In(zone)
		}
		offset = actual
		latest = max(unix, reading-int64(offset))
	}
	return time.Unix(latest, 0).In(zone)
}

// offsetAt returns the zone's offset at a moment, in seconds east of UTC.
func offsetAt(unix int64, zone *time.Location) int {
	_, offset := time.Unix(unix, 0).In(zone).Zone()
	return offset
}
