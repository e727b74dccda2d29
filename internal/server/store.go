package server

import (
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// storeView is one object store as the page shows it. Its texts are fit to be shown, and unknown facts are empty.
type storeView struct {
	Name, State, Certificate string
	Up                       bool
	Buckets                  []bucketView
	States                   []stateView
}

type bucketView struct {
	Name, There, Versions, Objects, Size string
	Bad                                  bool
}

type stateView struct {
	Environment, Place, Size, Versions, Serial string
	Changed, Locked                            moment
}

func viewStore(s *snapshot.ObjectStore, now int64) storeView {
	view := storeView{Name: words.Name(s.Name), Up: s.Up.Or(false), State: "was not asked"}
	if up, known := s.Up.Get(); known {
		view.State = map[bool]string{true: "is well", false: "cannot be used"}[up]
	}
	if end, known := s.TLSNotAfter.Get(); known {
		view.Certificate = ", certificate valid until " + time.Unix(end, 0).UTC().Format(time.DateOnly)
	}
	for i := range s.Buckets {
		view.Buckets = append(view.Buckets, viewBucket(&s.Buckets[i]))
	}
	for i := range s.States {
		view.States = append(view.States, viewState(&s.States[i], now))
	}
	return view
}

func viewBucket(b *snapshot.Bucket) bucketView {
	view := bucketView{Name: words.Name(b.Name), There: "not known"}
	if up, known := b.Up.Get(); known {
		view.There = map[bool]string{true: "yes", false: "no"}[up]
	}
	view.Versions = map[snapshot.Versioning]string{
		snapshot.VersioningEnabled: "kept", snapshot.VersioningPartial: "not kept of all", snapshot.VersioningSuspended: "suspended", snapshot.VersioningOff: "not kept",
	}[b.Versioning]
	view.Bad = !b.Up.Or(true) || b.Versioning != snapshot.VersioningEnabled && b.Versioning != snapshot.VersioningUnknown
	if objects, known := b.Objects.Get(); known {
		view.Objects = words.Count(int(objects), "object", "objects")
	}
	if bytes, known := b.Bytes.Get(); known {
		view.Size = size(bytes)
	}
	return view
}

func viewState(s *snapshot.TerraformState, now int64) stateView {
	view := stateView{
		Environment: words.Name(s.Environment), Place: words.Name(s.Bucket) + "/" + words.Name(s.Key), Changed: at(s.LastModified, now), Locked: at(s.LockedSince, now),
	}
	if exists, known := s.Exists.Get(); known && !exists {
		view.Changed = moment{Text: "not there"}
	}
	if bytes, known := s.Bytes.Get(); known {
		view.Size = size(bytes)
	}
	if versions, known := s.Versions.Get(); known {
		view.Versions = words.Count(versions, "version", "versions")
	}
	if serial, known := s.Serial.Get(); known {
		view.Serial = words.Count(int(serial), "change", "changes")
	}
	return view
}
