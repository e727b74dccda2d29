package check

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// facts is all that is known of one cluster. Checks read it and nothing else.
type facts struct {
	file    *config.File
	cluster config.Cluster
	now     time.Time
	timeout time.Duration // of the whole run

	secrets       []secretFact
	secretErr     error // why the exporter's secret cannot be used
	connection    config.Connection
	connectionErr error
	clientErr     error
	probes        []probe              // one per address, in the declared order
	endpoints     []pve.EndpointStatus // likewise; nil while the client could not ask

	provisioner *tokenFacts // nil where no token for provisioning is declared
	drill       *drillFacts // nil where no token for restore drills is declared

	version answer[pve.Version]

	resources   answer[pve.Resources]
	status      answer[pve.ClusterStatus]
	permissions answer[pve.Permissions]
	recent      answer[[]pve.Task]
	jobs        answer[[]pve.Job]
	cycle       time.Duration // how long these five took together: the calls of the exporter's fast cycle

	storages  answer[[]pve.StorageConfig]
	pools     answer[[]pve.Pool]
	schedules map[string]*answer[[]int64] // next run, by calendar event
	nodes     map[string]*nodeFacts       // those that are online
	archives  []*archiveFacts
	log       *logFacts // nil while no node has a finished vzdump task

	// picture is what the exporter itself would make of the above; nil while the inventory is unknown.
	picture *snapshot.Cluster
}

// nodeFacts is what one node says.
type nodeFacts struct {
	clock    answer[pve.NodeTime]
	defaults answer[pve.VZDumpDefaults]
	tasks    answer[taskList]
}

// taskList is the newest finished vzdump tasks of a node, and how many it lists in all.
type taskList struct {
	newest []pve.Task
	total  int
}

// archiveFacts is how a storage's archives could be listed through a node.
type archiveFacts struct {
	storage, node string
	shared        bool
	listed        answer[[]pve.Archive] // as the dry run of a prune lists them
	content       answer[[]pve.Archive] // asked for with archive_details only
}

// logFacts is the log of the newest finished vzdump task.
type logFacts struct {
	task  pve.Task
	bytes answer[int64]
	says  vzdump.Report
}

// nodeNames lists the nodes of the inventory, and whether each is online.
func (f *facts) nodeNames() (names []string, online map[string]bool) {
	online = map[string]bool{}
	for _, node := range f.resources.value.Nodes {
		online[node.Node] = node.Online
	}
	return slices.Sorted(maps.Keys(online)), online
}

// seesAllGuests reports that a guest which is not listed does not exist. The list leaves out, with status 200, what the token may not see.
func (f *facts) seesAllGuests() bool {
	return f.resources.read() && f.permissions.read() && f.status.read() && f.status.value.Quorate && f.permissions.value.Has("/vms", "VM.Audit")
}

// lists reports that the inventory has a guest.
func (f *facts) lists(vmid int) bool {
	return slices.ContainsFunc(f.resources.value.Guests, func(guest pve.GuestResource) bool { return guest.VMID == vmid })
}

// gone reports that a guest does not exist, and not just is out of sight.
func (f *facts) gone(vmid int) bool { return !f.lists(vmid) && f.seesAllGuests() }

// storage finds a storage's configuration.
func (f *facts) storage(id string) (pve.StorageConfig, bool) {
	at := slices.IndexFunc(f.storages.value, func(s pve.StorageConfig) bool { return s.ID == id })
	if at < 0 {
		return pve.StorageConfig{}, false
	}
	return f.storages.value[at], true
}

// holdsBackups reports whether a storage is for backups.
func holdsBackups(storage pve.StorageConfig) bool { return slices.Contains(storage.Content, "backup") }

// targets names the storages that a job writes to: its own, else each node's default. A job that writes to a plain folder has none.
func (f *facts) targets(job pve.Job) []string {
	if job.Storage != "" {
		return []string{job.Storage}
	}
	if job.Dumpdir != "" {
		return nil
	}
	var ids []string
	for name, node := range f.nodes {
		if job.Node != "" && job.Node != name {
			continue
		}
		id := "local" // what vzdump takes where nothing else is said
		if node.defaults.read() && node.defaults.value.Storage != "" {
			id = node.defaults.value.Storage
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// writers lists the enabled jobs that write to a storage.
func (f *facts) writers(storage string) []pve.Job {
	var jobs []pve.Job
	for _, job := range f.jobs.value {
		if job.Enabled && slices.Contains(f.targets(job), storage) {
			jobs = append(jobs, job)
		}
	}
	return jobs
}

// splitTags cuts the tags of a guest as the inventory writes them.
func splitTags(tags string) []string {
	return strings.FieldsFunc(tags, func(r rune) bool { return r == ';' || r == ',' || r == ' ' })
}
