package pve

import (
	"context"
	"encoding/json"
	"strings"
)

// IncludedGuest is a guest that a job selects, with its volumes.
type IncludedGuest struct {
	VMID    int
	Type    string // qemu, lxc, or unknown for an id that the job names and that no longer exists
	Name    string
	Volumes []IncludedVolume
}

// IncludedVolume is a disk or mount of a guest.
type IncludedVolume struct {
	Key      string // scsi0, rootfs, mp1, ...
	Volume   string // storage:volume, or the path of a bind mount
	Included bool
	// NotVolume reports a bind or device mount of a container, which no vzdump can contain. It is the one reason of the reply that can be
	// trusted: "backup=no" is there for every virtual disk whose flag is set, be it to 1.
	NotVolume bool
}

// IncludedVolumes lists the guests that a job selects and which of their volumes it backs up
// (GET /cluster/backup/{id}/included_volumes). It needs Sys.Audit on /; guests without VM.Audit are missing, and nothing says so.
func (c *Client) IncludedVolumes(ctx context.Context, job string) ([]IncludedGuest, error) {
	return fetchObject(ctx, c, nil, func(r *record) []IncludedGuest {
		return children(r, readIncludedGuest)
	}, "/cluster/backup/{id}/included_volumes", job)
}

func readIncludedGuest(r *record) IncludedGuest {
	return IncludedGuest{
		VMID: int(requiredInteger(r, "id")), Type: r.text("type"), Name: r.text("name"),
		Volumes: children(r, readIncludedVolume),
	}
}

func readIncludedVolume(r *record) IncludedVolume {
	id := r.required("id") // 100:scsi0
	_, key, _ := strings.Cut(id, ":")
	return IncludedVolume{
		Key: key, Volume: r.text("name"), Included: r.flag("included", false), NotVolume: r.text("reason") == "not a volume",
	}
}

// children reads the nodes below a node of the tree.
func children[T any](r *record, read func(*record) T) []T {
	return field(r, "children", func(raw json.RawMessage) ([]T, error) {
		if kindOfJSON(raw) == "null" {
			return nil, nil
		}
		return rows(raw, read)
	})
}
