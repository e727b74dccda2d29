package pvesim

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// guestWriteEndpoints are the calls that change guests' configurations.
func (c *Cluster) guestWriteEndpoints() []wire.Endpoint {
	var list []wire.Endpoint
	for kind, methods := range map[string][]string{"qemu": {"PUT", "POST"}, "lxc": {"PUT"}} {
		names := listOf(checkConfigID)
		params := []wire.Param{vmidParam(true), {Name: "delete", Check: names}, {Name: "revert", Check: names}, {Name: "digest", MaxLength: 40}}
		if kind == "qemu" {
			params = append(params, wire.Param{Name: "force", Kind: wire.Boolean, Requires: "delete"}, wire.Param{Name: "skiplock", Kind: wire.Boolean})
		}
		for _, key := range guestKeys(kind) {
			params = append(params, key.param)
		}
		for _, method := range methods {
			own := slices.Clone(params)
			if method == "POST" {
				own = append(own, wire.Param{Name: "background_delay", Kind: wire.Integer, Min: wire.Limit(1), Max: wire.Limit(30)})
			}
			list = append(list, wire.Endpoint{
				Method: method, Template: "/nodes/{node}/" + kind + "/{vmid}/config", OnNode: true, Protected: true,
				Check: c.need("/vms/{vmid}", guestPrivileges(kind)...), Params: own, Handle: c.writeGuest(kind),
			})
		}
	}
	return list
}

// guestEdit is what a call wants to change.
type guestEdit struct {
	kind           string
	set            map[string]string
	remove, revert []string
}

func readGuestEdit(call *wire.Call, kind string) guestEdit {
	e := guestEdit{kind: kind, set: map[string]string{}, remove: splitList(call.Get("delete")), revert: splitList(call.Get("revert"))}
	for _, name := range call.Given() {
		if key := guestKeyOf(kind, name); key != nil {
			e.set[name] = canonicalValue(kind, name, call.Get(name), key.param.Kind == wire.Boolean)
		}
	}
	return e
}

// canonicalValue writes a value as a configuration file holds it. A disk is replaced as a whole: what its text leaves out is gone.
func canonicalValue(kind, name, value string, flag bool) string {
	if flag {
		return flagText(value)
	}
	if format := formatOf(kind, name); format != nil {
		if values, err := format.parse(name, value); err == nil {
			return format.print(values)
		}
	}
	return value
}

func (c *Cluster) writeGuest(kind string) func(*wire.Call) (wire.Answer, *wire.Error) {
	return func(call *wire.Call) (wire.Answer, *wire.Error) {
		if call.Bool("skiplock") {
			return wire.Answer{}, wire.Invalid("skiplock", "Only root may use this option.")
		}
		edit := readGuestEdit(call, kind)
		if len(edit.set) == 0 && len(edit.remove) == 0 && len(edit.revert) == 0 {
			return wire.Answer{}, wire.Failure("no options specified")
		}
		if failure := firstError(edit.contradiction(), c.mayWriteGuest(call, edit)); failure != nil {
			return wire.Answer{}, failure
		}
		g, failure := c.guestOf(call, kind)
		if failure != nil {
			return wire.Answer{}, failure
		}
		if failure := firstError(c.guestFree(call, g), edit.volumesOf(g)); failure != nil {
			return wire.Answer{}, failure
		}
		c.change(func(*Model) { g.apply(edit) })
		if call.Request.Method != "POST" {
			return wire.Answer{}, nil
		}
		return wire.Answer{Data: c.model.Task(g.Node, "qmconfig", strconv.Itoa(g.VMID), call.Who, "OK", "update VM "+strconv.Itoa(g.VMID)+": "+edit.words())}, nil
	}
}

// words is the edit as the task's log has it.
func (e guestEdit) words() string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(e.set)) {
		parts = append(parts, "-"+key+" "+e.set[key])
	}
	return strings.Join(parts, " ")
}

// contradiction refuses to set and remove a key in one call, and to remove what is no key.
func (e guestEdit) contradiction() *wire.Error {
	for _, key := range e.remove {
		switch _, set := e.set[key]; {
		case set:
			return wire.Invalid("delete", "you can't use '-"+key+"' and -delete "+key+"' at the same time")
		case guestKeyOf(e.kind, key) == nil:
			return wire.Invalid("delete", "unknown option '"+key+"'")
		}
	}
	return nil
}

// mayWriteGuest checks the privilege for each key.
func (c *Cluster) mayWriteGuest(call *wire.Call, e guestEdit) *wire.Error {
	for _, name := range slices.Concat(e.remove, slices.Sorted(maps.Keys(e.set))) {
		privilege := guestKeyOf(e.kind, name).privilege
		value := e.set[name]
		if g := c.model.Guests[int(call.Int("vmid", 0))]; slices.Contains(e.remove, name) && g != nil {
			value = g.Config[name]
		}
		if value != "" && guestKeyOf(e.kind, name).rootOnly(value) {
			return wire.Failure("only root can set '" + name + "' config for non-mapped devices")
		}
		if strings.Contains(e.set[name], "media=cdrom") {
			privilege = "VM.Config.CDROM"
		}
		if !c.may(call, "/vms/"+call.Get("vmid"), privilege) {
			return wire.Forbidden("/vms/" + call.Get("vmid") + ", " + privilege)
		}
		if formatOf(e.kind, name) == nil || !strings.HasPrefix(e.set[name], "/") {
			continue
		}
		if e.kind == "lxc" {
			return wire.Forbidden("mount point type " + mountVolume(name, e.set[name]).Kind + " is only allowed for root@pam")
		}
		return wire.Failure("Only root can pass arbitrary filesystem paths.")
	}
	return nil
}

// guestFree refuses to change a configuration that something else works on, or that was changed since the caller read it.
func (c *Cluster) guestFree(call *wire.Call, g *Guest) *wire.Error {
	digest := call.Get("digest")
	var changed, locked *wire.Error
	if digest != "" && digest != g.Digest() {
		changed = wire.Failure(modifiedText)
		if g.Type == "qemu" {
			changed = wire.Failure("checksum mismatch (file change by other user?)")
		}
	}
	if g.Lock != "" {
		locked = wire.Failure(map[string]string{"qemu": "VM", "lxc": "CT"}[g.Type] + " is locked (" + g.Lock + ")")
	}
	var stuck *wire.Error
	if !c.model.Quorate {
		folder := map[string]string{"qemu": "qemu-server", "lxc": "lxc"}[g.Type]
		stuck = wire.Failure("unable to open file '/etc/pve/nodes/" + g.Node + "/" + folder + "/" + strconv.Itoa(g.VMID) + ".conf.tmp.4711' - Permission denied")
	}
	if g.Type == "qemu" {
		return firstError(changed, locked, stuck)
	}
	return firstError(locked, changed, stuck)
}

// volumesOf refuses volumes that the guest does not have: none are made, moved or swapped here.
func (e guestEdit) volumesOf(g *Guest) *wire.Error {
	for key, value := range e.set {
		if formatOf(g.Type, key) == nil {
			continue
		}
		now, _ := splitProperties(g.Config[key])
		if volume, _ := splitProperties(value); volume != now {
			return wire.Failure("volume '" + volume + "' does not exist")
		}
	}
	return nil
}
