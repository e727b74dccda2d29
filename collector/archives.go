package collector

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// Names of the target series that tell of archives.
const (
	Archives             = Prefix + "archives"
	ArchivesBytes        = Prefix + "archives_bytes"
	ArchivesSized        = Prefix + "archives_sized"
	ArchivesProtected    = Prefix + "archives_protected"
	ArchiveOldest        = Prefix + "archive_oldest_timestamp_seconds"
	ArchiveNewest        = Prefix + "archive_newest_timestamp_seconds"
	ArchivesEncrypted    = Prefix + "archives_encrypted"
	ArchivesVerified     = Prefix + "archives_verified"
	ArchivesVerifyFailed = Prefix + "archives_verify_failed"
	ArchivesLogicalBytes = Prefix + "archives_logical_bytes"
	ArchivesExpected     = Prefix + "archives_expected"
	ArchivesExcess       = Prefix + "archives_excess"
)

const (
	listing        = "the archive listing, GET /nodes/{node}/storage/{storage}/prunebackups (a dry run)"
	contentListing = "GET /nodes/{node}/storage/{storage}/content, with archive_details"
)

// archiveFamilies are part of the target series; what a listing shows is absent until there was one.
var archiveFamilies = []family[snapshot.Target]{
	{
		name:    Archives,
		meaning: "Number of the guest's archives on the storage; 0 once a complete listing found none.",
		origin:  listing,
		value:   ofListing(func(a snapshot.Archives) (float64, bool) { return float64(a.Count), true }),
	},
	{
		name:    ArchivesBytes,
		meaning: "Size of those archives whose size is known, in bytes.",
		origin:  "the content listing with archive_details, else the task logs",
		value:   ofListing(func(a snapshot.Archives) (float64, bool) { return float64(a.Bytes), a.Sized > 0 || a.Count == 0 }),
	},
	{
		name:    ArchivesSized,
		meaning: "Number of archives whose size is known.",
		origin:  "the content listing with archive_details, else the task logs",
		value:   ofListing(func(a snapshot.Archives) (float64, bool) { return float64(a.Sized), true }),
	},
	{
		name:    ArchivesProtected,
		meaning: "Number of archives that are protected from removal.",
		origin:  listing,
		value:   ofListing(func(a snapshot.Archives) (float64, bool) { return float64(a.Protected), true }),
	},
	{
		name:    ArchiveOldest,
		meaning: "Time of the oldest archive, in Unix seconds.",
		origin:  listing,
		value:   ofListing(func(a snapshot.Archives) (float64, bool) { return number(a.Oldest) }),
	},
	{
		name:    ArchiveNewest,
		meaning: "Time of the newest archive, in Unix seconds.",
		origin:  listing,
		value:   ofListing(func(a snapshot.Archives) (float64, bool) { return number(a.Newest) }),
	},
	{
		name:    ArchivesExpected,
		meaning: "Number of archives that schedule and retention rule would hold by now; absent when all are kept.",
		origin:  "GET /cluster/backup and /storage",
		value:   func(t *snapshot.Target) (float64, bool) { return number(t.Expected) },
	},
	{
		name: ArchivesExcess,
		meaning: "Number of archives that the retention rule in effect (the job's, the storage's, the node's) would remove now; absent when all " +
			"are kept. Protected and renamed archives do not count.",
		origin: listing,
		value:  func(t *snapshot.Target) (float64, bool) { return number(t.Excess) },
	},
	{
		name:    ArchivesEncrypted,
		meaning: "Number of archives that are encrypted (Proxmox Backup Server).",
		origin:  contentListing,
		value:   ofDetails(func(d snapshot.ArchiveDetails) (float64, bool) { return float64(d.Encrypted), true }),
	},
	{
		name:    ArchivesVerified,
		meaning: "Number of archives whose last verification succeeded (Proxmox Backup Server).",
		origin:  contentListing,
		value:   ofDetails(func(d snapshot.ArchiveDetails) (float64, bool) { return float64(d.Verified), true }),
	},
	{
		name:    ArchivesVerifyFailed,
		meaning: "Number of archives whose last verification failed (Proxmox Backup Server).",
		origin:  contentListing,
		value:   ofDetails(func(d snapshot.ArchiveDetails) (float64, bool) { return float64(d.VerifyFailed), true }),
	},
	{
		name:    ArchivesLogicalBytes,
		meaning: "Size of the archives before deduplication, in bytes (Proxmox Backup Server).",
		origin:  contentListing,
		value:   ofDetails(func(d snapshot.ArchiveDetails) (float64, bool) { return number(d.LogicalBytes) }),
	},
}

func ofListing(value func(snapshot.Archives) (float64, bool)) func(*snapshot.Target) (float64, bool) {
	return func(t *snapshot.Target) (float64, bool) {
		listed, known := t.Archives.Get()
		if !known {
			return 0, false
		}
		return value(listed)
	}
}

func ofDetails(value func(snapshot.ArchiveDetails) (float64, bool)) func(*snapshot.Target) (float64, bool) {
	return ofListing(func(a snapshot.Archives) (float64, bool) {
		details, known := a.Details.Get()
		if !known {
			return 0, false
		}
		return value(details)
	})
}
