package cluster

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// storageProperties are the properties of storages that the declared file has keys for and that can be read back, by type and by Proxmox VE's
// names.
var storageProperties = map[string][]string{
	"":     {"content", "disable", "max-protected-backups", "nodes", "prune-backups"},
	"dir":  {"create-base-path", "is_mountpoint", "path", "shared"},
	"nfs":  {"export", "options", "server"},
	"cifs": {"domain", "options", "server", "share", "smbversion", "subdir", "username"},
	"pbs":  {"datastore", "fingerprint", "namespace", "port", "server", "username"},
}

// fixedProperties are those that Proxmox VE does not change once the storage is there.
var fixedProperties = []string{"datastore", "export", "path", "server", "share", "subdir", "type"}

// storageDefaults are the values that mean the same as a property's absence.
var storageDefaults = map[string][]string{
	"disable": {"0"}, "shared": {"0"}, "create-base-path": {"1", "yes"}, "is_mountpoint": {"no", "0"}, "smbversion": {"default"}, "port": {"8007"},
}

// propertiesOf lists the properties of a type of storage.
func propertiesOf(kind string) []string {
	list := slices.Concat(storageProperties[""], storageProperties[kind])
	slices.Sort(list)
	return list
}

// StorageFields writes a storage's properties, those that the declared file has keys for, in their canonical form, and its type.
func StorageFields(storage *pve.StorageConfig) map[string]string {
	fields := map[string]string{}
	for _, name := range propertiesOf(storage.Type) {
		fields[name] = scalarText(storage.Raw[name])
	}
	fields["type"] = storage.Type
	fields["content"] = nameList(storage.Content)
	fields["nodes"] = nameList(storage.Nodes)
	fields["disable"] = flag(storage.Disabled)
	fields["prune-backups"] = retention(storage.Retention)
	fields["is_mountpoint"] = mountpoint(fields["is_mountpoint"])
	fields["fingerprint"] = strings.ToUpper(fields["fingerprint"])
	for name, value := range fields {
		if value == "" || slices.Contains(storageDefaults[name], value) {
			delete(fields, name)
		}
	}
	return fields
}

// mountpoint is one word for each way to say yes.
func mountpoint(text string) string {
	if isTrue(text) {
		return "yes"
	}
	return text
}

// nameList writes names in alphabetical order, each once.
func nameList(names []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), ",")
}

// scalarText writes a value of a reply as text: Proxmox VE sends the same property as a number or as a string.
func scalarText(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case bool:
		return flag(value)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case json.Number:
		return value.String()
	}
	return ""
}
