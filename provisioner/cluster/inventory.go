package cluster

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Inventory is what was read of one cluster, as far as planning needs it.
type Inventory struct {
	Cluster string // its name in the declared file
	// Version is the zero one where it is not known: then no property counts as unknown to the cluster.
	Version pve.Version
	Nodes   []Node  // by name
	Guests  []Guest // by id
	// Pools are the resource pools, by name. PoolsKnown tells that they were read.
	Pools      []string
	PoolsKnown bool
	Jobs       []pve.Job
	Storages   []pve.StorageConfig
	// Volumes are the volumes of guests and whether backups contain them, by the guest's id. A guest that is not in it was not looked at.
	Volumes map[int][]pve.IncludedVolume
	// Firmware tells which virtual machines are known to boot by UEFI: of others no backup contains the firmware's own disk.
	Firmware map[int]bool
	// Pending says, by guest and volume, whether backups will contain a volume after the guest's next start, where that waits for it.
	Pending map[int]map[string]bool
}

// Node is a node of the cluster.
type Node struct {
	Name   string
	Online bool
}

// Guest is a virtual machine or a container.
type Guest struct {
	VMID       int
	Type       string // qemu or lxc
	Name       string
	Node, Pool string
	Tags       []string
	// Silent guests are on a node that has not been heard of: their tags are not known.
	Silent bool
}

// ID names the guest as in "qemu/104".
func (g Guest) ID() string { return g.Type + "/" + strconv.Itoa(g.VMID) }

// Identity is what environments recognise the guest by.
func (g Guest) Identity() config.GuestIdentity {
	return config.GuestIdentity{VMID: g.VMID, Node: g.Node, Pool: g.Pool, Tags: g.Tags}
}

// Facts are the replies that an inventory is made of.
type Facts struct {
	Version   pve.Version         // GET /version
	Resources pve.Resources       // GET /cluster/resources
	Jobs      []pve.Job           // GET /cluster/backup
	Storages  []pve.StorageConfig // GET /storage
	// Included are the volumes of the guests that a job selects, by the job's id: GET /cluster/backup/{id}/included_volumes.
	Included map[string][]pve.IncludedGuest
}

// silent is the state of guests whose node has not been heard of.
const silent = "unknown"

// NewInventory puts an inventory together. The facts are shared with it and must not change meanwhile.
func NewInventory(name string, facts Facts) Inventory {
	inv := Inventory{
		Cluster: name, Version: facts.Version, Jobs: facts.Jobs, Storages: facts.Storages,
		Volumes: map[int][]pve.IncludedVolume{}, Firmware: map[int]bool{}, Pending: map[int]map[string]bool{},
	}
	for _, node := range facts.Resources.Nodes {
		inv.Nodes = append(inv.Nodes, Node{Name: node.Node, Online: node.Online})
	}
	for i := range facts.Resources.Guests {
		guest := &facts.Resources.Guests[i]
		inv.Guests = append(inv.Guests, Guest{
			VMID: guest.VMID, Type: guest.Type, Name: guest.Name, Node: guest.Node, Pool: guest.Pool,
			Tags: pve.SplitTags(guest.Tags), Silent: guest.Status == silent,
		})
	}
	for _, guests := range facts.Included {
		inv.addVolumes(guests)
	}
	slices.SortFunc(inv.Nodes, func(a, b Node) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(inv.Guests, func(a, b Guest) int { return cmp.Compare(a.VMID, b.VMID) })
	return inv
}

// addVolumes takes over the volumes of guests. Several jobs may list a guest: they agree, since flags belong to the guest.
func (inv *Inventory) addVolumes(guests []pve.IncludedGuest) {
	for _, guest := range guests {
		if guest.Type == "qemu" || guest.Type == "lxc" {
			inv.Volumes[guest.VMID] = guest.Volumes
		}
	}
}

// Guest finds a guest by its id.
func (inv *Inventory) Guest(vmid int) (Guest, bool) {
	i, found := slices.BinarySearchFunc(inv.Guests, vmid, func(guest Guest, id int) int { return cmp.Compare(guest.VMID, id) })
	if !found {
		return Guest{}, false
	}
	return inv.Guests[i], true
}

// Job finds a backup job by its id.
func (inv *Inventory) Job(id string) (*pve.Job, bool) {
	i := slices.IndexFunc(inv.Jobs, func(job pve.Job) bool { return job.ID == id })
	if i < 0 {
		return nil, false
	}
	return &inv.Jobs[i], true
}

// Storage finds a storage by its id.
func (inv *Inventory) Storage(id string) (*pve.StorageConfig, bool) {
	i := slices.IndexFunc(inv.Storages, func(storage pve.StorageConfig) bool { return storage.ID == id })
	if i < 0 {
		return nil, false
	}
	return &inv.Storages[i], true
}

// node finds a node by its name.
func (inv *Inventory) node(name string) (Node, bool) {
	i := slices.IndexFunc(inv.Nodes, func(node Node) bool { return node.Name == name })
	if i < 0 {
		return Node{}, false
	}
	return inv.Nodes[i], true
}
