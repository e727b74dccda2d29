package pvesim

import (
	"strconv"
	"strings"
)

// jobVersions names the version of pve-manager that brought a parameter of backup jobs, where older ones are still about.
func jobVersions() map[string]string {
	return map[string]string{
		"id": "7.1", "schedule": "7.1", "comment": "7.1", "notes-template": "7.2", "protected": "7.2",
		"repeat-missed": "7.2.5", "performance": "7.3", "notification-mode": "8.1.0", "fleecing": "8.2",
		"pbs-change-detection-mode": "8.2.4",
	}
}

// storageVersions is the same for storages.
func storageVersions() map[string]string {
	return map[string]string{
		"namespace": "7.2", "max-protected-backups": "7.2", "create-base-path": "7.4", "create-subdirs": "7.4",
		"content-dirs": "7.4", "zfs-base-path": "9.0", "snapshot-as-volume-chain": "9.0",
		"saferemove-stepsize": "9.1",
	}
}

// knows returns the check for parameters that the cluster's version has.
func (c *Cluster) knows(since map[string]string) func(string) bool {
	return func(name string) bool { return !olderThan(c.model.Version, since[name]) }
}

// olderThan compares versions number by number: 8.4.21, or 7.4-20 as older ones are written.
func olderThan(version, other string) bool {
	a, b := versionNumbers(version), versionNumbers(other)
	for i := range max(len(a), len(b)) {
		var x, y int
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return x < y
		}
	}
	return false
}

func versionNumbers(text string) []int {
	var numbers []int
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '.' || r == '-' || r == '~' || r == '+' }) {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		numbers = append(numbers, n)
	}
	return numbers
}
