package pvesim

import (
	"regexp"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

var fingerprintForm = regexp.MustCompile(`^([A-Fa-f0-9]{2}:){31}[A-Fa-f0-9]{2}$`)

// typesOfStorages are the types of storages that PVE knows.
func typesOfStorages() []string {
	return []string{"btrfs", "cephfs", "cifs", "dir", "esxi", "iscsi", "iscsidirect", "lvm", "lvmthin", "nfs", "pbs", "rbd", "zfs", "zfspool"}
}

// storageParams are the parameters of calls that write a storage, of all types together.
func storageParams(own ...wire.Param) []wire.Param {
	params := own
	for _, name := range []string{
		"blocksize", "bwlimit", "comstar_hg", "comstar_tg", "content-dirs", "data-pool", "encryption-key", "is_mountpoint", "keyring", "lio_tpg",
		"master-pubkey", "monhost", "namespace", "options", "pool", "saferemove_throughput", "username",
	} {
		params = append(params, wire.Param{Name: name})
	}
	for _, name := range []string{
		"create-base-path", "create-subdirs", "disable", "fuse", "krbd", "mkdir", "nocow", "nowritecache", "saferemove", "shared",
		"skip-cert-verification", "snapshot-as-volume-chain", "sparse", "tagged_only",
	} {
		params = append(params, wire.Param{Name: name, Kind: wire.Boolean})
	}
	for _, name := range []string{"mountpoint", "subdir", "zfs-base-path"} {
		params = append(params, wire.Param{Name: name, Check: checkAbsolutePath})
	}
	return append(params,
		wire.Param{Name: "content", Check: checkContent}, wire.Param{Name: "fingerprint", Pattern: fingerprintForm}, wire.Param{Name: "fs-name", Check: checkConfigID},
		wire.Param{Name: "domain", MaxLength: 256}, wire.Param{Name: "password", MaxLength: 256}, wire.Param{Name: "nodes", Check: listOf(checkNode)},
		wire.Param{Name: "format", Values: []string{"raw", "qcow2", "subvol", "vmdk"}}, wire.Param{Name: "max-protected-backups", Kind: wire.Integer, Min: wire.Limit(-1)},
		wire.Param{Name: "port", Kind: wire.Integer, Min: wire.Limit(1), Max: wire.Limit(65535)}, wire.Param{Name: "prune-backups", CheckNamed: checkKeep},
		wire.Param{Name: "preallocation", Values: []string{"off", "metadata", "falloc", "full"}}, wire.Param{Name: "server", Check: checkServer},
		wire.Param{Name: "saferemove-stepsize", Kind: wire.Integer, Values: []string{"1", "2", "4", "8", "16", "32"}},
		wire.Param{Name: "smbversion", Values: []string{"default", "2.0", "2.1", "3", "3.0", "3.11"}},
	)
}

// createOnlyParams are those that no type lets change.
func createOnlyParams() []wire.Param {
	params := []wire.Param{
		{Name: "storage", Required: true, Check: checkStorageID},
		{Name: "type", Required: true, Values: typesOfStorages()},
		{Name: "export", Check: checkAbsolutePath},
		{Name: "path", Check: checkAbsolutePath},
	}
	for _, name := range []string{"authsupported", "base", "datastore", "iscsiprovider", "portal", "share", "target", "thinpool", "vgname"} {
		params = append(params, wire.Param{Name: name})
	}
	return params
}

// storageKind is what a type of storage may be told.
type storageKind struct {
	fixed     []string // needed to create it, and never changed afterwards
	optional  []string
	sensitive []string // kept outside storage.cfg
	content   []string // what it may hold
	standard  string   // what it holds if nothing else is said
}

// storageKinds are the types that can hold backups and that a provisioner deals with. Other types are taken as they come.
func storageKinds() map[string]storageKind {
	common := []string{"nodes", "disable", "content", "prune-backups", "max-protected-backups"}
	files := append(slices.Clone(common), "content-dirs", "format", "mkdir", "create-base-path", "create-subdirs", "bwlimit", "preallocation", "snapshot-as-volume-chain")
	kinds := []string{"images", "rootdir", "vztmpl", "iso", "backup", "snippets", "import", "none"}
	return map[string]storageKind{
		"dir": {fixed: []string{"path"}, optional: append(slices.Clone(files), "shared", "is_mountpoint"), content: kinds, standard: "images,rootdir"},
		"nfs": {fixed: []string{"path", "server", "export"}, optional: append(slices.Clone(files), "options"), content: kinds, standard: "images"},
		"cifs": {
			fixed: []string{"path", "server", "share"}, optional: append(slices.Clone(files), "options", "subdir", "username", "domain", "smbversion"),
			sensitive: []string{"password"}, content: kinds, standard: "images",
		},
		"pbs": {
			fixed: []string{"server", "datastore"}, optional: append(slices.Clone(common), "namespace", "port", "username", "fingerprint"),
			sensitive: []string{"password", "encryption-key", "master-pubkey"}, content: []string{"backup", "none"}, standard: "backup",
		},
	}
}
