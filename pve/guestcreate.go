package pve

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strconv"
)

// RestoreVM restores an archive as a virtual machine of the given id and returns the task that does it, of type qmrestore (POST
// /nodes/{node}/qemu). The options are Proxmox VE's: archive, the archive's volume id, must be there; storage is where all disks go, else each
// goes to where it was; unique=1 gives its network cards new addresses; bwlimit is in KiB/s. Some of its configuration can be given anew
// (name, memory, onboot), drives cannot. Without force=1 an id that exists is an error of which [IsAlreadyExists] is true, and an archive that
// does not exist one of which [IsNotFound] is: all else that can go wrong goes wrong in the task, see [Client.WaitTask].
//
// From the call on until the task's end the guest exists, locked, with nothing in its configuration, not even what the options say. After a task
// that failed or was stopped the machine stays there, empty and unlocked (a container is removed again); after one that was killed it stays
// locked, and only root himself can remove it. Raw devices of a node, hostpci0 and the like, come back for root himself only: the task fails for
// others, and for those who lack SDN.Use on the bridges of its network cards, unless the options give the cards anew.
//
// It needs VM.Allocate on /vms/{vmid}, Datastore.AllocateSpace on the storage, and to read the archive Datastore.AllocateSpace on its
// storage with VM.Backup on the guest that it is of.
func (c *Client) RestoreVM(ctx context.Context, node string, vmid int, options map[string]string) (upid string, err error) {
	if options["archive"] == "" {
		return "", errors.New("restore of a virtual machine: no archive is named")
	}
	return c.createGuest(ctx, node, "qemu", vmid, options)
}

// RestoreContainer restores an archive as a container of the given id and returns the task that does it, of type vzrestore (POST
// /nodes/{node}/lxc with restore=1). The option ostemplate must be there: the archive's volume id. Without storage the disks go to the storage
// local, which often takes none. An archive that does not exist fails in the task. One with bind or device mounts is restored for root
// himself only, not even for his token: the task fails, unless the options name rootfs and all mount points that shall come back. See
// [Client.RestoreVM] for the rest; a privileged container needs Sys.Modify on / too.
func (c *Client) RestoreContainer(ctx context.Context, node string, vmid int, options map[string]string) (upid string, err error) {
	options = maps.Clone(options)
	if options["ostemplate"] == "" {
		return "", errors.New("restore of a container: no archive is named")
	}
	options["restore"] = "1"
	return c.createGuest(ctx, node, "lxc", vmid, options)
}

// CreateContainer makes a container of the given id from a template and returns the task that does it, of type vzcreate (POST
// /nodes/{node}/lxc). The option ostemplate must be there: the volume id of a template, see [Client.Templates]. A rootfs or mount point
// "local:8" is a new volume of 8 GiB. Whether the container is privileged differs by version where unprivileged is not said. An id that exists
// is an error of which [IsAlreadyExists] is true; a template that does not exist fails in the task. The task's log holds the fingerprints
// of the new SSH host keys, where the template has a server.
//
// It needs VM.Allocate on /vms/{vmid} or on the pool, VM.Config.Disk, .CPU, .Memory, .Network and .Options as far as they are given,
// Datastore.AllocateSpace on the storages of its volumes, Datastore.Audit on the template's, and SDN.Use on its bridges; with start=1
// VM.PowerMgmt. Features other than nesting and bind mounts are for root himself. Passwords are never part of an error.
func (c *Client) CreateContainer(ctx context.Context, node string, vmid int, options map[string]string) (upid string, err error) {
	if options["ostemplate"] == "" {
		return "", errors.New("new container: no template is named")
	}
	return c.createGuest(ctx, node, "lxc", vmid, options)
}

func (c *Client) createGuest(ctx context.Context, node, guestType string, vmid int, options map[string]string) (string, error) {
	form := formOf(options, nil)
	form.Set("vmid", strconv.Itoa(vmid))
	return c.start(ctx, http.MethodPost, form, "/nodes/{node}/"+guestType, node)
}
