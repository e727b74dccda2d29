package check

import (
	"time"

	"github.com/dustin/go-humanize"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/objectstore"
)

// storeCheck is a check of an object store: what it is called, and how it judges.
type storeCheck struct {
	name string
	find func(*storeFacts) []Finding
}

// storeChecks lists the checks of an object store in the order of the report.
func storeChecks() []storeCheck {
	return []storeCheck{
		{"secrets", (*storeFacts).checkKeys},
		{"connection", (*storeFacts).checkHealth},
		{"certificate", (*storeFacts).checkCertificate},
		{"buckets", (*storeFacts).checkBuckets},
		{"states", (*storeFacts).checkStates},
		{"backends", (*storeFacts).checkBackends},
	}
}

func (f *storeFacts) findings() []Finding {
	var result []Finding
	for _, check := range storeChecks() {
		for _, finding := range check.find(f) {
			finding.Store, finding.Check = f.store.Name, check.name
			result = append(result, finding)
		}
	}
	return result
}

func (f *storeFacts) checkKeys() []Finding {
	var findings []Finding
	for _, secret := range f.secrets {
		findings = append(findings, secretFindings(secret)...)
	}
	if key := f.store.Provisioner; key != nil && key.AccessKeyFile.Resolve() == f.store.AccessKeyFile.Resolve() {
		findings = append(findings, found(Warning, "exporter and provisioner have the same access key").
			because("the exporter runs all the time and answers to the network: what takes it over could change states and delete buckets").
			advise("give the exporter a key of its own, which may only look: docs/object-stores.md has its rights"))
	}
	return findings
}

func (f *storeFacts) checkHealth() []Finding {
	switch {
	case f.connect != nil:
		return []Finding{found(Problem, "there is no connection to %s", f.store.Endpoint).caused(f.connect)}
	case f.health.err != nil:
		return []Finding{found(Problem, "the store at %s cannot be used", f.store.Endpoint).caused(f.health.err)}
	case !f.health.value.Up():
		return []Finding{found(Problem, "the store at %s answers, and is not well", f.store.Endpoint).because("%s", f.health.value.Why).
			advise("look at the server's own log, at its drives and their space")}
	case len(f.states) == 0:
		return []Finding{
			found(OK, "the store at %s is well", f.store.Endpoint),
			found(Info, "no environment has its Terraform state there: nothing else of it is watched").advise("add to an environment: terraform_state: {store: " + f.store.Name + ", bucket: ...}"),
		}
	}
	return []Finding{found(OK, "the store at %s is well", f.store.Endpoint)}
}

// expiresSoon is when a certificate should have been renewed, as the alert has it.
const expiresSoon = 14 * 24 * time.Hour

func (f *storeFacts) checkCertificate() []Finding {
	end := f.certificate.value.NotAfter
	if !f.certificate.read() || end.IsZero() {
		return nil // that it cannot be asked is told, and plain http has none
	}
	when := words.When(end.Unix(), f.now.Unix())
	switch left := end.Sub(f.now); {
	case left < 0:
		return []Finding{found(Problem, "the certificate expired %s", when).advise("renew it: neither Terraform nor the exporter can use the store")}
	case left < expiresSoon:
		return []Finding{found(Warning, "the certificate expires %s", when).because("after that neither Terraform nor the exporter can use the store").advise("renew it")}
	}
	return []Finding{found(OK, "the certificate is valid until %s", end.UTC().Format(time.DateOnly))}
}

func (f *storeFacts) checkBuckets() []Finding {
	var findings []Finding
	provision := "let provisioning do it: pve-backup-exporter provision"
	for _, name := range f.bucketNames() {
		bucket := f.buckets[name]
		switch {
		case bucket == nil: // the store could not be asked
		case bucket.err != nil:
			findings = append(findings, found(Problem, "bucket %s cannot be looked at", words.Name(name)).caused(bucket.err))
		case bucket.value.Versioning == objectstore.VersioningUnknown:
			findings = append(findings, found(Warning, "whether bucket %s keeps versions is not known", words.Name(name)).
				because("the access key may not ask").advise("give it s3:GetBucketVersioning; docs/object-stores.md has all rights of the exporter's key"))
		case bucket.value.Versioning != objectstore.VersioningEnabled:
			findings = append(findings, found(Problem, "bucket %s does not keep versions of all its objects: versioning is %s", words.Name(name), bucket.value.Versioning).
				because("a Terraform state that is overwritten or deleted there cannot be brought back").advise(provision))
		default:
			findings = append(findings, found(OK, "bucket %s is there and keeps versions%s", words.Name(name), f.size(name)))
		}
	}
	if f.usage.err != nil {
		findings = append(findings, found(Warning, "how much the buckets hold cannot be read").caused(f.usage.err))
	}
	return findings
}

func (f *storeFacts) size(bucket string) string {
	usage, known := f.usage.value[bucket]
	if !known {
		return ""
	}
	return ": " + words.Count(int(usage.Objects), "object", "objects") + ", " + humanize.IBytes(uint64(max(0, usage.Bytes)))
}

func (f *storeFacts) checkStates() []Finding {
	var findings []Finding
	for i, held := range f.held {
		declared := f.states[i]
		name := "the Terraform state of environment " + words.Name(declared.Environment)
		switch state := held.value; {
		case !held.asked: // its bucket is told
			continue
		case held.err != nil:
			findings = append(findings, found(Problem, "%s cannot be looked at", name).caused(held.err))
		case !state.Exists && state.Versions > 0:
			findings = append(findings, found(Problem, "%s was deleted: %s of it can be brought back", name, words.Count(state.Versions, "version", "versions")).
				because("the next run of Terraform would create everything anew").advise("bring it back: docs/BACKUP-RESTORE.md, procedure 3"))
		case !state.Exists:
			findings = append(findings, found(Info, "%s is not there yet: %s in bucket %s", name, words.Name(declared.Key), words.Name(declared.Bucket)).
				advise("it appears with `terraform init -migrate-state`, or the first apply"))
		default:
			findings = append(findings, found(OK, "%s: changed %s, %s", name, words.When(state.LastModified.Unix(), f.now.Unix()), words.Count(state.Versions, "version", "versions")))
		}
		if since := held.value.LockedSince; !since.IsZero() {
			findings = append(findings, found(Info, "%s was locked %s and still is", name, words.When(since.Unix(), f.now.Unix())).
				because("somebody works on it, or a run died without releasing the lock"))
		}
		if head := f.heads[i]; head.err != nil && held.value.Exists {
			findings = append(findings, found(Problem, "the serial of %s cannot be read", name).caused(head.err))
		}
	}
	return findings
}
