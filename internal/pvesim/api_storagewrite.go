package pvesim

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// storageWriteEndpoints are the calls that change the configuration of storages.
func (c *Cluster) storageWriteEndpoints() []wire.Endpoint {
	allocate, knows := c.need("/storage", "Datastore.Allocate"), c.knows(storageVersions())
	id := wire.Param{Name: "storage", Required: true, Check: checkStorageID}
	return []wire.Endpoint{
		{
			Method: "POST", Template: "/storage", Protected: true, Check: allocate, Knows: knows, Handle: c.createStorage,
			Params: storageParams(createOnlyParams()...),
		},
		{
			Method: "PUT", Template: "/storage/{storage}", Protected: true, Check: allocate, Knows: knows, Handle: c.updateStorage,
			Params: storageParams(id, wire.Param{Name: "delete", MaxLength: 4096, Check: listOf(checkConfigID)}, wire.Param{Name: "digest", MaxLength: 64}),
		},
		{Method: "DELETE", Template: "/storage/{storage}", Protected: true, Check: allocate, Params: []wire.Param{id}, Handle: c.deleteStorage},
	}
}

// storageEdit is what a call wants to set.
type storageEdit struct {
	values  map[string]string
	secrets map[string]string
}

// readStorageEdit takes a storage's properties from a call's parameters.
func readStorageEdit(call *wire.Call, kind storageKind) storageEdit {
	e := storageEdit{values: map[string]string{}, secrets: map[string]string{}}
	for _, p := range call.Endpoint.Params {
		if !call.Has(p.Name) || slices.Contains([]string{"storage", "type", "delete", "digest"}, p.Name) {
			continue
		}
		value := call.Get(p.Name)
		if p.Kind == wire.Boolean {
			value = flagText(value)
		}
		if slices.Contains(kind.sensitive, p.Name) {
			e.secrets[p.Name] = value
		} else {
			e.values[p.Name] = value
		}
	}
	return e
}

// check is what PVE's check_config says of values for a type; empty for good ones.
func (k storageKind) check(values map[string]string, create bool) string {
	if k.fixed == nil {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fixed := slices.Contains(k.fixed, name)
		switch {
		case fixed && !create:
			return "can't change value of fixed parameter '" + name + "'"
		case !fixed && !slices.Contains(k.optional, name):
			return "unexpected property '" + name + "'"
		}
	}
	for _, name := range k.fixed {
		if create && values[name] == "" {
			return "missing value for required option '" + name + "'"
		}
	}
	kinds := splitList(values["content"])
	for _, kind := range kinds {
		if !slices.Contains(k.content, kind) {
			return "storage does not support content type '" + kind + "'"
		}
	}
	if len(kinds) > 1 && slices.Contains(kinds, "none") {
		return "unable to combine 'none' with other content types"
	}
	return ""
}

// removable says why a property cannot be removed; empty where it can.
func (k storageKind) removable(name string, set map[string]string) string {
	switch {
	case slices.Contains(k.fixed, name):
		return "unable to delete required option '" + name + "'"
	case k.fixed != nil && !slices.Contains(k.optional, name) && !slices.Contains(k.sensitive, name):
		return "no such option '" + name + "'"
	case set[name] != "":
		return "cannot set and delete property '" + name + "' at the same time!"
	}
	return ""
}

func (c *Cluster) createStorage(call *wire.Call) (wire.Answer, *wire.Error) {
	const prefix = "create storage failed: "
	id, kindName := call.Get("storage"), call.Get("type")
	kind := storageKinds()[kindName]
	edit := readStorageEdit(call, kind)
	if edit.values["nodes"] == "" {
		delete(edit.values, "nodes")
	}
	if kindName == "nfs" || kindName == "cifs" {
		edit.values["path"] = "/mnt/pve/" + id // as the plugin itself does
	}
	if text := kind.check(edit.values, true); text != "" {
		return wire.Answer{}, wire.Failure(text)
	}
	switch {
	case !c.model.Quorate:
		return wire.Answer{}, wire.Failure(prefix + "cfs-lock 'file-storage_cfg' error: no quorum!")
	case c.model.Storage(id) != nil:
		return wire.Answer{}, wire.Failure(prefix + "storage ID '" + id + "' already defined")
	}
	s := &Storage{ID: id, Type: kindName, Content: splitList(kind.standard), Config: map[string]string{}}
	if kindName != "dir" {
		delete(edit.values, "path")
	}
	s.set(edit.values)
	s.Size, s.Base = c.model.spaceBehind(s)
	shown, text := s.keep(edit.secrets)
	if text == "" && !s.Disabled && s.On(call.Entry) {
		text = c.model.unreachable(s, call.Entry)
	}
	if text != "" {
		return wire.Answer{}, wire.Failure(prefix + text)
	}
	c.change(func(m *Model) { m.Storages = append(m.Storages, s) })
	return wire.Answer{Data: written(s, shown)}, nil
}

// written is the answer of calls that write a storage; a key of a Proxmox Backup Server comes back in it.
func written(s *Storage, shown object) object {
	data := object{"storage": s.ID, "type": s.Type}
	if len(shown) > 0 {
		data["config"] = shown
	}
	return data
}

func (c *Cluster) updateStorage(call *wire.Call) (wire.Answer, *wire.Error) {
	const prefix = "update storage failed: "
	s := c.model.Storage(call.Get("storage"))
	digest := call.Get("digest")
	switch {
	case !c.model.Quorate:
		return wire.Answer{}, wire.Failure(prefix + "cfs-lock 'file-storage_cfg' error: no quorum!")
	case digest != "" && digest != c.storageDigest():
		return wire.Answer{}, wire.Failure(prefix + modifiedText)
	case s == nil:
		return wire.Answer{}, wire.Failure(prefix + "storage '" + call.Get("storage") + "' does not exist")
	}
	kind, remove := storageKinds()[s.Type], splitList(call.Get("delete"))
	edit := readStorageEdit(call, kind)
	text := kind.check(edit.values, false)
	for _, name := range remove {
		if text == "" {
			text = kind.removable(name, edit.values)
		}
	}
	changed := s.clone()
	shown, refusal := changed.keep(edit.secrets)
	if text == "" {
		text = refusal
	}
	if text != "" {
		return wire.Answer{}, wire.Failure(prefix + text)
	}
	for _, name := range remove {
		changed.unset(name, kind)
	}
	changed.set(edit.values)
	c.change(func(*Model) { *s = *changed })
	return wire.Answer{Data: written(s, shown)}, nil
}

// modifiedText is how PVE refuses a change to a file that is no longer what its digest says.
const modifiedText = "detected modified configuration - file changed by other user? Try again."

func (c *Cluster) deleteStorage(call *wire.Call) (wire.Answer, *wire.Error) {
	const prefix = "delete storage failed: "
	id := call.Get("storage")
	switch {
	case !c.model.Quorate:
		return wire.Answer{}, wire.Failure(prefix + "cfs-lock 'file-storage_cfg' error: no quorum!")
	case c.model.Storage(id) == nil:
		return wire.Answer{}, wire.Failure(prefix + "storage '" + id + "' does not exist")
	}
	c.change(func(m *Model) { m.RemoveStorage(id) })
	return wire.Answer{}, nil
}

// keep stores secrets beside the configuration, as files of their own, and returns what the answer shows of them. The configuration only
// tells that there is a key.
func (s *Storage) keep(secrets map[string]string) (shown object, refusal string) {
	if len(secrets) == 0 {
		return nil, ""
	}
	if s.Secrets == nil {
		s.Secrets = map[string]string{}
	}
	shown = object{}
	for name, secret := range secrets {
		if name == "encryption-key" {
			fingerprint := "1"
			if secret == "autogen" {
				secret = `{"kdf":null,"data":"c2ltdWxhdGVkIGtleQ=="}`
			}
			var key struct{ Data, Fingerprint string }
			if json.Unmarshal([]byte(secret), &key) != nil || key.Data == "" {
				return nil, "Value does not seems like a valid, JSON formatted encryption key!"
			}
			if key.Fingerprint != "" {
				fingerprint = key.Fingerprint
			}
			shown[name], s.Config[name] = secret, fingerprint
		}
		if name == "master-pubkey" {
			s.Config[name] = "1"
		}
		s.Secrets[name] = strings.Clone(secret)
	}
	return shown, ""
}
