package cluster

import (
	"slices"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Secrets of a storage, by Proxmox VE's names. They can be written and never read back.
const (
	passwordProperty = "password"
	keyProperty      = "encryption-key"
)

// SecretFiles names the files with the secrets that a storage declares, by Proxmox VE's names of the properties. None is opened.
func SecretFiles(storage *config.Storage) map[string]config.SecretFile {
	files := map[string]config.SecretFile{}
	if !storage.PasswordFile.IsZero() {
		files[passwordProperty] = storage.PasswordFile
	}
	if !storage.EncryptionKey.IsZero() {
		files[keyProperty] = storage.EncryptionKey
	}
	return files
}

var storageSince = map[string]string{"max-protected-backups": sinceNotes, "namespace": sinceNotes, "create-base-path": sinceBasePath}

// storageKeys are the keys of the declared file that are not called as Proxmox VE calls the property.
var storageKeys = map[string]string{
	"disable": "enabled", "prune-backups": "retention", passwordProperty: "password_file", keyProperty: "encryption_key_file",
}

// storage wants a storage as it is declared.
func (w *wisher) storage(storage *config.Storage) {
	path := []string{"storages", storage.Name}
	texts := storageTexts(storage)
	wanted := plan.Desired{
		Key: plan.Key{Scope: w.inv.Cluster, Kind: plan.Storage, ID: storage.Name}, At: w.at(path...),
		Fields: map[string]plan.Field{}, Fixed: slices.Clone(fixedProperties), Adopt: storage.Adopt,
	}
	place := func(name string) []string {
		if key, other := storageKeys[name]; other {
			return below(path, key)
		}
		return below(path, name)
	}
	for _, name := range append(propertiesOf(storage.Type), "type") {
		text, said := texts[name]
		if said || !storage.Adopt {
			wanted.Managed = append(wanted.Managed, name)
		}
		if text != "" && !slices.Contains(storageDefaults[name], text) {
			wanted.Fields[name] = plan.Field{Text: text, At: w.at(place(name)...)}
			if since := storageSince[name]; since != "" && !w.knows(since) {
				w.problem(place(name), "take it out, or upgrade the cluster", "%s came with Proxmox VE %s: cluster %s has %s", name, since, w.inv.Cluster, w.inv.Version)
			}
		}
	}
	for name := range SecretFiles(storage) {
		wanted.Managed = append(wanted.Managed, name)
		wanted.Fields[name] = plan.Field{Sensitive: true, At: w.at(place(name)...)}
	}
	if len(storage.Content) == 0 {
		wanted.Contains = []string{"content"}
		wanted.Fields["content"] = plan.Field{Text: "backup", At: wanted.At}
	}
	slices.Sort(wanted.Managed)
	w.wish.Desired = append(w.wish.Desired, wanted)
	w.checkStorage(storage, path)
}

// storageTexts is what the file says of a storage, in canonical form by Proxmox VE's names. An empty text asks for the property's absence.
func storageTexts(storage *config.Storage) map[string]string {
	texts := map[string]string{"type": storage.Type, "disable": flag(!storage.Enabled)}
	text := func(name, value string) {
		if value != "" {
			texts[name] = value
		}
	}
	truth := func(name string, value *bool) {
		if value != nil {
			texts[name] = flag(*value)
		}
	}
	text("content", nameList(storage.Content))
	text("nodes", nameList(storage.Nodes))
	if storage.Retention != nil {
		text("prune-backups", retention(storage.Retention.String()))
	}
	if storage.MaxProtectedBackups != nil {
		text("max-protected-backups", strconv.Itoa(*storage.MaxProtectedBackups))
	}
	text("path", storage.Path)
	text("is_mountpoint", mountpoint(storage.IsMountpoint))
	truth("create-base-path", storage.CreateBasePath)
	truth("shared", storage.Shared)
	text("server", storage.Server)
	text("export", storage.Export)
	text("options", storage.Options)
	text("share", storage.Share)
	text("subdir", storage.Subdir)
	text("domain", storage.Domain)
	text("smbversion", storage.SMBVersion)
	if storage.Port != 0 {
		text("port", strconv.Itoa(storage.Port))
	}
	text("datastore", storage.Datastore)
	text("namespace", storage.Namespace)
	text("fingerprint", storage.Fingerprint)
	text("username", storage.Username)
	return texts
}

// checkStorage looks for the nodes of a storage. A secret that is not declared is needed where the storage has to be made.
func (w *wisher) checkStorage(storage *config.Storage, path []string) {
	exists, there := w.inv.Storage(storage.Name)
	for i, node := range storage.Nodes {
		if _, known := w.inv.node(node); known {
			continue
		}
		list := &w.wish.Problems
		if there && slices.Contains(exists.Nodes, node) {
			list = &w.wish.Warnings
		}
		w.complain(list, below(path, "nodes", strconv.Itoa(i)), "the nodes are "+w.nodeNames(), "node "+node+" does not exist in cluster "+w.inv.Cluster)
	}
	if !there && storage.PasswordFile.IsZero() && (storage.Type == "pbs" || storage.Type == "cifs" && storage.Username != "") {
		w.problem(path, "name the file that holds it with `password_file`", "storage %s has to be made, and needs a password", storage.Name)
	}
}
