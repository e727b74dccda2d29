package plan

// Kind is a kind of thing that provisioning keeps.
type Kind string

// The kinds that a Proxmox VE cluster has.
const (
	Storage   Kind = "storage"    // a storage definition, /storage
	Job       Kind = "job"        // a scheduled backup job, /cluster/backup
	GuestDisk Kind = "guest_disk" // whether a volume of a guest is part of its backups
)

// Key identifies an object. Scope is the configured name of the cluster. ID is the job's or the storage's id, or guest and volume as in
// "qemu/104:scsi1".
type Key struct {
	Scope string
	Kind  Kind
	ID    string
}

// Field is a property as the file wants it.
type Field struct {
	// Text is the value in canonical form. A sensitive field has none: its value never enters a plan.
	Text string
	// Sensitive marks a secret. It is a change where SecretChanged says so, and shown as nothing but that.
	Sensitive, SecretChanged bool
	// At is the place in the file, as file:line:column, that asks for this value.
	At string
}

// Desired is an object as the file wants it.
type Desired struct {
	Key
	Environment string
	At          string // the place in the file that declares it
	// Fields are the wanted properties by Proxmox VE's own names.
	Fields map[string]Field
	// Managed names the properties that the file decides: one that Fields lacks is removed from the object. All others are left alone.
	Managed []string
	// Fixed names the properties that cannot be changed once the object exists.
	Fixed []string
	// Contains names the properties whose text is a comma-separated list of which the object must hold at least the wanted members.
	Contains []string
	// Guests are the ids that a job covers once it is as declared, counted in the way of Current.Guests: none of a disabled job, or of one
	// whose storage no node could use then.
	Guests []int
	// Undecided says that the file names the object and cannot say at the moment what it shall be: it is left as it is, and is not made anew.
	Undecided bool
	// Adopt takes over an object that this tool did not make. Known says that it made it or took it over before.
	Adopt, Known bool
}

// Current is an object as it is.
type Current struct {
	Key
	// Owned objects carry this tool's marker, which names their environment.
	Owned       bool
	Environment string
	Fields      map[string]string
	// Pending are values that were written and wait for a restart of the guest.
	Pending map[string]string
	// Guests are the ids that a backup job covers: that it selects while it is enabled, fires again and has a usable storage.
	Guests []int
}
