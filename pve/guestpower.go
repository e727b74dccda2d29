package pve

import (
	"context"
	"net/http"
	"strconv"
)

// StartGuest starts a guest and returns the task that does it, of type qmstart or vzstart (POST
// /nodes/{node}/qemu/{vmid}/status/start, or lxc). The task of a virtual machine is done when QEMU runs, that of a container when its init
// does: neither says that the system in it comes up. [IsAlreadyRunning] is true of the error for a container that runs; for a virtual
// machine the task fails. It needs VM.PowerMgmt on the guest.
func (c *Client) StartGuest(ctx context.Context, node, guestType string, vmid int) (upid string, err error) {
	return c.power(ctx, node, guestType, vmid, "start", nil)
}

// StopGuest switches a guest off, as by pulling the plug, and returns the task that does it, of type qmstop or vzstop (POST
// /nodes/{node}/qemu/{vmid}/status/stop, or lxc). [IsNotRunning] is true of the error for a container that does not run; for a virtual
// machine the task succeeds. It needs VM.PowerMgmt on the guest.
func (c *Client) StopGuest(ctx context.Context, node, guestType string, vmid int) (upid string, err error) {
	return c.power(ctx, node, guestType, vmid, "stop", nil)
}

// ShutdownGuest asks the system in a guest to shut down and returns the task that waits for it, of type qmshutdown or vzshutdown (POST
// /nodes/{node}/qemu/{vmid}/status/shutdown, or lxc). Options: timeout in seconds, and forceStop=1 to switch it off after that. It needs
// VM.PowerMgmt on the guest.
func (c *Client) ShutdownGuest(ctx context.Context, node, guestType string, vmid int, options map[string]string) (upid string, err error) {
	return c.power(ctx, node, guestType, vmid, "shutdown", options)
}

func (c *Client) power(ctx context.Context, node, guestType string, vmid int, action string, options map[string]string) (string, error) {
	template, err := guestTemplate(guestType, "status/"+action)
	if err != nil {
		return "", err
	}
	return c.start(ctx, http.MethodPost, formOf(options, nil), template, node, strconv.Itoa(vmid))
}

// DestroyGuest removes a guest with its volumes and returns the task that does it, of type qmdestroy or vzdestroy (DELETE
// /nodes/{node}/qemu/{vmid}, or lxc). Options: purge=1 also takes it out of backup jobs, replication and high availability;
// destroy-unreferenced-disks=1 also removes volumes of its id that its configuration does not name; force=1 stops a running container first.
// Its archives stay. It is refused for a guest that runs ([IsRunning]), that is protected ([IsProtected]), and for one that does not exist
// ([IsNotFound]). A container that is locked is refused too, for a virtual machine the task fails: [IsGuestLocked] is true of both errors.
// Only root himself may ignore a lock. Privileges that were granted on the guest itself go with it, those on /vms and on a pool do not. It
// needs VM.Allocate on the guest.
func (c *Client) DestroyGuest(ctx context.Context, node, guestType string, vmid int, options map[string]string) (upid string, err error) {
	template, err := guestTemplate(guestType, "")
	if err != nil {
		return "", err
	}
	return c.start(ctx, http.MethodDelete, formOf(options, nil), template, node, strconv.Itoa(vmid))
}

// GuestStatus is what a guest does now.
type GuestStatus struct {
	Running bool
	// State is what QEMU says of a virtual machine: running, paused, io-error, prelaunch, ...; of a container it is running or stopped.
	State string
	// Uptime is in seconds; 0 while it does not run.
	Uptime int64
	Name   string
	Lock   string // what works on it: backup, create, ...; empty for nothing
	Tags   string
	// Agent reports that a virtual machine's configuration says that a guest agent is there. Whether it answers: [Client.AgentPing].
	Agent bool
	// MaxMemory is the memory that it may have, in bytes.
	MaxMemory int64
	Template  bool
}

// GuestStatus asks what a guest does (GET /nodes/{node}/qemu/{vmid}/status/current, or lxc). [IsNotFound] is true of the error for one that
// is not on this node. It needs VM.Audit on the guest.
func (c *Client) GuestStatus(ctx context.Context, node, guestType string, vmid int) (GuestStatus, error) {
	template, err := guestTemplate(guestType, "status/current")
	if err != nil {
		return GuestStatus{}, err
	}
	return fetchObject(ctx, c, nil, func(r *record) GuestStatus {
		status := r.required("status")
		s := GuestStatus{
			Running: status == "running", State: r.text("qmpstatus"), Uptime: r.count("uptime"), Name: r.text("name"), Lock: r.text("lock"),
			Tags: r.text("tags"), Agent: r.flag("agent", false), MaxMemory: r.count("maxmem"), Template: r.flag("template", false),
		}
		if s.State == "" {
			s.State = status
		}
		return s
	}, template, node, strconv.Itoa(vmid))
}
