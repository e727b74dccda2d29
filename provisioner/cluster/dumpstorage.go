package cluster

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// storage says a storage as a section of the file. Those that hold no backups are none of its business.
func (d *dumper) storage(storage *pve.StorageConfig) {
	if !slices.Contains(storage.Content, "backup") {
		return
	}
	if _, sayable := storageProperties[storage.Type]; !sayable {
		d.remark("storages", "storage %s is not in this file: it has no keys for the type %s. Jobs can use it all the same", storage.ID, storage.Type)
		return
	}
	full := d.declared(storage)
	err := d.storageReadsBack(storage, full)
	if err != nil {
		// The optional properties are what may be odd: without them the storage is adopted, and they are left as they are.
		least := full
		least.Content, least.Nodes, least.Retention, least.MaxProtectedBackups = nil, nil, nil, nil
		least.Options, least.Domain, least.Namespace, least.Fingerprint, least.IsMountpoint, least.SMBVersion = "", "", "", "", "", ""
		if lesser := d.storageReadsBack(storage, least); lesser != nil {
			d.remark("storages", "storage %s is not in this file: %s. Jobs can use it all the same", storage.ID, lesser)
			return
		}
		d.remark("storages/"+storage.ID, "not all of it can be said here, the rest is left as it is: %s", err)
		full = least
	}
	d.storages = append(d.storages, full)
	if _, keyed := storage.Raw[keyProperty]; keyed {
		d.remark("storages/"+storage.ID, "its encryption key cannot be read; the storage keeps it unless encryption_key_file is named")
	}
	if storage.Type == "pbs" || storage.Raw["username"] != nil {
		d.remark("storages/"+storage.ID, "its password cannot be read; the storage keeps it unless password_file is named")
	}
}

// declared is a storage as the file has it.
func (d *dumper) declared(storage *pve.StorageConfig) config.Storage {
	fields := StorageFields(storage)
	port, _ := strconv.Atoi(fields["port"])
	declared := config.Storage{
		Name: storage.ID, Cluster: d.cluster.Name, Type: storage.Type, Enabled: !storage.Disabled, Adopt: true,
		Content: splitList(fields["content"]), Nodes: splitList(fields["nodes"]), Retention: declaredRetention(storage.Retention),
		MaxProtectedBackups: numberOf(fields["max-protected-backups"]),
		Path:                fields["path"], IsMountpoint: fields["is_mountpoint"], CreateBasePath: truthOf(fields["create-base-path"]), Shared: truthOf(fields["shared"]),
		Server: fields["server"], Export: fields["export"], Options: fields["options"], Share: fields["share"], Subdir: fields["subdir"],
		Domain: fields["domain"], SMBVersion: fields["smbversion"], Port: port, Datastore: fields["datastore"], Namespace: fields["namespace"],
		Fingerprint: fields["fingerprint"], Username: fields["username"],
	}
	return declared
}

// storageReadsBack loads a file with one storage alone, and says in what it differs from the storage as it is.
func (d *dumper) storageReadsBack(storage *pve.StorageConfig, declared config.Storage) error {
	file := config.File{Storages: []config.Storage{declared}}
	loaded, err := d.load(file)
	if err != nil {
		return err
	}
	wish := Desired(loaded, d.alone(), time.Unix(0, 0), nil)
	if len(wish.Problems) > 0 {
		return errors.New(wish.Problems[0].Message)
	}
	return differences(wish.Desired, CurrentStorage(d.inv.Cluster, storage).Fields)
}

// printable makes one line of a text that may hold anything.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if strconv.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}
