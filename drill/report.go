package drill

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// report tells how a run goes, and what came of it.
type report struct {
	options  Options
	document document
}

// document is what --output=json prints.
type document struct {
	Drills  []drilled  `json:"drills"`
	Planned []planned  `json:"planned,omitempty"`
	Removed []leftover `json:"removed,omitempty"`
	Left    []leftover `json:"left,omitempty"`
	Error   string     `json:"error,omitempty"`
}

type drilled struct {
	Cluster     string `json:"cluster"`
	Environment string `json:"environment"`
	Guest       string `json:"guest"`
	result.Drill
}

type planned struct {
	Cluster     string     `json:"cluster"`
	Environment string     `json:"environment"`
	Guest       string     `json:"guest"`
	Archive     string     `json:"archive,omitempty"`
	Node        string     `json:"node,omitempty"`
	VMID        int        `json:"vmid,omitempty"`
	MemoryBytes int64      `json:"memory_bytes,omitempty"`
	DiskBytes   int64      `json:"disk_bytes,omitempty"`
	Proof       plan.Proof `json:"proof,omitempty"`
	Error       string     `json:"error,omitempty"`
}

type leftover struct {
	Cluster string `json:"cluster"`
	VMID    int    `json:"vmid"`
	Reason  string `json:"reason,omitempty"`
}

func (r *report) warn(format string, args ...any) {
	fmt.Fprintf(r.options.Talk, "warning: "+format+"\n", args...)
}

func (r *report) step(guest guest, stage result.Stage, what string) {
	fmt.Fprintf(r.options.Talk, "%s: %s: %s\n", guest.ID, stage, what)
}

func (r *report) failed(failed *failure) {
	for _, hint := range ui.Hints(failed.err) {
		fmt.Fprintf(r.options.Talk, "hint: %s\n", hint)
	}
}

func (r *report) removed(cluster string, vmid int) {
	r.document.Removed = append(r.document.Removed, leftover{Cluster: cluster, VMID: vmid})
	fmt.Fprintf(r.options.Talk, "scratch guest %d of cluster %s was removed\n", vmid, cluster)
}

func (r *report) left(cluster string, vmid int, err error) {
	r.document.Left = append(r.document.Left, leftover{Cluster: cluster, VMID: vmid, Reason: err.Error()})
	ui.PrintError(r.options.Talk, "drill", fmt.Errorf("guest %d of cluster %s is left behind: %w", vmid, cluster, err))
}

func (r *report) nothing(cluster string) {
	if !r.options.JSON {
		fmt.Fprintf(r.options.Data, "%s: no guest's turn has come\n", cluster)
	}
}

// drilled tells what came of a drill.
func (r *report) drilled(cluster string, guest guest, made result.Drill) {
	r.document.Drills = append(r.document.Drills, drilled{cluster, guest.environment, guest.ID, made})
	if r.options.JSON {
		return
	}
	out := r.options.Data
	fmt.Fprintf(out, "%s (%s, %s on %s): %s\n", guest.ID, guest.Name, guest.environment, cluster, made.Verdict)
	if made.Archive != "" {
		fmt.Fprintf(out, "    archive  %s, of %s\n", made.Archive, when(made.ArchiveCreated))
	}
	if made.Verdict == result.Success {
		fmt.Fprintf(out, "    proof    %s: %s\n", string(made.Proof), made.Proof)
		fmt.Fprintf(out, "    restored in %s (%s)\n", made.Restored().Round(time.Second), stages(made))
		return
	}
	fmt.Fprintf(out, "    at       %s\n    because  %s\n", made.Stage, made.Reason)
}

func stages(made result.Drill) string {
	words := make([]string, 0, len(made.Stages))
	for _, each := range made.Stages {
		words = append(words, fmt.Sprintf("%s %s", each.Stage, time.Duration(each.Seconds*float64(time.Second)).Round(time.Second)))
	}
	return strings.Join(words, ", ")
}

func when(unix int64) string { return time.Unix(unix, 0).Format("2006-01-02 15:04") }

// would tells how a guest would be drilled.
func (r *report) would(cluster string, p prepared, err error) {
	line := planned{
		Cluster: cluster, Environment: p.guest.environment, Guest: p.guest.ID, Archive: p.archive.VolumeID, Node: p.node, VMID: p.scratch.VMID,
		MemoryBytes: p.need.Memory, DiskBytes: p.need.Disk, Proof: p.proof,
	}
	if err != nil {
		line.Error = err.Error()
	}
	r.document.Planned = append(r.document.Planned, line)
	if r.options.JSON {
		return
	}
	out := r.options.Data
	fmt.Fprintf(out, "%s (%s, %s on %s)\n", p.guest.ID, p.guest.Name, p.guest.environment, cluster)
	if p.archive.VolumeID != "" {
		fmt.Fprintf(out, "    archive  %s, of %s\n", p.archive.VolumeID, when(p.archive.Created))
	}
	if err != nil {
		fmt.Fprintf(out, "    cannot be drilled: %v\n", err)
		r.failed(asFailure(err, result.Prepare))
		return
	}
	fmt.Fprintf(out, "    to       node %s, storage %s, as guest %d\n", p.node, p.scratch.Storage, p.scratch.VMID)
	fmt.Fprintf(out, "    takes    %.1f GiB of memory, up to %.1f GiB of space\n", float64(p.need.Memory)/(1<<30), float64(p.need.Disk)/(1<<30))
	if without := plan.Isolate(p.guest.Type, p.settings, p.scratch).Remove; len(without) > 0 {
		fmt.Fprintf(out, "    without  %s\n", strings.Join(without, ", "))
	}
	fmt.Fprintf(out, "    proof    %s\n", string(p.proof))
}

// verdict is the error of a run in which not all went well. What happened is told already.
func (r *report) verdict() error {
	bad, hint := 0, "why is told above"
	for _, each := range r.document.Drills {
		if !succeeded(each.Drill) {
			bad++
		}
		if each.Verdict == result.Failed {
			hint = "docs/runbooks/BackupRestoreDrillFailed.md says what to look at"
		}
	}
	impossible := slices.ContainsFunc(r.document.Planned, func(each planned) bool { return each.Error != "" })
	switch {
	case bad == 0 && len(r.document.Left) > 0:
		return ui.Hint(errors.New("something is left behind in the range of ids that is kept for scratch guests"), "what it is, and what to do, is told above")
	case bad > 0:
		return ui.Hint(fmt.Errorf("%d of %d drills did not succeed", bad, len(r.document.Drills)), "%s", hint)
	case impossible:
		return errors.New("not every guest can be drilled")
	}
	return nil
}

// end prints the document, where one is wanted.
func (r *report) end(err error) error {
	if !r.options.JSON {
		return nil
	}
	if err != nil {
		r.document.Error = err.Error()
	}
	if r.document.Drills == nil {
		r.document.Drills = []drilled{}
	}
	encoder := json.NewEncoder(r.options.Data)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r.document)
}

// wouldClean tells which guests a run would look at first.
func (s *site) wouldClean() {
	for _, each := range s.resources.Guests {
		if s.cluster.Drill.VMIDs.Contains(each.VMID) {
			fmt.Fprintf(s.report.options.Talk, "guest %d of cluster %s has an id that is kept for scratch guests: a run would first remove it, if it is the leftover of a drill\n", each.VMID, s.cluster.Name)
		}
	}
}
