package store

import (
	"fmt"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// The names of properties.
const (
	locksField      = "locks"      // of a lock probe: that they work, with versioning on
	versioningField = "versioning" // of a bucket
	statusField     = "status"     // of an access key
	policiesField   = "policies"   // that are attached to it
	rightsField     = "rights"     // that the policy of provisioning gives
	secretField     = "secret"
	nameFileField   = "access_key_file"
	secretFileField = "secret_key_file"

	proven  = "proven"
	enabled = "enabled"
)

// Wish is what the declared file wants of a store.
type Wish struct {
	Desired  []plan.Desired
	Refusals []plan.Refusal // that no comparison of properties shows
	Warnings []plan.Warning
	// Steps are what has to be done by hand where the server has no known way to make access keys.
	Steps []Steps
}

// Desired puts what the file declares for a store into the form that plans are made from.
func Desired(file *config.File, inv Inventory) Wish {
	w := &wisher{file: file, inv: inv, owner: file.Provision.Owner, buckets: map[string]*bucketWish{}}
	for _, each := range statesOf(file, inv.Store) {
		w.bucket(each)
		w.key(each)
	}
	if len(w.order) > 0 {
		w.probe()
	}
	for _, name := range w.order {
		w.settle(name, w.buckets[name])
	}
	return w.wish
}

type wisher struct {
	file    *config.File
	inv     Inventory
	owner   string
	order   []string // of the buckets
	buckets map[string]*bucketWish
	wish    Wish
}

// bucketWish is what all states in a bucket want of it.
type bucketWish struct {
	environment string // empty where there are several
	at          string
	adopt       bool
	rules       map[string]plan.Field // by prefix
	states      []state
}

func (w *wisher) at(path ...string) string { return w.file.Position(path...).String() }

func (w *wisher) key(each state) {
	if each.Credentials == nil {
		return
	}
	if found, known := w.inv.Keys[each.environment]; known {
		w.accessKey(each, found)
	}
}

// probe wants the proof that the server keeps locks and versions. It is of the server, so its address is the id.
func (w *wisher) probe() {
	at := w.at("stores", w.inv.Store, "endpoint")
	w.wish.Desired = append(w.wish.Desired, plan.Desired{
		Key: probeKey(w.inv), At: at, Fields: map[string]plan.Field{locksField: {Text: proven, At: at}}, Managed: []string{locksField},
	})
}

func probeKey(inv Inventory) plan.Key {
	return plan.Key{Scope: inv.Store, Kind: plan.LockProbe, ID: inv.Endpoint}
}

func (w *wisher) bucket(each state) {
	wish, known := w.buckets[each.Bucket]
	if !known {
		wish = &bucketWish{environment: each.environment, at: w.at(each.path("bucket")...), rules: map[string]plan.Field{}}
		w.buckets[each.Bucket] = wish
		w.order = append(w.order, each.Bucket)
	} else {
		wish.environment = ""
	}
	wish.adopt = wish.adopt || each.Adopt
	wish.states = append(wish.states, each)
	for _, rule := range wantedRules(each, w.owner) {
		wish.rules[rule.Prefix] = plan.Field{Text: ruleText(&rule), At: w.at(each.path("versions")...)}
	}
}

// settle makes the objects of a bucket.
func (w *wisher) settle(name string, wish *bucketWish) {
	found, known := w.inv.Buckets[name]
	if !known {
		return // nobody asked about its environments
	}
	w.wish.Desired = append(w.wish.Desired, plan.Desired{
		Key: w.bucketKey(plan.Bucket, name), Environment: wish.environment, At: wish.at, Adopt: wish.adopt,
		Fields: map[string]plan.Field{versioningField: {Text: enabled, At: wish.at}}, Managed: []string{versioningField},
	})
	if found.NoRules {
		w.warn(w.bucketKey(plan.Lifecycle, name), wish.at, "remove earlier versions by hand, or use a server with lifecycle rules",
			"store %s knows no lifecycle rules: earlier versions in bucket %s stay for ever, and each lock leaves another", w.inv.Store, name)
		return
	}
	desired := plan.Desired{Key: w.bucketKey(plan.Lifecycle, name), Environment: wish.environment, At: wish.at, Adopt: wish.adopt, Fields: wish.rules}
	for i := range found.Rules {
		rule := &found.Rules[i]
		if isOurs(rule, w.owner) {
			desired.Managed = append(desired.Managed, rule.Prefix)
			continue
		}
		for _, each := range wish.states {
			if harm := harms(rule, each); harm != "" {
				w.warn(desired.Key, wish.at, "change or remove that rule: provisioning leaves rules of others alone",
					"rule %q of bucket %s, which was not made by this tool, %s (%s)", words.Name(rule.ID), name, harm, ruleText(rule))
			}
		}
	}
	w.wish.Desired = append(w.wish.Desired, desired)
}

func (w *wisher) bucketKey(kind plan.Kind, name string) plan.Key {
	return plan.Key{Scope: w.inv.Store, Kind: kind, ID: name}
}

func (w *wisher) warn(key plan.Key, at, hint, format string, values ...any) {
	w.wish.Warnings = append(w.wish.Warnings, plan.Warning{Key: key, At: at, Message: fmt.Sprintf(format, values...), Hint: hint})
}

// Current puts what is there into the same form. Proven tells that the server was found fit before.
func Current(file *config.File, inv Inventory, proven bool) []plan.Current {
	var list []plan.Current
	if proven {
		list = append(list, currentProbe(inv))
	}
	wanted := map[string][]objectstore.LifecycleRule{}
	var order []string
	for _, each := range statesOf(file, inv.Store) {
		if _, known := wanted[each.Bucket]; !known {
			order = append(order, each.Bucket)
		}
		wanted[each.Bucket] = append(wanted[each.Bucket], wantedRules(each, file.Provision.Owner)...)
		if key, known := inv.Keys[each.environment]; known && key.Exists {
			list = append(list, currentKey(inv.Store, each, key))
		}
	}
	for _, name := range order {
		if bucket := inv.Buckets[name]; bucket.Exists {
			list = append(list, currentBucket(inv.Store, name, bucket, file.Provision.Owner))
			if !bucket.NoRules {
				list = append(list, currentRules(inv.Store, name, bucket, wanted[name], file.Provision.Owner))
			}
		}
	}
	return list
}

func currentProbe(inv Inventory) plan.Current {
	return plan.Current{Key: probeKey(inv), Owned: true, Fields: map[string]string{locksField: proven}}
}

// currentBucket is owned where nobody would lose anything, or where provisioning has written before.
func currentBucket(store, name string, bucket Bucket, owner string) plan.Current {
	versioning := string(bucket.Versioning)
	if bucket.Versioning == objectstore.VersioningUnknown {
		versioning = "not known"
	}
	return plan.Current{
		Key: plan.Key{Scope: store, Kind: plan.Bucket, ID: name}, Owned: ours(bucket, owner), Fields: map[string]string{versioningField: versioning},
	}
}

func ours(bucket Bucket, owner string) bool {
	return bucket.Empty || slices.ContainsFunc(bucket.Rules, func(rule objectstore.LifecycleRule) bool { return isOurs(&rule, owner) })
}

// currentRules are the rules that provisioning wrote, and those of others that do just what is wanted.
func currentRules(store, name string, bucket Bucket, wanted []objectstore.LifecycleRule, owner string) plan.Current {
	fields := map[string]string{}
	for i := range wanted {
		if foreign := same(bucket.Rules, &wanted[i], owner); foreign != nil {
			fields[foreign.Prefix] = ruleText(foreign)
		}
	}
	for i := range bucket.Rules {
		if rule := &bucket.Rules[i]; isOurs(rule, owner) {
			fields[rule.Prefix] = ruleText(rule)
		}
	}
	return plan.Current{Key: plan.Key{Scope: store, Kind: plan.Lifecycle, ID: name}, Owned: ours(bucket, owner), Fields: fields}
}
