package store

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

var lab = state{"lab", config.TerraformState{Bucket: "tfstate-lab", Key: "terraform.tfstate", Versions: config.StateVersions{Keep: 10, Days: 90}}}

func TestTheRulesOfAState(t *testing.T) {
	rules := wantedRules(lab, "")
	if len(rules) != 2 || ruleText(&rules[0]) != "NoncurrentDays=90 NewerNoncurrentVersions=10" || rules[1].Prefix != "terraform.tfstate.tflock" ||
		ruleText(&rules[1]) != "NoncurrentDays=1 ExpiredObjectDeleteMarker=true" {
		t.Errorf("%+v", rules)
	}
	for owner, ours := range map[string]bool{"": true, "team-a": false} {
		if isOurs(&rules[0], owner) != ours {
			t.Errorf("owner %q: %t", owner, !ours)
		}
	}
	others := wantedRules(lab, "team-a")
	if isOurs(&others[0], "") || !isOurs(&others[0], "team-a") || isOurs(&others[0], "team") {
		t.Errorf("%s", others[0].ID)
	}
}

func TestMergingKeepsRulesOfOthers(t *testing.T) {
	wanted := wantedRules(lab, "")
	foreign := objectstore.LifecycleRule{ID: "by hand", Enabled: true, Prefix: "logs/", Expires: true, ExpirationDays: 30}
	alike := wanted[0]
	alike.ID = "also by hand"
	stale := objectstore.LifecycleRule{ID: rulePrefix("") + "0123456789ab", Enabled: true, Prefix: "old.tfstate", NoncurrentDays: 1}
	for _, tt := range []struct {
		name     string
		existing []objectstore.LifecycleRule
		want     []string // ids
	}{
		{"none", nil, []string{wanted[0].ID, wanted[1].ID}},
		{"the same", wanted, []string{wanted[0].ID, wanted[1].ID}},
		{"in another order, with others", []objectstore.LifecycleRule{wanted[1], foreign, wanted[0]}, []string{"by hand", wanted[0].ID, wanted[1].ID}},
		{"one that does the same", []objectstore.LifecycleRule{alike}, []string{"also by hand", wanted[1].ID}},
		{"one of an old key", []objectstore.LifecycleRule{stale}, []string{wanted[0].ID, wanted[1].ID}},
	} {
		merged := merge(tt.existing, wanted, "")
		var ids []string
		for _, rule := range merged {
			ids = append(ids, rule.ID)
		}
		if len(ids) != len(tt.want) {
			t.Errorf("%s: %q", tt.name, ids)
			continue
		}
		for i := range ids {
			if ids[i] != tt.want[i] {
				t.Errorf("%s: %q", tt.name, ids)
			}
		}
	}
}

func TestRulesThatDoHarm(t *testing.T) {
	rule := func(edit func(*objectstore.LifecycleRule)) objectstore.LifecycleRule {
		rule := objectstore.LifecycleRule{Enabled: true}
		edit(&rule)
		return rule
	}
	for name, tt := range map[string]struct {
		rule  objectstore.LifecycleRule
		harms bool
	}{
		"expires all":             {rule(func(r *objectstore.LifecycleRule) { r.Expires, r.ExpirationDays = true, 30 }), true},
		"expires at a date":       {rule(func(r *objectstore.LifecycleRule) { r.Expires = true }), true},
		"expires others":          {rule(func(r *objectstore.LifecycleRule) { r.Expires, r.Prefix = true, "logs/" }), false},
		"switched off":            {rule(func(r *objectstore.LifecycleRule) { r.Expires, r.Enabled = true, false }), false},
		"fewer days":              {rule(func(r *objectstore.LifecycleRule) { r.NoncurrentDays, r.NewerNoncurrentVersions = 30, 10 }), true},
		"fewer versions":          {rule(func(r *objectstore.LifecycleRule) { r.NoncurrentDays, r.NewerNoncurrentVersions = 90, 3 }), true},
		"keeps more":              {rule(func(r *objectstore.LifecycleRule) { r.NoncurrentDays, r.NewerNoncurrentVersions = 365, 50 }), false},
		"removes delete markers":  {rule(func(r *objectstore.LifecycleRule) { r.ExpiredObjectDeleteMark = true }), false},
		"the locks of this state": {rule(func(r *objectstore.LifecycleRule) { r.NoncurrentDays, r.Prefix = 1, "terraform.tfstate.tflock" }), false},
	} {
		if harm := harms(&tt.rule, lab); (harm != "") != tt.harms {
			t.Errorf("%s: %q", name, harm)
		}
	}
}
