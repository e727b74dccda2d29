package pvesim

import (
	"maps"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// guestCreateEndpoints are the calls that make guests: containers from templates and archives, virtual machines from archives only.
func (c *Cluster) guestCreateEndpoints() []wire.Endpoint {
	own := map[string][]wire.Param{
		"qemu": {
			{Name: "archive", MaxLength: 255}, {Name: "storage", Check: checkStorageID}, {Name: "bwlimit", Kind: wire.Integer, Min: wire.Limit(0)}, {Name: "live-restore", Kind: wire.Boolean},
		},
		"lxc": {
			{Name: "ostemplate", Required: true, MaxLength: 255},
			{Name: "storage", Check: checkStorageID},
			{Name: "bwlimit", Kind: wire.Number, Min: wire.Limit(0)},
			{Name: "restore", Kind: wire.Boolean},
			{Name: "ignore-unpack-errors", Kind: wire.Boolean},
			{Name: "unprivileged", Kind: wire.Boolean},
			{Name: "password", MinLength: 5},
			{Name: "ssh-public-keys"},
		},
	}
	var list []wire.Endpoint
	for _, kind := range []string{"qemu", "lxc"} {
		params := append(own[kind], vmidParam(true), wire.Param{Name: "pool"}, wire.Param{Name: "force", Kind: wire.Boolean},
			wire.Param{Name: "unique", Kind: wire.Boolean}, wire.Param{Name: "start", Kind: wire.Boolean})
		for _, key := range guestKeys(kind) {
			params = append(params, key.param)
		}
		handle := c.postContainer
		if kind == "qemu" {
			handle = c.postMachine
		}
		list = append(list, wire.Endpoint{Method: "POST", Template: "/nodes/{node}/" + kind, OnNode: true, Protected: true, Params: params, Handle: handle})
	}
	return list
}

// wanted is a call to make a guest.
type wanted struct {
	call     *wire.Call
	kind     string
	vmid     int
	node     string
	restored bool
	same     *Guest            // the guest of this id and kind that is to be overwritten; nil for none
	config   map[string]string // given, but for volumes
	volumes  map[string]string // given
}

func (c *Cluster) readWanted(call *wire.Call, kind string) wanted {
	w := wanted{
		call: call, kind: kind, vmid: int(call.Int("vmid", 0)), node: call.Get("node"), config: map[string]string{}, volumes: map[string]string{},
		restored: call.Bool("restore") || kind == "qemu",
	}
	for _, name := range call.Given() {
		switch key := guestKeyOf(kind, name); {
		case key == nil:
		case formatOf(kind, name) != nil:
			w.volumes[name] = call.Get(name)
		default:
			w.config[name] = canonicalValue(kind, name, call.Get(name), key.param.Kind == wire.Boolean)
		}
	}
	if g := c.model.Guests[w.vmid]; g != nil && g.Type == kind && g.Node == w.node && w.restored && call.Bool("force") {
		w.same = g
	}
	return w
}

// mayMake checks what every call to make a guest needs: a free id, a pool that exists, and the right to have a guest there.
func (c *Cluster) mayMake(w *wanted) *wire.Error {
	pool, path := w.call.Get("pool"), "/vms/"+w.call.Get("vmid")
	if !c.model.Quorate {
		return wire.Failure("cluster not ready - no quorum?")
	}
	if pool != "" && c.model.Pools[pool] == nil {
		return wire.Forbidden("pool '" + pool + "' does not exist")
	}
	allowed := c.may(w.call, path, "VM.Allocate") || pool != "" && c.may(w.call, "/pool/"+pool, "VM.Allocate") || w.same != nil && c.may(w.call, path, "VM.Backup")
	if !allowed {
		return &wire.Error{Status: 403, Reason: "Permission check failed"}
	}
	return nil
}

// taken is the error about an id that a guest has already; nil for a free one.
func (c *Cluster) taken(w *wanted) *wire.Error {
	g := c.model.Guests[w.vmid]
	if g == nil || g == w.same {
		return nil
	}
	return wire.Failure(kindName(g.Type) + " " + decimal(g.VMID) + " already exists on node '" + g.Node + "'")
}

// mayConfigure checks the privilege for each key that was given, on the guest or on its pool.
func (c *Cluster) mayConfigure(w *wanted) *wire.Error {
	path, pool := "/vms/"+w.call.Get("vmid"), w.call.Get("pool")
	for _, key := range slices.Concat(slices.Sorted(maps.Keys(w.config)), slices.Sorted(maps.Keys(w.volumes))) {
		value := w.config[key] + w.volumes[key]
		known := guestKeyOf(w.kind, key)
		switch {
		case strings.HasPrefix(w.volumes[key], "/"):
			return wire.Forbidden("mount point type " + mountVolume(key, value).Kind + " is only allowed for root@pam")
		case w.kind == "lxc" && key == "features" && value != "nesting=1" && value != "nesting=0":
			return wire.Forbidden("changing feature flags (except nesting) is only allowed for root@pam")
		case known.rootOnly(value):
			return wire.Failure("only root can set '" + key + "' config")
		case !c.may(w.call, path, known.privilege) && (pool == "" || !c.may(w.call, "/pool/"+pool, known.privilege)):
			return wire.Forbidden(path + ", " + known.privilege)
		}
		_, properties := splitProperties(value)
		if bridge := "/sdn/zones/localnetwork/" + properties["bridge"]; strings.HasPrefix(key, "net") && properties["bridge"] != "" && !c.may(w.call, bridge, "SDN.Use") {
			return wire.Forbidden(bridge + ", SDN.Use")
		}
	}
	if w.call.Bool("start") && !c.may(w.call, path, "VM.PowerMgmt") && (pool == "" || !c.may(w.call, "/pool/"+pool, "VM.PowerMgmt")) {
		return wire.Forbidden(path + ", VM.PowerMgmt")
	}
	return nil
}

// mayRead checks the right to read an archive or a template.
func (c *Cluster) mayRead(call *wire.Call, volume, content string) *wire.Error {
	id := storageOf(volume)
	path := "/storage/" + id
	switch {
	case !strings.HasPrefix(volume, id+":"+content+"/"):
		return wire.Failure("unable to parse " + map[string]string{"backup": "backup", "vztmpl": "template"}[content] + " volume name '" + volume + "'")
	case c.may(call, path, "Datastore.Allocate"):
		return nil
	case content != "backup":
		return c.need(path, "Datastore.AllocateSpace", "Datastore.Audit")(call)
	}
	return firstError(c.need(path, "Datastore.AllocateSpace")(call), c.need("/vms/"+decimal(ownerOf(volume)), "VM.Backup")(call))
}

// postMachine restores a virtual machine.
func (c *Cluster) postMachine(call *wire.Call) (wire.Answer, *wire.Error) {
	w, storage, archive := c.readWanted(call, "qemu"), call.Get("storage"), call.Get("archive")
	if archive == "" {
		return wire.Answer{}, &wire.Error{Status: 501, Reason: "virtual machines can only be restored here", Detail: "virtual machines can only be restored here"}
	}
	if storage != "" {
		if failure := c.need("/storage/"+storage, "Datastore.AllocateSpace")(call); failure != nil {
			return wire.Answer{}, failure
		}
	}
	if failure := c.mayMake(&w); failure != nil {
		return wire.Answer{}, failure
	}
	for _, key := range slices.Sorted(maps.Keys(w.volumes)) {
		return wire.Answer{}, wire.Invalid(key, "option conflicts with option 'archive'")
	}
	if failure := c.mayRead(call, archive, "backup"); failure != nil {
		return wire.Answer{}, failure
	}
	if c.model.archiveAt(archive, w.node) == nil && c.model.refusal(storageOf(archive), w.node) == "" {
		return wire.Answer{}, wire.Failure("volume '" + archive + "' does not exist")
	}
	if failure := c.mayConfigure(&w); failure != nil {
		return wire.Answer{}, failure
	}
	if failure := c.overwrites(&w, "unable to restore VM "+decimal(w.vmid)+" - "); failure != nil {
		return wire.Answer{}, failure
	}
	r := c.restoreOf(&w, archive)
	return wire.Answer{Data: c.startRestore(r)}, nil
}

// overwrites refuses an id that is taken, or a guest that cannot be overwritten now.
func (c *Cluster) overwrites(w *wanted, prefix string) *wire.Error {
	failure := c.taken(w)
	switch g := w.same; {
	case g == nil || failure != nil:
	case g.Lock != "":
		failure = wire.Failure(kindName(g.Type) + " is locked (" + g.Lock + ")")
	case g.Config["protection"] == "1":
		failure = wire.Failure("protection mode enabled")
	case g.status() == "running":
		failure = wire.Failure("vm is running")
	}
	if failure != nil {
		failure.Reason = prefix + failure.Reason
	}
	return failure
}

func (c *Cluster) restoreOf(w *wanted, archive string) restore {
	who := w.call.Who
	return restore{
		archive: archive, vmid: w.vmid, kind: w.kind, node: w.node, user: who, storage: w.call.Get("storage"), pool: w.call.Get("pool"),
		unique: w.call.Bool("unique"), start: w.call.Bool("start"), limit: w.call.Int("bwlimit", 0), given: w.config, mounts: w.volumes,
		may: func(path, privilege string) bool { return c.model.Access.Allowed(who, path, privilege) },
	}
}
