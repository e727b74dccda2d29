package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Scratch is what a restored guest is to become.
type Scratch struct {
	VMID    int
	Storage string
	Pool    string
	Archive string // the volume id of what is restored
	Mark    Mark
	Memory  int // the most that it gets, in MiB; 0 for no limit
}

// RestoreOptions are the parameters of the call that restores an archive, apart from its id. The settings are those in the archive.
//
// The mark is among them, so that a Proxmox VE that lets a restore change the configuration has the guest marked from the moment on when it is
// there; so are network devices that lead nowhere. Versions that do not know that keep what the archive says: Isolate sees to it.
func RestoreOptions(kind string, settings Settings, scratch Scratch) map[string]string {
	options := map[string]string{
		"storage": scratch.Storage, "pool": scratch.Pool, "unique": "1", "onboot": "0",
		"description": scratch.Mark.Description(scratch.Archive), "tags": Tag,
	}
	for key, value := range settings {
		first, assigned := property(value)
		switch {
		case numbered(key, "net"):
			options[key] = unplugged(kind, value)
		case kind == VM && numbered(key, "usb") && first != "spice" && assigned["mapping"] == "":
			options[key] = "spice" // devices of the node are restored for root alone; this one leads nowhere, and goes away before the start
		}
	}
	if kind == VM {
		options["archive"] = scratch.Archive
		return options
	}
	options["ostemplate"], options["restore"] = scratch.Archive, "1"
	for _, volume := range volumes(kind, settings) {
		if volume.Bytes == 0 {
			continue // where the root's size is not known, Proxmox VE takes all from the archive
		}
		options[volume.Key] = scratch.Storage + ":" + gib(volume.Bytes)
		if volume.Key != "rootfs" {
			options[volume.Key] += ",mp=" + volume.Mount + ",backup=1"
		}
	}
	if options["rootfs"] == "" {
		maps.DeleteFunc(options, func(key, _ string) bool { return numbered(key, "mp") })
	}
	return options
}

// unplugged is a network device that is connected to no bridge.
func unplugged(kind, value string) string {
	first, options := property(value)
	if kind == Container {
		return "name=" + options["name"]
	}
	if first != "" {
		return first + ",link_down=1"
	}
	model, _, _ := strings.Cut(strings.SplitN(value, ",", 2)[0], "=")
	return model + ",link_down=1"
}

// Changes is what has to be changed of a restored guest before it may be started.
type Changes struct {
	Set    map[string]string
	Remove []string // sorted
}

// Empty reports that the guest is as it has to be.
func (c Changes) Empty() bool { return len(c.Set) == 0 && len(c.Remove) == 0 }

// Isolate says what has to be changed of a restored guest, by the configuration that it has now: marked, without network, without anything of
// the host, not started by itself. It is total: applied once, it has nothing more to say.
func Isolate(kind string, settings Settings, scratch Scratch) Changes {
	changes := Changes{Set: map[string]string{}}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		disc := kind == VM && drive(key) && cdrom(settings[key]) // it may be missing here, and the guest would not start
		if disc || reaches(kind, key, settings[key]) || key == "startup" || key == "hookscript" {
			changes.Remove = append(changes.Remove, key)
		}
		if (key == "onboot" || key == "protection") && settings[key] != "0" {
			changes.Set[key] = "0"
		}
	}
	if mark, found := FindMark(settings["description"]); !found || mark != scratch.Mark {
		changes.Set["description"] = scratch.Mark.Description(scratch.Archive)
	}
	if settings["tags"] != Tag {
		changes.Set["tags"] = Tag
	}
	if scratch.Memory > 0 && memory(settings) > scratch.Memory {
		changes.Set["memory"] = strconv.Itoa(scratch.Memory)
		for _, key := range slices.Sorted(maps.Keys(settings)) {
			if key == "balloon" || key == "shares" || numbered(key, "numa") {
				changes.Remove = append(changes.Remove, key) // they are shares of a memory that it does not have
			}
		}
	}
	return changes
}

// reaches reports whether a key gives the guest something outside of itself: a network, or a device or folder of the host.
func reaches(kind, key, value string) bool {
	first, _ := property(value)
	if kind == Container {
		return numbered(key, "net", "dev") || numbered(key, "mp") && strings.HasPrefix(first, "/")
	}
	return numbered(key, "net", "hostpci", "usb", "parallel", "virtiofs") || numbered(key, "serial") && first != "socket"
}

// beyond are keys that may hold anything, and that only root@pam may take out: raw arguments of QEMU and raw lines of LXC.
var beyond = map[string][]string{VM: {"args", "ivshmem"}, Container: {"lxc"}}

// Beyond names what keeps a guest from being drilled because it could not be taken out of the restored one.
func Beyond(kind string, settings Settings) []string {
	var found []string
	for _, key := range beyond[kind] {
		for has := range settings {
			if has == key || strings.HasPrefix(has, key+".") {
				found = append(found, has)
			}
		}
	}
	slices.Sort(found)
	return found
}

// Refuse says why a restored guest must not be started, by the configuration that it has now; nil when it may. It is the last look before
// the start, and trusts no earlier step.
func Refuse(kind string, settings Settings, scratch Scratch) error {
	left := Isolate(kind, settings, scratch)
	switch {
	case !left.Empty():
		return fmt.Errorf("guest %d is not as it should be before a start: %s", scratch.VMID,
			strings.Join(slices.Concat(left.Remove, slices.Sorted(maps.Keys(left.Set))), ", "))
	case len(Beyond(kind, settings)) > 0:
		return fmt.Errorf("guest %d has %s, which may reach outside of it", scratch.VMID, strings.Join(Beyond(kind, settings), ", "))
	}
	if keys := foreign(kind, settings, scratch.VMID, scratch.Storage); len(keys) > 0 {
		return fmt.Errorf("guest %d has volumes that are not its own on storage %s: %s", scratch.VMID, scratch.Storage, strings.Join(keys, ", "))
	}
	return nil
}
