package store

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// lockDays is how long versions of a released lock stay: one day is the least that S3 knows.
const lockDays = 1

// ruleMark begins the ids of the rules that provisioning writes. A file with an owner of its own adds that.
const ruleMark = "pve-backup-exporter/"

// rulePrefix is how the ids of an owner's rules begin. Those of no owner have nothing but a number behind the mark.
func rulePrefix(owner string) string {
	if owner == "" {
		return ruleMark
	}
	return ruleMark + owner + "/"
}

// isOurs reports whether provisioning wrote a rule for this owner.
func isOurs(rule *objectstore.LifecycleRule, owner string) bool {
	number, ours := strings.CutPrefix(rule.ID, rulePrefix(owner))
	return ours && !strings.Contains(number, "/")
}

// wantedRules are the rules for a state: one for its earlier versions, one for what each lock leaves behind, which is a version and a delete marker.
func wantedRules(each state, owner string) []objectstore.LifecycleRule {
	rules := []objectstore.LifecycleRule{
		{Enabled: true, Prefix: each.Key, NoncurrentDays: each.Versions.Days, NewerNoncurrentVersions: each.Versions.Keep},
		{Enabled: true, Prefix: each.LockKey(), NoncurrentDays: lockDays, ExpiredObjectDeleteMark: true},
	}
	for i := range rules {
		sum := sha256.Sum256([]byte(rules[i].Prefix))
		rules[i].ID = fmt.Sprintf("%s%x", rulePrefix(owner), sum[:6])
	}
	return rules
}

// ruleText writes what a rule does in S3's own words. Equal texts mean the same.
func ruleText(rule *objectstore.LifecycleRule) string {
	var words []string
	add := func(is bool, format string, values ...any) {
		if is {
			words = append(words, fmt.Sprintf(format, values...))
		}
	}
	add(!rule.Enabled, "Disabled")
	add(rule.NoncurrentDays > 0, "NoncurrentDays=%d", rule.NoncurrentDays)
	add(rule.NewerNoncurrentVersions > 0, "NewerNoncurrentVersions=%d", rule.NewerNoncurrentVersions)
	add(rule.ExpiredObjectDeleteMark, "ExpiredObjectDeleteMarker=true")
	add(rule.Expires && rule.ExpirationDays > 0, "Days=%d", rule.ExpirationDays)
	add(rule.Expires && rule.ExpirationDays == 0, "Date")
	add(rule.Other, "and more")
	return strings.Join(words, " ")
}

// merge puts wanted rules into the place of those that provisioning wrote before. All others stay as they are, and where they are.
func merge(existing, wanted []objectstore.LifecycleRule, owner string) []objectstore.LifecycleRule {
	var merged []objectstore.LifecycleRule
	for i := range existing {
		if !isOurs(&existing[i], owner) {
			merged = append(merged, existing[i])
		}
	}
	for i := range wanted {
		if foreign := same(existing, &wanted[i], owner); foreign == nil {
			merged = append(merged, wanted[i])
		}
	}
	return merged
}

// same finds a rule of somebody else that does what a wanted one would do.
func same(existing []objectstore.LifecycleRule, wanted *objectstore.LifecycleRule, owner string) *objectstore.LifecycleRule {
	for i := range existing {
		if !isOurs(&existing[i], owner) && existing[i].Same(wanted) {
			return &existing[i]
		}
	}
	return nil
}

// harms says what a rule of somebody else does to a state that is declared; empty where it does no harm.
func harms(rule *objectstore.LifecycleRule, each state) string {
	if !rule.Enabled || !strings.HasPrefix(each.Key, rule.Prefix) {
		return ""
	}
	switch {
	case rule.Expires:
		return "removes the state itself"
	case rule.NoncurrentDays > 0 && (rule.NoncurrentDays < each.Versions.Days || rule.NewerNoncurrentVersions < each.Versions.Keep):
		return "removes earlier versions sooner than declared"
	}
	return ""
}
