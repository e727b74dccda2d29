package derive

import (
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/state"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// pairing holds what is needed to judge the pairs of guests and storages.
type pairing struct {
	memory   *state.Cluster
	w        *World
	settings Settings
	covers   map[string]cover
	sorted   shelves
	runs     *Runs
	external map[snapshot.Key]time.Duration
	// settled tells that tasks and archives were read completely at least once: before that nothing can be due.
	settled bool
	// baseline tells that this is the moment when they were read completely for the first time.
	baseline bool
}

// targets judges every pair that a job targets, on which an archive lies, or of which a result is remembered.
func (p *pairing) targets(guests []snapshot.Guest) []snapshot.Target {
	var result []snapshot.Target
	for i := range guests {
		described := &guests[i]
		guest := p.memory.Guests[described.ID]
		for _, storage := range p.storagesOf(described.ID, guest) {
			key := snapshot.Key{Guest: described.ID, Storage: storage}
			if target, exists := p.target(key, described, guest); exists {
				result = append(result, target)
			}
		}
	}
	return result
}

func (p *pairing) storagesOf(id string, guest *state.Guest) []string {
	var names []string
	for storage := range p.covers[id].jobs {
		names = append(names, storage)
	}
	for storage := range guest.Targets {
		names = append(names, storage)
	}
	for storage := range p.sorted.byGuest[id] {
		names = append(names, storage)
	}
	for key := range p.external {
		if key.Guest == id {
			names = append(names, key.Storage)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (p *pairing) target(key snapshot.Key, described *snapshot.Guest, guest *state.Guest) (snapshot.Target, bool) {
	cover := p.covers[key.Guest]
	jobs := cover.jobs[key.Storage]
	archives := p.sorted.byGuest[key.Guest][key.Storage]
	listed := p.w.listedAt(key.Storage, guest.Node)
	interval, external := p.external[key]
	remembered := guest.Target(key.Storage)

	proveByArchives(p.w, guest, remembered, key.Storage, archives)
	forgetArchives(remembered, archives, listed)

	if len(jobs) == 0 && len(archives) == 0 && !external && !p.lingers(key, remembered, listed) {
		return snapshot.Target{}, false
	}
	result := snapshot.Target{Key: key, Environment: described.Environment, VMID: described.VMID, Targeted: len(jobs) > 0}
	describeResults(&result, remembered)
	p.observe(&result, guest, remembered, listed)
	p.judgeDue(&result, described, guest, remembered, cover.wanted(key.Storage), interval, external)
	p.judgeArchives(&result, guest, remembered, jobs, archives, listed)
	return result, true
}

// lingers keeps a pair without a job or an archive while nothing can prove that no archive is there, or while it holds the only word of a
// failure whose storage is unknown.
func (p *pairing) lingers(key snapshot.Key, remembered *state.Target, listed int64) bool {
	if key.Storage == "" {
		return remembered.Attempt != nil && remembered.Attempt.Failed
	}
	return listed == 0 && (remembered.Success != nil || remembered.Attempt != nil)
}

// describeResults copies the remembered results.
func describeResults(result *snapshot.Target, remembered *state.Target) {
	if attempt := remembered.Attempt; attempt != nil {
		result.LastAttempt = optional.Some(attempt.End)
		result.LastAttemptFailed = attempt.Failed
		if attempt.Failed {
			result.FailureReason = attempt.Reason
			if result.FailureReason == "" {
				result.FailureReason = vzdump.ReasonUnknown
			}
		}
	}
	if success := remembered.Success; success != nil {
		result.LastSuccess = optional.Some(success.End)
		result.Duration = success.Duration
		result.ArchiveBytes = success.ArchiveBytes
		result.TransferredBytes = success.TransferredBytes
		result.DowntimeSeconds = success.DowntimeSeconds
	}
	result.Attempts, result.Failures = remembered.Attempts, remembered.Failures
}

// observe works out as of when a pair's result is known: when all finished tasks of its node were read, or its archives listed, but not
// later than the start of a task that may yet bring the result. Of a guest whose node is down nothing is known: no backup could be made.
func (p *pairing) observe(result *snapshot.Target, guest *state.Guest, remembered *state.Target, listed int64) {
	if p.w.online(guest.Node) {
		observed := p.w.Nodes[guest.Node].TasksKnown
		if observed == 0 || !p.w.onBackupServer(result.Storage) { // whose snapshots may be unfinished
			observed = max(observed, listed)
		}
		for _, task := range p.w.undecided() {
			if task.Task.Node == guest.Node && mayWrite(p.w, task, result.Storage) && mayReach(task, guest.VMID) {
				observed = min(observed, task.Task.Start)
			}
		}
		remembered.Observed = max(remembered.Observed, observed)
	}
	if remembered.Observed > 0 {
		result.Observed = optional.Some(remembered.Observed)
	}
}

// mayReach reports whether a running task may bring a guest's result. One that is done with the guest brings it when it ends.
func mayReach(running RunningTask, vmid int) bool {
	if running.Task.ID != "" {
		return running.Task.ID == itoa(vmid)
	}
	line, err := vzdump.ParseCommandLine(running.Report.Command)
	return err != nil || len(line.VMIDs) == 0 || slices.Contains(line.VMIDs, vmid)
}

// judgeDue sets when the next success must exist. Exempt guests and pairs that nothing targets have no due time.
func (p *pairing) judgeDue(result *snapshot.Target, described *snapshot.Guest, guest *state.Guest, remembered *state.Target,
	jobs []*pve.Job, interval time.Duration, external bool,
) {
	if !p.settled {
		return
	}
	if !p.w.JobsKnown {
		if success := remembered.Success; success != nil && !described.Exempt {
			result.Due = optional.Some(success.End + unknownGrace)
		}
		return
	}
	dueJobs := make([]dueJob, 0, len(jobs))
	for _, job := range jobs {
		dueJobs = append(dueJobs, dueJob{id: job.ID, schedule: job.Schedule, zone: p.w.zone(guest.Node)})
	}
	markJobs(remembered, dueJobs, p.w.Now, p.baseline)
	computed, known := due(remembered, dueJobs, p.runs)
	if external {
		moment := dueExternal(remembered, guest.FirstSeen, int64(interval/time.Second))
		if !known || moment < computed {
			computed, known = moment, true
		}
	}
	moment, known := settleDue(remembered, computed, known, p.w.Now)
	if known && !described.Exempt {
		result.Due = optional.Some(moment)
	}
}

// judgeArchives counts the archives and compares them with the rules in effect.
func (p *pairing) judgeArchives(result *snapshot.Target, guest *state.Guest, remembered *state.Target, jobs []*pve.Job, archives []*archive, listed int64) {
	if listed > 0 {
		result.Archives = optional.Some(sumArchives(remembered, archives, p.settings.ArchiveDetails))
	}
	var rules []string
	for _, job := range jobs {
		rules = append(rules, p.w.retentionOf(job, result.Storage, guest.Node))
	}
	if len(jobs) == 0 {
		rules = []string{p.w.retentionOf(nil, result.Storage, guest.Node)}
	}
	rule := newPruning(rules, p.w.zone(guest.Node))
	finished := slices.DeleteFunc(slices.Clone(archives), func(one *archive) bool { return unfinished(p.w, guest, result.Storage, one) })
	expected := rule.hold(remembered, finished, listed)
	if listed > 0 {
		result.Expected, result.Excess = expected, rule.excess(finished)
	}
}

// externalPairs finds the guests of backups that are made outside of Proxmox VE's jobs.
func externalPairs(memory *state.Cluster, settings Settings) map[snapshot.Key]time.Duration {
	pairs := map[snapshot.Key]time.Duration{}
	for _, each := range settings.External {
		if id := guestID(memory, "", each.VMID); id != "" {
			pairs[snapshot.Key{Guest: id, Storage: strings.TrimSpace(each.Storage)}] = each.Interval
		}
	}
	return pairs
}
