package plan

import (
	"fmt"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// objection says why an object that exists must not be brought in line with the file, if that is so.
func (s *subject) objection(differs differences) *Refusal {
	all := differs.all()
	if len(all) == 0 {
		return nil
	}
	refusal := &Refusal{Key: s.Key, At: s.wanted.At, Fields: all}
	name := s.Kind.Words() + " " + s.ID
	switch {
	case !s.mayChange():
		refusal.Message = fmt.Sprintf("%s exists, was not made by this tool, and is not as declared: %s", name, fieldNames(all))
		refusal.Hint = "declare adopt: true to take it over"
		switch s.Kind {
		case Job:
			refusal.Hint += ", or give the declared job another id"
		case Bucket, Lifecycle:
			refusal.Hint += ", or name a bucket that is not there yet, or empty"
		case AccessKey:
			refusal.Hint += ", or name files that are not there yet: a new access key is made then"
		case Container:
			refusal.Hint = "choose another `vmid`: this id is somebody else's, and provisioning never changes their guests"
			refusal.Fields, differs.fixed = all, nil
		case BackendFile:
			refusal.Hint = "move it away, then run this again; or take `directory` out of the declared file, and keep it by hand"
		default:
			refusal.Hint += ", or declare it as it is"
		}
		if len(differs.fixed) > 0 {
			refusal.Hint = fmt.Sprintf("declare it as it is, or under another id: %s cannot be changed once it exists", fieldNames(differs.fixed))
		}
	case len(differs.fixed) > 0:
		refusal.Fields = differs.fixed
		refusal.Message = fmt.Sprintf("%s is not as declared in what cannot be changed once it exists: %s", name, fieldNames(differs.fixed))
		refusal.Hint = "declare it as it is, or declare a new one under another id"
	default:
		return nil
	}
	return refusal
}

// mayChange reports whether the object is this tool's to change.
func (s *subject) mayChange() bool {
	return s.Kind.ownerless() || s.found.Owned || s.wanted.Adopt || s.wanted.Known
}

// mostNamed is how many of a list a message names.
const mostNamed = 8

func fieldNames(fields []FieldChange) string {
	names := make([]string, len(fields))
	for i, each := range fields {
		names[i] = each.Name
	}
	return words.List(names, mostNamed)
}

// Words names a kind for people: "guest disk".
func (k Kind) Words() string { return strings.ReplaceAll(string(k), "_", " ") }

// ownerless reports that objects of this kind belong to nobody: whoever declares one may change it.
func (k Kind) ownerless() bool { return k == GuestDisk || k == LockProbe }
