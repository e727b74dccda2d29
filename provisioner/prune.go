package provisioner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

const (
	keepAll        = "keep-all=1"
	retentionField = "prune-backups"
)

// ruled is what decides which archives the next run of a job removes.
type ruled struct {
	storage, rule string
	guests        []int
}

// checkArchives finds the jobs whose next run would remove archives that no run would remove now, since a rule became stricter or a job became
// responsible for archives that were there before. The clusters' own prune dry-run tells which. Without such a change nothing is asked.
func checkArchives(ctx context.Context, all sites, input plan.Input, planned plan.Plan) []plan.Refusal {
	before, after := rules(input, plan.Plan{}), rules(input, planned)
	wishes := wishesOf(input)
	pruning := pruner{sites: all, lists: map[preview]listing{}}
	var refusals []plan.Refusal
	for _, key := range sortedKeys(after) {
		was, is := before[key], after[key]
		if was.storage != is.storage {
			was = ruled{storage: is.storage, rule: keepAll}
		}
		if is.rule == keepAll || is.rule == was.rule && len(missing(was.guests, is.guests)) == 0 {
			continue
		}
		at := wishes[key].At
		if field, declared := wishes[key].Fields[retentionField]; declared {
			at = field.At
		}
		lost, err := pruning.compare(ctx, key.Scope, was, is)
		if err != nil {
			refusals = append(refusals, plan.Refusal{
				Key: key, At: at, Risk: plan.DeleteArchives,
				Message: fmt.Sprintf("which archives the next run of job %s would delete cannot be found out: %s", key.ID, reason(err)),
				Hint:    "see to it that storage " + is.storage + " can be read, then run this again; --accept-risk=" + plan.DeleteArchives + " goes on without knowing",
			})
			continue
		}
		refusals = append(refusals, plan.ArchivesLost(plan.Change{Key: key, At: at}, lost)...)
	}
	return refusals
}

// rules returns what rules the archives of each job that runs, once a plan was carried out. A job for which neither it nor its storage has a rule
// leaves it to the nodes: they are asked when it matters.
func rules(input plan.Input, planned plan.Plan) map[plan.Key]ruled {
	wishes := wishesOf(input)
	fields := map[plan.Key]map[string]string{}
	guests := map[plan.Key][]int{}
	for _, current := range input.Current {
		fields[current.Key], guests[current.Key] = current.Fields, current.Guests
	}
	for _, change := range planned.Changes {
		if change.Action == plan.Delete {
			delete(fields, change.Key)
			continue
		}
		fields[change.Key] = changed(fields[change.Key], change)
		guests[change.Key] = wishes[change.Key].Guests
	}
	result := map[plan.Key]ruled{}
	for key, job := range fields {
		if key.Kind != plan.Job || len(guests[key]) == 0 {
			continue
		}
		storage := plan.Key{Scope: key.Scope, Kind: plan.Storage, ID: job["storage"]}
		result[key] = ruled{
			storage: storage.ID, guests: guests[key],
			rule: cmp.Or(job[retentionField], fields[storage][retentionField]),
		}
	}
	return result
}

// changed applies a change to an object's properties.
func changed(fields map[string]string, change plan.Change) map[string]string {
	after := map[string]string{}
	for name, text := range fields {
		after[name] = text
	}
	for _, field := range change.Fields {
		if delete(after, field.Name); field.HasAfter {
			after[field.Name] = field.After
		}
	}
	return after
}

// preview is one question to a cluster.
type preview struct{ cluster, node, storage, rule string }

type listing struct {
	archives []pve.Archive
	err      error
}

// pruner asks clusters what rules would remove, each question once.
type pruner struct {
	sites sites
	lists map[preview]listing
}

// compare returns what a job's next run would remove that none removes now, by guest.
func (p pruner) compare(ctx context.Context, name string, was, is ruled) (map[int][]string, error) {
	lost := map[int][]string{}
	for _, node := range p.nodes(name, is) {
		goes, err := p.removed(ctx, name, node, is)
		if err != nil {
			return nil, err
		}
		var went []pve.Archive
		if len(goes) > 0 {
			if went, err = p.removed(ctx, name, node, was); err != nil {
				return nil, err
			}
		}
		for _, archive := range goes {
			known := slices.Contains(was.guests, archive.VMID) &&
				slices.ContainsFunc(went, func(each pve.Archive) bool { return each.VolumeID == archive.VolumeID })
			if slices.Contains(is.guests, archive.VMID) && !known {
				lost[archive.VMID] = append(lost[archive.VMID], archive.VolumeID)
			}
		}
	}
	return lost, nil
}

// ruleOn is the rule that holds on a node: its own default where neither job nor storage has one.
func (p pruner) ruleOn(ctx context.Context, name, node string, job ruled) (string, error) {
	if job.rule != "" {
		return job.rule, nil
	}
	defaults, err := p.sites.byName[name].client.VZDumpDefaults(ctx, node, job.storage)
	if !defaults.Remove && err == nil {
		return keepAll, nil
	}
	return cmp.Or(defaults.Retention, keepAll), err
}

// nodes lists the nodes that must be asked: one for a storage that all see alike, else each that has guests of the job. A storage that is not
// there yet has no archives.
func (p pruner) nodes(name string, job ruled) []string {
	inventory := &p.sites.byName[name].inventory
	storage, exists := inventory.Storage(job.storage)
	if !exists {
		return nil
	}
	var nodes []string
	for _, node := range inventory.Nodes {
		if !node.Online || !storage.TakesBackups(node.Name) {
			continue
		}
		hasGuests := slices.ContainsFunc(job.guests, func(vmid int) bool {
			guest, known := inventory.Guest(vmid)
			return known && guest.Node == node.Name
		})
		if storage.Shared {
			return []string{node.Name}
		}
		if hasGuests {
			nodes = append(nodes, node.Name)
		}
	}
	return nodes
}

// removed lists what a rule would remove from a storage now, whoever's archives they are.
func (p pruner) removed(ctx context.Context, name, node string, job ruled) ([]pve.Archive, error) {
	rule, err := p.ruleOn(ctx, name, node, job)
	if err != nil || rule == keepAll {
		return nil, err
	}
	ask := preview{name, node, job.storage, rule}
	got, known := p.lists[ask]
	if !known {
		got.archives, got.err = p.sites.byName[name].client.PrunePreview(ctx, node, job.storage, rule)
		got.archives = slices.DeleteFunc(got.archives, func(archive pve.Archive) bool { return archive.Mark != "remove" })
		p.lists[ask] = got
	}
	return got.archives, got.err
}

// missing returns the members of list that are not in other.
func missing(other, list []int) []int {
	return slices.DeleteFunc(slices.Clone(list), func(id int) bool { return slices.Contains(other, id) })
}

func sortedKeys(of map[plan.Key]ruled) []plan.Key {
	keys := make([]plan.Key, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b plan.Key) int { return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.ID, b.ID)) })
	return keys
}

// reason is what an error of the API says, without the call.
func reason(err error) string {
	var refusal *pve.Error
	if errors.As(err, &refusal) {
		return strings.Join(strings.Fields(refusal.Text()), " ")
	}
	return err.Error()
}
