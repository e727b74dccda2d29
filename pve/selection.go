package pve

import (
	"slices"
	"strings"
)

// Selection decides which guests a job selects, as PVE::VZDump::get_included_guests does: a pool means its direct members only.
type Selection struct {
	job   *Job
	vmids map[int]bool // named by the job, or excluded where it selects all
}

// Selection prepares the job's selection. It holds on to the job, which must not change meanwhile.
func (j *Job) Selection() Selection {
	ids := j.VMIDs
	if j.All {
		ids = j.Exclude
	}
	set := make(map[int]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return Selection{job: j, vmids: set}
}

// Names reports whether the job selects the guest, wherever it is.
func (s Selection) Names(vmid int, pool string) bool {
	switch {
	case s.job.Pool != "":
		return pool == s.job.Pool
	case s.job.All:
		return !s.vmids[vmid]
	default:
		return s.vmids[vmid]
	}
}

// Reaches reports whether the job runs on a node.
func (s Selection) Reaches(node string) bool { return s.job.Node == "" || s.job.Node == node }

// TakesBackups reports whether the storage is configured so that backups of a node can go there: it is enabled, holds backups and is allowed
// on the node. It says nothing of the storage's health.
func (s *StorageConfig) TakesBackups(node string) bool {
	return !s.Disabled && slices.Contains(s.Content, "backup") && (len(s.Nodes) == 0 || slices.Contains(s.Nodes, node))
}

// SplitTags cuts the tags of a guest as GET /cluster/resources writes them.
func SplitTags(tags string) []string {
	return strings.FieldsFunc(tags, func(r rune) bool { return r == ';' || r == ',' || r == ' ' })
}
