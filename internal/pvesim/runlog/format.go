package runlog

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// binaryUnits are the steps of 1024 that PVE's own renderers use.
var binaryUnits = [...]string{"B", "KiB", "MiB", "GiB", "TiB"}

// renderBytes writes as PVE's render_bytes does: "96.2 MiB".
func renderBytes(n int64, precision int) string {
	f, unit := float64(n), 0
	for f >= 1024 && unit < len(binaryUnits)-1 {
		f /= 1024
		unit++
	}
	return strconv.FormatFloat(f, 'f', precision, 64) + " " + binaryUnits[unit]
}

// renderRate is renderBytes per second, with the whole "0 B/s" that vzdump prints for nothing.
func renderRate(n, seconds int64) string {
	if n == 0 {
		return "0 B/s"
	}
	return renderBytes(n/max(seconds, 1), 1) + "/s"
}

// renderDuration writes "1h 2m 3s" and leaves out what is zero.
func renderDuration(seconds int64) string {
	if seconds <= 0 {
		return "0s"
	}
	var parts []string
	for _, step := range []struct {
		unit string
		size int64
	}{{"w", 604800}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}} {
		if n := seconds / step.size; n > 0 {
			parts = append(parts, strconv.FormatInt(n, 10)+step.unit)
			seconds -= n * step.size
		}
	}
	return strings.Join(parts, " ")
}

// archiveSize writes vzdump's own sizes, binary figures under decimal names: "3MB", "1.67GB".
func archiveSize(n int64) string {
	switch kb := float64(n) / 1024; {
	case n < 1<<20:
		return fmt.Sprintf("%dKB", int64(kb))
	case n < 1<<30:
		return fmt.Sprintf("%dMB", n>>20)
	case n < 1<<40:
		return fmt.Sprintf("%.2fGB", kb/1024/1024)
	default:
		return fmt.Sprintf("%.2fTB", kb/1024/1024/1024)
	}
}

// diskSize writes a disk's size as configuration files do: the largest unit that divides it.
func diskSize(n int64) string {
	unit := 0
	for n >= 1024 && n%1024 == 0 && unit < 4 {
		n /= 1024
		unit++
	}
	return strconv.FormatInt(n, 10) + []string{"", "K", "M", "G", "T"}[unit]
}

// tarSize writes GNU tar's human sizes, which it rounds up: one decimal below ten, none above.
func tarSize(n int64) string {
	f, unit := float64(n), 0
	for f >= 1024 && unit < 4 {
		f /= 1024
		unit++
	}
	if unit > 0 && f <= 9.9 {
		return strconv.FormatFloat(math.Ceil(f*10)/10, 'f', 1, 64) + binaryUnits[unit]
	}
	return strconv.FormatFloat(math.Ceil(f), 'f', 0, 64) + binaryUnits[unit]
}

// rsyncSize writes rsync's -h sizes, which are decimal: "558.25M".
func rsyncSize(n int64) string {
	f, unit := float64(n), 0
	for f >= 1000 && unit < 4 {
		f /= 1000
		unit++
	}
	if unit == 0 {
		return strconv.FormatInt(n, 10)
	}
	return strconv.FormatFloat(f, 'f', 2, 64) + []string{"", "K", "M", "G", "T"}[unit]
}

// pbsSize writes the sizes of proxmox-backup-client: up to three decimals, none of them a trailing zero.
func pbsSize(n int64) string {
	f, unit := float64(n), 0
	for f >= 1024 && unit < len(binaryUnits)-1 {
		f /= 1024
		unit++
	}
	text := strconv.FormatFloat(f, 'f', 3, 64)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".") + " " + binaryUnits[unit]
}

// clockDuration writes the duration of a finished guest: hours are not limited to two digits and there are no days.
func clockDuration(seconds int64) string {
	return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}
