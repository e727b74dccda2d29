package drill

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

func resultsIn(folder string) string { return filepath.Join(folder, result.FileName) }

func isUnusable(err error) bool { return errors.Is(err, result.ErrUnusable) }

// guest is one whose backup is to be drilled.
type guest struct {
	pve.GuestResource
	environment string
}

func (s *site) describe(resource pve.GuestResource) guest {
	return guest{GuestResource: resource, environment: s.file.Environment(s.cluster.Name, config.GuestIdentity{
		VMID: resource.VMID, Node: resource.Node, Pool: resource.Pool, Tags: pve.SplitTags(resource.Tags),
	})}
}

// choose returns the guests that this run drills: those that are named, else those whose turn it is.
func (s *site) choose() ([]guest, error) {
	if len(s.options.Guests) > 0 {
		return s.named()
	}
	byID := map[string]guest{}
	var candidates []plan.Candidate
	for _, resource := range s.resources.Guests {
		each := s.describe(resource)
		every, declared := s.file.DrillPeriod(each.environment, each.VMID)
		wanted := len(s.options.Environments) == 0 || slices.Contains(s.options.Environments, each.environment)
		if _, backedUp := plan.Newest(s.archives, each.Type, each.VMID); !declared || !wanted || each.Template || !backedUp {
			continue
		}
		known := s.results.Know(s.cluster.Name, each.ID, s.options.Now().Unix())
		candidate := plan.Candidate{ID: each.ID, VMID: each.VMID, Environment: each.environment, Every: every, Since: known.Since}
		if tried := known.Tried; tried != nil {
			candidate.LastTried, candidate.Failed = tried.End, tried.Verdict != result.Success
		}
		byID[each.ID] = each
		candidates = append(candidates, candidate)
	}
	if !s.options.DryRun {
		if err := s.save(); err != nil {
			return nil, err
		}
	}
	var chosen []guest
	for _, turn := range plan.Turns(candidates, s.options.Now()) {
		chosen = append(chosen, byID[turn.ID])
	}
	return chosen, nil
}

// named finds the guests that the user names.
func (s *site) named() ([]guest, error) {
	var found []guest
	var failures []error
	for _, name := range s.options.Guests {
		kind, number, typed := strings.Cut(name, "/")
		if !typed {
			kind, number = "", name
		}
		vmid, err := strconv.Atoi(number)
		at := slices.IndexFunc(s.resources.Guests, func(each pve.GuestResource) bool {
			return each.VMID == vmid && (!typed || each.Type == kind)
		})
		switch {
		case err != nil:
			failures = append(failures, ui.Hint(fmt.Errorf("%q is not a guest", name), "write its id, such as 101, or lxc/101"))
		case at < 0:
			failures = append(failures, ui.Hint(fmt.Errorf("cluster %s has no guest %s, or the token may not see it", s.cluster.Name, name),
				"VM.Audit on the guest lets the token see it; docs/permissions.md has the rights of drills"))
		case s.cluster.Drill.VMIDs.Contains(vmid):
			failures = append(failures, ui.Hint(fmt.Errorf("guest %s has an id that is kept for scratch guests", name), "name the guest whose backup is to be restored"))
		default:
			found = append(found, s.describe(s.resources.Guests[at]))
		}
	}
	return found, errors.Join(failures...)
}
