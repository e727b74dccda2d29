package pvesim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// contentEndpoints are the calls about what lies on a storage.
func (c *Cluster) contentEndpoints() []wire.Endpoint {
	audit := c.need("/storage/{storage}", "Datastore.Audit", "Datastore.AllocateSpace")
	return []wire.Endpoint{
		{
			Method: "GET", Template: "/nodes/{node}/storage/{storage}/content", OnNode: true, Protected: true, Check: audit, Handle: c.getContent,
			Params: []wire.Param{{Name: "content", Check: checkContent}, vmidParam(false)},
		},
		{
			Method: "GET", Template: "/nodes/{node}/storage/{storage}/prunebackups", OnNode: true, Protected: true, Check: audit, Handle: c.getPrune,
			Params: []wire.Param{{Name: "prune-backups", Check: checkRetention}, vmidParam(false), {Name: "type", Values: []string{"qemu", "lxc"}}},
		},
	}
}

// checkRetention is PVE's format for retention rules.
func checkRetention(text string) error {
	_, err := vzdump.ParseRetention(text)
	if err == nil {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		if name, _, _ := strings.Cut(part, "="); !slices.Contains(keepNames, name) {
			return textError("format error\nprune-backups." + name + ": property is not defined in schema and the schema does not allow additional properties")
		}
	}
	return textError("format error\nprune-backups: " + err.Error())
}

// keepNames are the parts of a retention rule.
var keepNames = []string{"keep-all", "keep-last", "keep-hourly", "keep-daily", "keep-weekly", "keep-monthly", "keep-yearly"}

// contentRow is an archive in a content listing.
type contentRow struct {
	VolID        string        `json:"volid"`
	Content      string        `json:"content"`
	Format       string        `json:"format"`
	Subtype      string        `json:"subtype"`
	CTime        int64         `json:"ctime"`
	Size         int64         `json:"size"`
	VMID         int           `json:"vmid"`
	Notes        rawText       `json:"notes,omitempty"`
	Protected    int           `json:"protected,omitempty"`
	Encrypted    string        `json:"encrypted,omitempty"`
	Verification *verification `json:"verification,omitempty"`
}

// verification is the verdict of a Proxmox Backup Server's verify job.
type verification struct {
	State string `json:"state"`
	UPID  string `json:"upid"`
}

// usable finds the storage of a call, or says why nothing on it can be read.
func (c *Cluster) usable(call *wire.Call) (*Storage, *wire.Error) {
	id, node := call.Get("storage"), call.Get("node")
	if text := c.model.refusal(id, node); text != "" {
		return nil, wire.Failure(text)
	}
	return c.model.Storage(id), nil
}

// getContent lists archives, but only those that the caller could also restore and delete: without that right the list is empty, and no
// error says why.
func (c *Cluster) getContent(call *wire.Call) (wire.Answer, *wire.Error) {
	s, failure := c.usable(call)
	if failure != nil {
		return wire.Answer{}, failure
	}
	data := []any{}
	wants := func(content string) bool {
		wanted := call.Get("content")
		return s.Holds(content) && (wanted == "" || slices.Contains(strings.Split(wanted, ","), content))
	}
	if wants("vztmpl") && !call.Has("vmid") {
		for _, row := range templateRows(s, call.Get("node")) {
			data = append(data, row)
		}
	}
	if !wants("backup") {
		return wire.Answer{Data: data}, nil
	}
	path := "/storage/" + s.ID
	all := c.may(call, path, "Datastore.Allocate")
	space, visible := c.may(call, path, "Datastore.AllocateSpace"), c.model.Access.Guests(call.Who, "VM.Backup")
	zone := c.nodes[call.Get("node")].node.Zone
	only := int(call.Int("vmid", 0))
	for _, a := range c.shelfAt(c.model.place(s, call.Get("node"))).byName() {
		if only != 0 && a.VMID != only || !all && !(space && visible(a.VMID)) {
			continue
		}
		data = append(data, contentOf(a, zone))
	}
	return wire.Answer{Data: data}, nil
}

// contentOf shows an archive. Directories show the first line of its notes, a Proxmox Backup Server shows all of them.
func contentOf(a namedArchive, zone *time.Location) contentRow {
	row := contentRow{
		VolID: a.Storage + ":backup/" + a.name, Content: "backup", Format: a.Ending, Subtype: a.Type, CTime: a.ctime(zone), Size: a.Size, VMID: a.VMID,
		Notes: rawText(a.Notes), Protected: b2i(a.Protected), Encrypted: a.Encrypted,
	}
	if a.Ending != "" {
		first, _, _ := strings.Cut(a.Notes, "\n")
		row.Notes = rawText(first)
		return row
	}
	row.Format = map[string]string{"qemu": "pbs-vm", "lxc": "pbs-ct"}[a.Type]
	if a.Verification != "" {
		row.Verification = &verification{a.Verification, "UPID:pbs:00000A1B:00C0FFEE:00000012:6B000000:verificationjob:" + a.Storage + "\\x3av\\x2d1:root@pam:"}
	}
	return row
}

// pruneRow is an archive in the dry run of a prune. A renamed one tells its guest as a text.
type pruneRow struct {
	VolID string `json:"volid"`
	CTime int64  `json:"ctime"`
	Mark  string `json:"mark"`
	Type  string `json:"type"`
	VMID  any    `json:"vmid,omitempty"`
}

// getPrune tells what a rule, or the storage's own, would remove.
func (c *Cluster) getPrune(call *wire.Call) (wire.Answer, *wire.Error) {
	s, failure := c.usable(call)
	if failure != nil {
		return wire.Answer{}, failure
	}
	if !s.Holds("backup") {
		return wire.Answer{}, wire.Failure("storage '" + s.ID + "' does not support backups")
	}
	text := cmp.Or(call.Get("prune-backups"), s.Retention)
	if text == "" {
		return wire.Answer{}, wire.Failure("no prune-backups options configured for storage '" + s.ID + "'")
	}
	rule, err := vzdump.ParseRetention(text)
	if err != nil {
		return wire.Answer{}, wire.Failure(err.Error())
	}
	zone := c.nodes[call.Get("node")].node.Zone
	shelf := c.shelfAt(c.model.place(s, call.Get("node")))
	removed := c.wouldRemove(shelf, rule, zone)
	data := []pruneRow{}
	only, kind := int(call.Int("vmid", 0)), call.Get("type")
	for _, a := range shelf.byName() {
		if only != 0 && a.VMID != only || kind != "" && a.Type != kind {
			continue
		}
		row := pruneRow{VolID: a.Storage + ":backup/" + a.name, CTime: a.ctime(zone), Mark: "keep", Type: a.Type, VMID: a.VMID}
		switch {
		case a.Protected:
			row.Mark = "protected"
		case a.Renamed != "":
			row.Mark, row.VMID = "renamed", strconv.Itoa(a.VMID)
		case removed[a.Archive]:
			row.Mark = "remove"
		}
		data = append(data, row)
	}
	return wire.Answer{Data: data}, nil
}

// wouldRemove applies a rule to every group of a shelf.
func (c *Cluster) wouldRemove(s *shelf, rule vzdump.Retention, zone *time.Location) map[*Archive]bool {
	removed := map[*Archive]bool{}
	if rule.KeepsAll() {
		return removed
	}
	for vmid := range s.byGuest {
		for _, kind := range []string{"qemu", "lxc"} {
			group, times := s.group(vmid, kind, zone)
			for i, keep := range rule.Keep(times) {
				if !keep {
					removed[group[i]] = true
				}
			}
		}
	}
	return removed
}
