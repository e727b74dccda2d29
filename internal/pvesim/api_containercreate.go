package pvesim

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// postContainer makes a container from a template or an archive.
func (c *Cluster) postContainer(call *wire.Call) (wire.Answer, *wire.Error) {
	w, source := c.readWanted(call, "lxc"), call.Get("ostemplate")
	unprivileged := c.atLeast(9, 0)
	if call.Has("unprivileged") {
		unprivileged = call.Bool("unprivileged")
	}
	if failure := firstError(c.takenContainer(&w), c.mayMake(&w)); failure != nil {
		return wire.Answer{}, failure
	}
	if !w.restored && !unprivileged && !c.may(call, "/", "Sys.Modify") {
		return wire.Answer{}, wire.Forbidden("/, Sys.Modify")
	}
	content := "vztmpl"
	if w.restored {
		content = "backup"
	}
	if failure := firstError(c.mayConfigure(&w), c.mayRead(call, source, content)); failure != nil {
		return wire.Answer{}, failure
	}
	if failure := c.usableVolumes(&w); failure != nil {
		return wire.Answer{}, failure
	}
	if call.Has("unprivileged") || !w.restored {
		w.config["unprivileged"] = strconv.Itoa(b2i(unprivileged))
	}
	if w.config["unprivileged"] == "0" {
		delete(w.config, "unprivileged")
	}
	if w.restored {
		return wire.Answer{Data: c.startRestore(c.restoreOf(&w, source))}, nil
	}
	volumes, text := c.model.newMounts(w.vmid, w.volumes, nil)
	if text != "" {
		return wire.Answer{}, wire.Failure(text)
	}
	return wire.Answer{Data: c.startCreation(creation{
		template: source, vmid: w.vmid, node: w.node, user: call.Who, pool: call.Get("pool"), start: call.Bool("start"), config: w.config, volumes: volumes,
	})}, nil
}

// takenContainer refuses an id that is taken, or a container that cannot be overwritten now.
func (c *Cluster) takenContainer(w *wanted) *wire.Error {
	switch g := w.same; {
	case g == nil:
		return c.taken(w)
	case g.status() == "running":
		return wire.Failure("can't overwrite running container")
	case g.Config["protection"] == "1":
		return wire.Failure("unable to restore CT " + decimal(g.VMID) + " - protection mode enabled")
	case g.Lock != "":
		return wire.Failure("unable to restore CT " + decimal(g.VMID) + " - CT is locked (" + g.Lock + ")")
	}
	return nil
}

// usableVolumes checks the storages of the volumes that a call names; without any, that of the whole.
func (c *Cluster) usableVolumes(w *wanted) *wire.Error {
	standard := "local"
	if w.call.Has("storage") {
		standard = w.call.Get("storage")
	}
	if len(w.volumes) > 0 && w.volumes["rootfs"] == "" {
		return wire.Failure("mount points configured, but 'rootfs' not set - aborting")
	}
	if len(w.volumes) == 0 && !w.restored {
		w.volumes["rootfs"] = standard + ":4"
	}
	if len(w.volumes) == 0 {
		return c.usableForContainers(w, standard)
	}
	for _, key := range slices.Sorted(maps.Keys(w.volumes)) {
		id, rest := splitProperties(w.volumes[key])
		if _, err := strconv.ParseFloat(id, 64); err == nil { // a size alone means the standard storage
			w.volumes[key] = standard + ":" + w.volumes[key]
			id = standard + ":" + id
		}
		if id == "" {
			id = rest["volume"]
		}
		storage, _, _ := strings.Cut(id, ":")
		if failure := c.usableForContainers(w, storage); failure != nil {
			return failure
		}
	}
	return nil
}

func (c *Cluster) usableForContainers(w *wanted, id string) *wire.Error {
	s := c.model.Storage(id)
	switch {
	case s == nil:
		return wire.Failure("storage '" + id + "' does not exist")
	case s.Disabled:
		return wire.Failure("storage '" + id + "' is disabled")
	case !s.On(w.node):
		return wire.Failure("storage '" + id + "' is not available on node '" + w.node + "'")
	case !s.Holds("rootdir"):
		return wire.Invalid("storage", "storage '"+id+"' does not support container directories")
	case !c.may(w.call, "/storage/"+id, "Datastore.AllocateSpace"):
		return wire.Forbidden("/storage/" + id + ", Datastore.AllocateSpace")
	case !s.Active(w.node):
		return wire.Failure(s.activationError())
	}
	return nil
}
