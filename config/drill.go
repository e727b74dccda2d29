package config

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Drill is how restore drills are made in a cluster.
type Drill struct {
	Token

	Storage string        `yaml:"storage" required:"true" format:"storage" example:"local-lvm" doc:"The storage that a drill restores to. It must hold disk images and container volumes, whichever are drilled."`
	Node    string        `yaml:"node" format:"node" unset:"the node with the most free memory that can use both storages; for a check by command the node that the drill runs on" doc:"The node that drills restore on."`
	Pool    string        `yaml:"pool" default:"backup-drill" format:"pool" doc:"The resource pool that scratch guests are put in. It must exist: the token has its rights on them by way of it, since Proxmox VE forgets the rights on a guest's own id when the guest is removed."`
	VMIDs   VMIDRange     `yaml:"vmids" default:"990000-990004" format:"vmid-range" doc:"The ids of scratch guests, kept for drills alone. No other guest may have one: a drill removes what an earlier one left there."`
	Memory  int           `yaml:"memory" min:"16" max:"4194304" unset:"as the backup says" doc:"The most memory that a scratch guest gets, in MiB."`
	Timeout time.Duration `yaml:"timeout" default:"4h" min:"1m" max:"7d" doc:"How long the drill of one guest may take, without its removal."`
	// BootTimeout begins when the task that started the guest has ended.
	BootTimeout time.Duration `yaml:"boot_timeout" default:"10m" min:"10s" max:"2h" doc:"How long the guest may take from its start until its agent answers or its check succeeds."`
	Results     string        `yaml:"results" format:"absolute-path" example:"/var/lib/pve-backup-drill/drills.json" unset:"'drills.json' in the folder of --storage.path" doc:"The file in which drills keep their results and from which the exporter reads them."`
}

// EnvironmentDrill says how often each guest of an environment is restored to see that it can be.
type EnvironmentDrill struct {
	Every   time.Duration `yaml:"every" default:"30d" min:"1d" max:"1y" doc:"The period within which each guest's turn comes: so old may its last successful drill be."`
	Exclude []int         `yaml:"exclude" min:"100" max:"999999999" example:"[105]" doc:"Guests that are not drilled, such as one that is too large."`
	Checks  []DrillCheck  `yaml:"checks" doc:"Guests for which another proof is taken than that the guest agent answers or, where the guest has none switched on, that it runs."`
}

// DrillCheck says what proves that a guest was restored: either a command or a proof.
type DrillCheck struct {
	VMID    int    `yaml:"vmid" required:"true" min:"100" max:"999999999" example:"101" doc:"The guest's id, as it is backed up."`
	Command string `yaml:"command" example:"systemctl is-active nginx" unset:"'proof' says what is asked" doc:"A line of shell that must succeed in the restored container. It is run there by 'pct exec': the drill must run as root on the node that it restores on."`
	Proof   string `yaml:"proof" enum:"agent,started" unset:"'command' is run" doc:"What is asked of the guest instead: that its guest agent answers, or only that it runs."`
}

// VMIDRange is a range of guest ids, both ends included. The zero range holds none.
type VMIDRange struct{ First, Last int }

// ParseVMIDRange reads a range such as 990000-990004.
func ParseVMIDRange(text string) (VMIDRange, error) {
	low, high, _ := strings.Cut(text, "-")
	first, err := strconv.Atoi(low)
	if err != nil {
		return VMIDRange{}, err
	}
	last, err := strconv.Atoi(high)
	return VMIDRange{First: first, Last: last}, err
}

// Contains reports whether an id lies in the range.
func (r VMIDRange) Contains(vmid int) bool { return r.First <= vmid && vmid <= r.Last }

// String gives first-last; the zero range is empty.
func (r VMIDRange) String() string {
	if r == (VMIDRange{}) {
		return ""
	}
	return strconv.Itoa(r.First) + "-" + strconv.Itoa(r.Last)
}

// MarshalText gives the same as String.
func (r VMIDRange) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// DrillPeriod returns the period within which a guest of an environment has to be drilled, and whether it has to be at all. Guests in the
// range of scratch guests never are.
func (f *File) DrillPeriod(environment string, vmid int) (time.Duration, bool) {
	for _, each := range f.Environments {
		if each.Name != environment || each.Drill == nil || slices.Contains(each.Drill.Exclude, vmid) {
			continue
		}
		cluster, found := f.Cluster(each.Cluster)
		return each.Drill.Every, found && cluster.Drill != nil && !cluster.Drill.VMIDs.Contains(vmid)
	}
	return 0, false
}

// DrillCheck finds what is declared as the proof of a guest of an environment.
func (f *File) DrillCheck(environment string, vmid int) (DrillCheck, bool) {
	for _, each := range f.Environments {
		if each.Name != environment || each.Drill == nil {
			continue
		}
		for _, check := range each.Drill.Checks {
			if check.VMID == vmid {
				return check, true
			}
		}
	}
	return DrillCheck{}, false
}
