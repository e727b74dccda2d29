package vzdump

import (
	"bytes"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// creating reads "creating vzdump archive 'PATH'", "creating Proxmox Backup Server archive 'SNAPSHOT'", "creating PROVIDER archive 'NAME'",
// and until PVE 6.2-6 "creating archive 'PATH'".
func (b *block) creating(rest []byte) {
	kind, name, ok := bytes.Cut(rest, []byte("archive '"))
	end := bytes.LastIndexByte(name, '\'')
	if !ok || end < 0 {
		return
	}
	name = name[:end]
	b.write(strings.ToValidUTF8(string(name[:min(len(name), maxArchive)]), "\ufffd"))
	b.server = hasPrefix(kind, "Proxmox Backup Server")
}

// write begins the archive, so that whatever hook scripts said of it before is void. Without a name it goes to standard output.
func (b *block) write(archive string) {
	if b.ArchiveStored {
		return // there is one archive a guest
	}
	b.Archive, b.writing, b.copying = archive, true, false
	b.cause = evidence{} // whatever went wrong before did not keep it from getting here
	b.ArchiveBytes, b.TransferredBytes, b.TarBytes = optional.Value[int64]{}, optional.Value[int64]{}, optional.Value[int64]{}
	b.SparseBytes, b.ReusedBytes, b.CompressedBytes = optional.Value[int64]{}, optional.Value[int64]{}, optional.Value[int64]{}
	b.DirtyBytes, b.ProvisionedBytes = optional.Value[int64]{}, optional.Value[int64]{}
}

// stored notes that the archive is complete: what follows can fail the guest, but not the archive.
func (b *block) stored([]byte) {
	if b.writing && b.Archive != "" {
		b.ArchiveStored, b.writing = true, false
	}
}

func (b *block) archiveSize(rest []byte) {
	if size, ok := parseArchiveSize(rest); ok && !b.ArchiveStored {
		b.ArchiveBytes = optional.Some(size)
		b.stored(nil)
	}
}

// transferred reads "32.00 GiB in 120 seconds (...)". A backup server has everything by then; a file still waits for the compressor.
func (b *block) transferred(rest []byte) {
	size, behind, ok := leadingAmount(rest)
	if !ok || !hasPrefix(behind, " in ") || b.ArchiveStored {
		return
	}
	b.TransferredBytes = optional.Some(size)
	if b.server {
		b.stored(nil)
	}
}

// clientDone is the first line that the backup server's client prints when the server has everything: "Duration: 12.50s".
func (b *block) clientDone([]byte) {
	if b.server && b.writing && b.TransferredBytes.Known() {
		b.stored(nil)
	}
}

// tarTotal reads "564357120 (539MiB, 93MiB/s)".
func (b *block) tarTotal(rest []byte) {
	if size, behind, ok := leadingInt(rest); ok && hasPrefix(behind, " (") && !b.ArchiveStored {
		b.TarBytes = optional.Some(size)
	}
}

// sparse reads "12.34 GiB (38%) total zero data".
func (b *block) sparse(rest []byte) { b.share(rest, &b.SparseBytes) }

// reused reads "30.12 GiB (94%)".
func (b *block) reused(rest []byte) { b.share(rest, &b.ReusedBytes) }

func (b *block) share(rest []byte, fact *optional.Value[int64]) {
	if size, behind, ok := leadingAmount(rest); ok && hasPrefix(behind, " (") && !b.ArchiveStored {
		*fact = optional.Some(size)
	}
}

// dirty reads "1.2 GiB dirty of 32.0 GiB total".
func (b *block) dirty(rest []byte) {
	changed, behind, ok := leadingAmount(rest)
	if !ok || !hasPrefix(behind, " dirty of ") || b.ArchiveStored {
		return
	}
	if total, behind, ok := leadingAmount(behind[len(" dirty of "):]); ok && hasPrefix(behind, " total") {
		b.DirtyBytes, b.ProvisionedBytes = optional.Some(changed), optional.Some(total)
	}
}

// clientLine reads what the backup server's client says of one of a container's archives, and reports whether the line is of that kind:
//
//	root.pxar: had to backup 123.4 MiB of 2.345 GiB (compressed 45.6 MiB) in 12.34s     client 1.1 and newer
//	root.pxar: had to upload 836.53 MiB of 17.85 GiB in 229.00s, average speed ...      client 1.0
//	root.pxar: backup was done incrementally, reused 2.2 GiB (94.7%)
//
// A container has one archive, or two with change detection: their figures add up.
func (b *block) clientLine(message []byte) bool {
	colon := bytes.Index(message, []byte(": "))
	if colon < 0 {
		return false
	}
	rest := message[colon+len(": "):]
	switch {
	case hasPrefix(rest, "had to backup "):
		b.uploaded(rest[len("had to backup "):])
	case hasPrefix(rest, "had to upload "):
		b.uploaded(rest[len("had to upload "):])
	case hasPrefix(rest, "backup was done incrementally, reused "):
		if size, behind, ok := leadingAmount(rest[len("backup was done incrementally, reused "):]); ok && hasPrefix(behind, " (") {
			add(&b.ReusedBytes, size)
		}
	default:
		return false
	}
	return true
}

// uploaded reads "123.4 MiB of 2.345 GiB (compressed 45.6 MiB) in 12.34s".
func (b *block) uploaded(rest []byte) {
	size, behind, ok := leadingAmount(rest)
	if !ok || !hasPrefix(behind, " of ") {
		return
	}
	add(&b.TransferredBytes, size)
	if _, compressed, found := bytes.Cut(behind, []byte("(compressed ")); found {
		if size, behind, ok := leadingAmount(compressed); ok && hasPrefix(behind, ")") {
			add(&b.CompressedBytes, size)
		}
	}
}

func add(fact *optional.Value[int64], more int64) {
	*fact = optional.Some(fact.Or(0) + more)
}

// percent reads the share of the disks that was read: " 10% (3.2 GiB of 32.0 GiB) in 12s, ...", behind "status: " until PVE 6.2-4, and
// behind "progress " of a template. It reports whether the text is of that kind.
func (b *block) percent(text []byte) bool {
	i, done := 0, 0
	for i < len(text) && text[i] == ' ' {
		i++
	}
	for digits := i; i < len(text) && isDecimal(text[i]) && i < digits+3; i++ {
		done = 10*done + int(text[i]-'0')
	}
	if done > 100 || len(text) < i+3 || text[i] != '%' || text[i+1] != ' ' || text[i+2] != '(' && !isDecimal(text[i+2]) {
		return false
	}
	b.reopen()
	b.done, b.progress = uint8(done), true
	return true
}

func (b *block) prunes([]byte) {
	b.stored(nil)
	b.pruning = true
}

// pruned reads "2 backup(s) not covered by keep-retention policy".
func (b *block) pruned(rest []byte) {
	if n, behind, ok := leadingInt(rest); ok && hasPrefix(behind, " backup(s)") && !b.Pruned.Known() {
		b.Pruned = optional.Some(n)
	}
}

// deleted counts what PVE 6 and older say of retention; newer versions sum it up.
func (b *block) deleted([]byte) {
	b.stored(nil)
	b.removed++
}

// notDeleted takes back what deleted counted: the line says first what is about to be removed, and then that it was not.
func (b *block) notDeleted() {
	if b.removed > 0 {
		b.removed--
	}
}
