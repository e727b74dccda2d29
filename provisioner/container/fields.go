package container

import (
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// The names of properties: Proxmox VE's own, but for the flag of the mount point, which is a property of its own here since it alone can be changed.
const (
	descriptionField = "description"
	networkField     = "net0"
	rootField        = "rootfs"
	dataField        = "mp0"
	backupField      = "mp0 backup"
	nameserverField  = "nameserver"
	nodeField        = "node"
	statusField      = "status"

	running = "running"
)

// DataPath is where the volume with the buckets is mounted in the container.
const DataPath = "/srv/minio"

// wanted are the properties of a container as it is declared.
//
// The container is unprivileged, and may nest: systemd from 240 on needs that in a container, and so does the isolation of the server's own unit.
func wanted(container *config.StoreContainer, hostname, mark string) map[string]string {
	fields := map[string]string{
		"hostname": hostname, "cores": strconv.Itoa(container.Cores), "memory": strconv.Itoa(container.Memory),
		"unprivileged": "1", "onboot": "1", "features": "nesting=1",
		rootField: volume(container.Storage, container.Disk, ""), dataField: volume(container.Storage, container.DataDisk, DataPath), backupField: "1",
		networkField: network(container), descriptionField: mark,
	}
	if len(container.DNS) > 0 {
		fields[nameserverField] = strings.Join(container.DNS, " ")
	}
	return fields
}

func volume(storage string, size int, path string) string {
	text := storage + ":" + strconv.Itoa(size)
	if path != "" {
		text += ",mp=" + path
	}
	return text
}

func network(container *config.StoreContainer) string {
	text := "name=eth0,bridge=" + container.Bridge + ",ip=" + container.Address
	if container.Gateway != "" {
		text += ",gw=" + container.Gateway
	}
	return text + ",firewall=1"
}

// current puts a container's configuration into the same form.
func current(values map[string]string, mark string) map[string]string {
	fields := map[string]string{}
	for _, name := range []string{"hostname", "cores", "memory", "unprivileged", "onboot", "features", nameserverField, descriptionField} {
		if text := strings.TrimSpace(values[name]); text != "" {
			fields[name] = text
		}
	}
	if strings.Contains(values[descriptionField], mark) {
		fields[descriptionField] = mark
	}
	root, data, card := properties(values[rootField]), properties(values[dataField]), properties(values[networkField])
	if text := values[rootField]; text != "" {
		fields[rootField] = storageOf(text) + ":" + gibibytes(root["size"])
	}
	if text := values[dataField]; text != "" {
		fields[dataField], fields[backupField] = storageOf(text)+":"+gibibytes(data["size"])+",mp="+data["mp"], "0"
		if data["backup"] == "1" {
			fields[backupField] = "1"
		}
	}
	if values[networkField] != "" {
		var words []string
		for _, name := range networkNames() {
			if text, has := card[name]; has {
				words = append(words, name+"="+text)
			}
		}
		fields[networkField] = strings.Join(words, ",")
	}
	return fields
}

// networkNames are the options of a network card that the file decides, in the order in which they are written.
func networkNames() []string { return []string{"name", "bridge", "ip", "gw", "firewall"} }

// withNetwork takes the wanted options into a network card, and leaves all others as they are: above all the card's own address.
func withNetwork(before, wanted string) string {
	decided := map[string]bool{}
	for _, name := range networkNames() {
		decided[name] = true
	}
	words := []string{wanted}
	for _, word := range strings.Split(before, ",") {
		if name, _, _ := strings.Cut(word, "="); word != "" && !decided[name] {
			words = append(words, word)
		}
	}
	return strings.Join(words, ",")
}

// properties cuts a property string. What has no name, the volume, is left out.
func properties(text string) map[string]string {
	all := map[string]string{}
	for _, word := range strings.Split(text, ",") {
		if name, value, named := strings.Cut(word, "="); named {
			all[name] = value
		}
	}
	return all
}

func storageOf(volume string) string {
	storage, _, _ := strings.Cut(volume, ":")
	return storage
}

// gibibytes is a size in whole GiB where it is one, else as it is written.
func gibibytes(size string) string {
	for unit, factor := range map[string]int{"G": 1, "T": 1024} {
		if number, err := strconv.Atoi(strings.TrimSuffix(size, unit)); err == nil && strings.HasSuffix(size, unit) {
			return strconv.Itoa(number * factor)
		}
	}
	if number, err := strconv.Atoi(strings.TrimSuffix(size, "M")); err == nil && number%1024 == 0 {
		return strconv.Itoa(number / 1024)
	}
	return size
}

// grown reports that a volume is on the wanted storage and larger than wanted: somebody enlarged it.
func grown(current, wanted string) bool {
	storage, rest, _ := strings.Cut(current, ":")
	wantedStorage, wantedRest, _ := strings.Cut(wanted, ":")
	size, path, _ := strings.Cut(rest, ",")
	wantedSize, wantedPath, _ := strings.Cut(wantedRest, ",")
	number, err := strconv.Atoi(size)
	wantedNumber, _ := strconv.Atoi(wantedSize)
	return err == nil && storage == wantedStorage && path == wantedPath && number > wantedNumber
}
