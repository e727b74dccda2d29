package plan

// Kind is a kind of thing that provisioning keeps.
type Kind string

// The kinds that a Proxmox VE cluster has.
const (
	Storage   Kind = "storage"    // a storage definition, /storage
	Job       Kind = "job"        // a scheduled backup job, /cluster/backup
	GuestDisk Kind = "guest_disk" // whether a volume of a guest is part of its backups
)

// The kinds of the container that an object store runs in: all but the last belong to a cluster.
const (
	ContainerTemplate Kind = "container_template" // a template on a storage, by its volume id
	Container         Kind = "container"          // the container, by its id as in "lxc/130"
	ContainerFirewall Kind = "container_firewall" // its firewall, by the same id
	ContainerState    Kind = "container_state"    // that it runs, by the same id
	StoreServer       Kind = "store_server"       // the server in it; its id is the container's as well
)

// The kinds that an object store has, and what concerns the Terraform states in it.
const (
	LockProbe   Kind = "lock_probe"   // the proof that a server keeps locks and versions; its id is the server's address
	Bucket      Kind = "bucket"       // a bucket and its versioning
	Lifecycle   Kind = "lifecycle"    // the rules by which a bucket loses earlier versions; its id is the bucket's name
	AccessKey   Kind = "access_key"   // an access key for one bucket; its id is the environment's name
	BackendFile Kind = "backend_file" // a file with Terraform's backend, by its path as the declared file has it
)

// OfStore reports whether objects of this kind belong to an object store, and not to a cluster.
func (k Kind) OfStore() bool {
	switch k {
	case StoreServer, LockProbe, Bucket, Lifecycle, AccessKey, BackendFile:
		return true
	}
	return false
}

// Key identifies an object. Scope is the configured name of the cluster or of the store. ID is the job's or the storage's id, guest and volume
// as in "qemu/104:scsi1", or what the kind says.
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
