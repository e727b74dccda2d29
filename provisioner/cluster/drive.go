package cluster

import "strings"

// A drive or mount point is a property string: "local-zfs:vm-104-disk-1,iothread=1,size=32G". Proxmox VE takes it as a whole: an option that
// is left out is reset. So the flag is changed in the text, and nothing else is touched.

// includedByDefault tells whether a volume without a backup flag is part of backups: disks of virtual machines are, mount points of
// containers are not (pve-docs, "backup" of qm.conf and pct.conf).
func includedByDefault(guestType string) bool { return guestType == "qemu" }

// DriveIncluded reads the backup flag of a drive or mount point.
func DriveIncluded(guestType, drive string) bool {
	included := includedByDefault(guestType)
	for _, part := range driveParts(drive) {
		if value, is := flagOf(part); is {
			included = isTrue(value)
		}
	}
	return included
}

// WithDriveIncluded returns the drive or mount point with its backup flag changed, every other option as it was. A text that says it already
// is returned as it is.
func WithDriveIncluded(guestType, drive string, include bool) string {
	flag := "0"
	if include {
		flag = "1"
	}
	parts := driveParts(drive)
	flagged := false
	for i, part := range parts {
		value, is := flagOf(part)
		if !is {
			continue
		}
		flagged = true
		if isTrue(value) != include {
			parts[i] = part[:strings.Index(part, "=")+1] + flag
		}
	}
	if !flagged && include != includedByDefault(guestType) {
		parts = append(parts, "backup="+flag)
	}
	return strings.Join(parts, ",")
}

// driveParts cuts a property string at its commas. A comma between quotation marks is part of a value.
func driveParts(text string) []string {
	if strings.Count(text, `"`)%2 != 0 {
		return strings.Split(text, ",") // the marks mean nothing
	}
	var parts []string
	begin, quoted := 0, false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ',' && !quoted:
			parts = append(parts, text[begin:i])
			begin = i + 1
		}
	}
	return append(parts, text[begin:])
}

// flagOf returns the value of a part that is the backup flag. Booleans have no quotation marks.
func flagOf(part string) (value string, is bool) {
	name, value, found := strings.Cut(part, "=")
	return value, found && strings.TrimSpace(name) == "backup" && !strings.Contains(value, `"`)
}

// isTrue reads a boolean as Proxmox VE does.
func isTrue(text string) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "1", "on", "yes", "true":
		return true
	}
	return false
}

// driveOption reads one option of a drive, and the volume, which is the option without a name.
func driveOption(drive, name string) string {
	for i, part := range driveParts(drive) {
		key, value, found := strings.Cut(part, "=")
		switch {
		case found && strings.TrimSpace(key) == name:
			return value
		case !found && i == 0 && (name == "file" || name == "volume"):
			return strings.TrimSpace(part)
		}
	}
	return ""
}
