package pve

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// Archive is one backup on a storage.
type Archive struct {
	VolumeID string // storage:backup/...
	// Created is when the backup began, in Unix seconds. It is read from the archive's name, in the answering node's time zone; a name without
	// a valid date has the file's own time.
	Created int64
	VMID    int    // 0 when the name has none
	Type    string // qemu, lxc, or unknown for a name that vzdump does not give

	// Mark is what pruning would do: keep, remove, protected or renamed. Only the prune lists have it.
	Mark string

	// The rest is known from Client.Content only.

	// Size is in bytes: of the stored file, or on PBS of the guest's data before deduplication, and 1 for a snapshot that is not finished.
	Size         optional.Value[int64]
	Protected    bool
	Encrypted    bool
	Verification string // ok or failed; empty when it was never verified
	Notes        string // of a file, only the first line
	Format       string // tar.zst, vma.zst, pbs-vm, ...
}

// PruneList lists every archive on a storage by asking what a rule that keeps everything would remove
// (GET /nodes/{node}/storage/{storage}/prunebackups, a dry run). It needs no more than Datastore.Audit on the storage, and knows no sizes.
func (c *Client) PruneList(ctx context.Context, node, storage string) ([]Archive, error) {
	return c.PrunePreview(ctx, node, storage, "keep-all=1")
}

// PrunePreview lists every archive on a storage with what a retention rule, such as keep-daily=7,keep-last=3, would do with it. An empty
// rule means the storage's own, and is refused if it has none.
func (c *Client) PrunePreview(ctx context.Context, node, storage, rule string) ([]Archive, error) {
	query := url.Values{}
	if rule != "" {
		query.Set("prune-backups", rule)
	}
	list, _, err := fetchRows(ctx, c, query, readPruneEntry, "/nodes/{node}/storage/{storage}/prunebackups", node, storage)
	return list, err
}

func readPruneEntry(r *record) Archive {
	return Archive{
		VolumeID: r.required("volid"), Created: r.count("ctime"), VMID: int(r.count("vmid")), Type: r.text("type"),
		Mark: r.text("mark"), Protected: r.text("mark") == "protected",
	}
}

// Content lists the archives on a storage with all that is known of them (GET /nodes/{node}/storage/{storage}/content?content=backup).
// It needs Datastore.Allocate on the storage, or Datastore.AllocateSpace there and VM.Backup on each guest: archives without these are
// missing, and nothing says so.
func (c *Client) Content(ctx context.Context, node, storage string) ([]Archive, error) {
	query := url.Values{"content": {"backup"}}
	list, _, err := fetchRows(ctx, c, query, readContentEntry, "/nodes/{node}/storage/{storage}/content", node, storage)
	return list, err
}

func readContentEntry(r *record) Archive {
	return Archive{
		VolumeID: r.required("volid"), Created: r.count("ctime"), VMID: int(r.count("vmid")), Type: r.text("subtype"),
		Size: r.integer("size"), Protected: r.flag("protected", false), Encrypted: encrypted(r),
		Verification: field(r, "verification", verificationOf), Notes: r.text("notes"), Format: r.text("format"),
	}
}

// encrypted reads a member that is 1 or the fingerprint of the key.
func encrypted(r *record) bool {
	text := r.text("encrypted")
	return text != "" && text != "0"
}

// verificationOf reads {"state": "ok", "upid": ...}.
func verificationOf(raw json.RawMessage) (string, error) {
	if kindOfJSON(raw) == "null" {
		return "", nil
	}
	return object(raw, func(r *record) string { return r.text("state") })
}
