package problems

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// Bounds that the alerts have, too, unless their settings say otherwise.
const (
	lockStale    = 2 * time.Hour
	expiringSoon = 14 * 24 * time.Hour
)

// storeExamination is the look at one object store.
type storeExamination struct {
	*snapshot.ObjectStore
	now   int64
	found []Problem
}

func examineStore(s *snapshot.ObjectStore, now int64) []Problem {
	x := &storeExamination{ObjectStore: s, now: now}
	x.itself()
	x.certificate()
	x.buckets()
	x.states()
	x.sources()
	return x.found
}

func (x *storeExamination) add(p Problem) {
	p.Store = x.Name
	p.Text, p.Hint = words.Line(p.Text), words.Line(p.Hint)
	x.found = append(x.found, p)
}

func (x *storeExamination) down() bool { return !x.Up.Or(true) }

// why adds the reason, where there is one.
func why(text, problem string) string {
	if problem == "" {
		return text
	}
	return text + ": " + problem
}

func (x *storeExamination) itself() {
	if x.down() {
		x.add(Problem{
			Severity: Critical, Kind: ObjectStoreDown, Hint: hintCheck,
			Text: why("Object store "+words.Name(x.Name)+" cannot be used, nor can the Terraform states that lie there", x.Problem),
		})
	}
}

func (x *storeExamination) certificate() {
	end, known := x.TLSNotAfter.Get()
	if !known || end-x.now >= int64(expiringSoon.Seconds()) {
		return
	}
	verb := " expires "
	if end < x.now {
		verb = " expired "
		if x.down() {
			return // which is why, and says so
		}
	}
	x.add(Problem{
		Severity: Warning, Kind: CertificateExpiring, Text: "The certificate of object store " + words.Name(x.Name) + verb + words.When(end, x.now),
		Hint: "renew it; after its end neither Terraform nor this exporter can use the store",
	})
}

func (x *storeExamination) buckets() {
	for _, bucket := range x.Buckets {
		name := "Bucket " + words.Name(bucket.Name) + " of object store " + words.Name(x.Name)
		switch {
		case x.down():
		case bucket.Missing:
			x.add(Problem{
				Severity: Critical, Kind: BucketDown, Text: name + " is not there, nor is the Terraform state that the declared file places in it",
				Hint: "`pve-backup-exporter provision` creates it; if it was deleted, docs/BACKUP-RESTORE.md says how to bring a state back",
			})
		case !bucket.Up.Or(true):
			x.add(Problem{Severity: Critical, Kind: BucketDown, Text: why(name+" cannot be asked", bucket.Problem), Hint: hintCheck})
		}
		switch bucket.Versioning {
		case snapshot.VersioningOff, snapshot.VersioningSuspended, snapshot.VersioningPartial:
			how := map[snapshot.Versioning]string{
				snapshot.VersioningOff: "was never switched on", snapshot.VersioningSuspended: "is suspended", snapshot.VersioningPartial: "does not hold for all of it",
			}[bucket.Versioning]
			x.add(Problem{
				Severity: Warning, Kind: BucketUnversioned, Text: "Versioning of bucket " + words.Name(bucket.Name) + " of object store " + words.Name(x.Name) + " " + how +
					": a Terraform state that is overwritten there cannot be brought back",
				Hint: "`pve-backup-exporter provision` switches it on",
			})
		case snapshot.VersioningEnabled, snapshot.VersioningUnknown:
		}
	}
}

func (x *storeExamination) states() {
	for _, state := range x.States {
		name := "The Terraform state of environment " + words.Name(state.Environment)
		if held, known := state.LockedSince.Get(); known && x.now-held > int64(lockStale.Seconds()) {
			x.add(Problem{
				Severity: Warning, Kind: StateLocked, Text: name + " was locked " + words.When(held, x.now) + " and still is: no other run can begin",
				Hint: "find out who runs Terraform there; if nobody does: `terraform force-unlock ID`, with the id that `terraform plan` names",
			})
		}
		if versions := state.Versions.Or(0); !state.Exists.Or(true) && versions > 0 {
			x.add(Problem{
				Severity: Warning, Kind: StateDeleted, Text: name + " was deleted from bucket " + words.Name(state.Bucket) + "; " +
					words.Count(versions, "version", "versions") + " of it can be brought back",
				Hint: "bring it back before the next run of Terraform, which would create everything anew: docs/BACKUP-RESTORE.md says how",
			})
		}
	}
}

// sources tells what of a store that is up cannot be read, such as with a key that it refuses.
func (x *storeExamination) sources() {
	if x.down() {
		return
	}
	var what []string
	problem := ""
	for _, source := range x.Sources {
		if source.Up {
			continue
		}
		what = append(what, Noun(source))
		if problem == "" {
			problem = source.Problem
		}
	}
	if len(what) > 0 && !x.explained() {
		x.add(Problem{
			Severity: Warning, Kind: SourceDown, Hint: hintCheck,
			Text: why("The "+words.List(what, len(nouns))+" of object store "+words.Name(x.Name)+" cannot be read", problem),
		})
	}
}

// explained reports whether a bucket's line tells why something cannot be read.
func (x *storeExamination) explained() bool {
	for _, bucket := range x.Buckets {
		if !bucket.Up.Or(true) && !bucket.Missing {
			return true
		}
	}
	return false
}
