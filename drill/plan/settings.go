package plan

import (
	"strconv"
	"strings"
)

// The types of guests.
const (
	VM        = "qemu"
	Container = "lxc"
)

// Settings is a guest's configuration, by key.
type Settings map[string]string

// ParseSettings reads a configuration file as an archive holds it (GET /nodes/{node}/vzdump/extractconfig). Snapshots and changes that wait for
// a restart, which follow the configuration itself in sections of their own, and comments are left out.
func ParseSettings(text string) Settings {
	settings := Settings{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			break
		}
		key, value, found := strings.Cut(line, ":")
		if found && !strings.HasPrefix(line, "#") {
			settings[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return settings
}

// property splits a property string into its unnamed first part and its options.
func property(value string) (first string, options map[string]string) {
	options = map[string]string{}
	for i, part := range strings.Split(value, ",") {
		name, text, found := strings.Cut(part, "=")
		switch {
		case found:
			options[name] = text
		case i == 0:
			first = part
		}
	}
	return first, options
}

// numbered reports whether a key is one of the names followed by a number, such as net0.
func numbered(key string, names ...string) bool {
	name := strings.TrimRight(key, "0123456789")
	for _, each := range names {
		if name == each && name != key {
			return true
		}
	}
	return false
}

// agentEnabled reports whether a virtual machine's configuration has its guest agent switched on: agent: 1, or agent: enabled=1,type=virtio.
func agentEnabled(settings Settings) bool {
	first, options := property(settings["agent"])
	return first == "1" || options["enabled"] == "1"
}

// defaultMemory is what Proxmox VE gives a guest whose configuration does not say, in MiB.
const defaultMemory = 512

// memory is the guest's memory in MiB: "2048", or "current=2048" of newer configurations.
func memory(settings Settings) int {
	first, options := property(settings["memory"])
	for _, text := range []string{first, options["current"]} {
		if size, err := strconv.Atoi(text); err == nil && size > 0 {
			return size
		}
	}
	return defaultMemory
}

// bytesOf reads a size as Proxmox VE writes those of disks: 32G, 528K, 4194304.
func bytesOf(text string) (int64, bool) {
	shift, number := 0, text
	if text != "" {
		if unit := strings.IndexByte("KMGT", text[len(text)-1]); unit >= 0 {
			shift, number = 10*(unit+1), text[:len(text)-1]
		}
	}
	size, err := strconv.ParseFloat(number, 64)
	if err != nil || size < 0 {
		return 0, false
	}
	return int64(size * float64(int64(1)<<shift)), true
}
