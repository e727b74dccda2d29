package drill

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// prepared is a drill of which everything is decided and nothing done.
type prepared struct {
	guest    guest
	archive  pve.Archive
	settings plan.Settings // in the archive
	check    plan.Check
	proof    plan.Proof
	node     string
	need     plan.Need
	scratch  plan.Scratch
	deadline time.Time
}

// prepare decides how a guest is drilled. It only reads. What it found out is returned beside an error, too.
func (s *site) prepare(ctx context.Context, guest guest) (p prepared, err error) {
	p.guest = guest
	if p.archive, err = s.archive(guest); err != nil {
		return p, unclear(err)
	}
	declared, _ := s.file.DrillCheck(guest.environment, guest.VMID)
	p.check = plan.Check{Command: declared.Command, Proof: plan.Proof(declared.Proof)}
	nodes, err := s.nodes(p)
	if err != nil {
		return p, unclear(err)
	}
	text, err := s.client.ExtractConfig(ctx, nodes[0], p.archive.VolumeID)
	if err != nil {
		return p, unreadable(err)
	}
	p.settings = plan.ParseSettings(text)
	if p.proof, err = plan.ProofOf(guest.Type, p.settings, p.check); err != nil {
		return p, unclear(err)
	}
	if err := s.possible(ctx, p); err != nil {
		return p, err
	}
	return s.place(ctx, p, nodes)
}

func (s *site) archive(guest guest) (pve.Archive, error) {
	if s.options.Archive != "" {
		return plan.Named(s.archives, s.options.Archive, guest.Type, guest.VMID)
	}
	newest, found := plan.Newest(s.archives, guest.Type, guest.VMID)
	if !found {
		return newest, ui.Hint(fmt.Errorf("there is no archive of %s, or the token may not read it", guest.ID),
			"the token needs Datastore.AllocateSpace on the storage of the archives and VM.Backup on the guest: without these, archives are left out silently")
	}
	return newest, nil
}

// nodes lists the nodes that may restore the guest. A check by command needs the one that the program runs on.
func (s *site) nodes(p prepared) ([]string, error) {
	only := s.cluster.Drill.Node
	if p.check.Command != "" {
		local := s.options.Local.Node
		if local == "" && !s.options.DryRun {
			return nil, ui.Hint(errors.New("a check by command is declared, and this is not a Proxmox VE node, or not its root"),
				"run the drill as root on a node, with the same declared file; or declare `proof: started` for the guest")
		}
		if only != "" && local != "" && only != local {
			return nil, ui.Hint(fmt.Errorf("a check by command is declared, and drills restore on node %s, but this is %s", only, local), "run the drill on node %s", only)
		}
		if local != "" {
			only = local
		}
	}
	source, _, _ := strings.Cut(p.archive.VolumeID, ":")
	return plan.Nodes(s.resources, s.cluster.Drill.Storage, source, only)
}

// ofStorage are refusals that come from the archive's storage as a whole, which has an alert of its own.
var ofStorage = regexp.MustCompile(`(?i)storage '[^']*' (is|does)|activate storage|not online|mount`)

// unreadable judges an archive whose configuration could not be read: a refusal tells against it, where it is about the archive.
func unreadable(err error) error {
	var refusal *pve.Error
	ofArchive := errors.As(err, &refusal) && refusal.Status == http.StatusInternalServerError && !outOfReach(err) && !ofStorage.MatchString(refusal.Text())
	if ofArchive || pve.IsNotFound(err) {
		return bad(fmt.Errorf("the archive cannot be read: %w", err))
	}
	return err
}

// possible reports what no drill of this guest could get by.
func (s *site) possible(ctx context.Context, p prepared) error {
	if keys := plan.Beyond(p.guest.Type, p.settings); len(keys) > 0 {
		return unclear(ui.Hint(fmt.Errorf("its configuration has %s, which may reach outside of the guest and which no token can take out", strings.Join(keys, ", ")),
			"restore it by hand, as docs/BACKUP-RESTORE.md says, and leave it out of the drills with `exclude`"))
	}
	if p.guest.Type == plan.Container && p.settings["unprivileged"] != "1" {
		held, err := s.client.Permissions(ctx)
		if err != nil {
			return err
		}
		if !held.Has("/", "Sys.Modify") {
			return unclear(ui.Hint(errors.New("the container is privileged: Proxmox VE lets only a token with Sys.Modify on / restore it"),
				"leave it out with `exclude`, or give the token that right: it can then change much else, too"))
		}
	}
	return nil
}

// place chooses where the guest goes, by what is free.
func (s *site) place(ctx context.Context, p prepared, nodes []string) (prepared, error) {
	declared := s.cluster.Drill
	p.need = plan.NeedOf(p.guest.Type, p.settings, declared.Memory)
	free := map[string]int64{}
	for _, node := range nodes {
		status, err := s.client.NodeStatus(ctx, node)
		if err != nil {
			return p, err
		}
		free[node] = status.MemoryFree
	}
	var err error
	if p.node, err = plan.Room(s.resources, declared.Storage, free, p.need); err != nil {
		return p, unclear(err)
	}
	vmid, err := plan.FreeID(s.resources, s.journal.Of(s.cluster.Name), declared.VMIDs.First, declared.VMIDs.Last)
	if err != nil {
		return p, unclear(err)
	}
	now := s.options.Now()
	p.deadline = now.Add(declared.Timeout)
	p.scratch = plan.Scratch{
		VMID: vmid, Storage: declared.Storage, Pool: declared.Pool, Archive: p.archive.VolumeID, Memory: declared.Memory,
		Mark: plan.Mark{Run: runID(), Until: p.deadline.Add(removal).Unix()},
	}
	s.warnOfJobs(ctx, p)
	return p, nil
}

func runID() string {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // it never fails
	return hex.EncodeToString(random)
}

// warnOfJobs tells which backup jobs might take the scratch guest in. That the jobs cannot be read is no reason to say anything.
func (s *site) warnOfJobs(ctx context.Context, p prepared) {
	jobs, err := s.client.Jobs(ctx)
	if err != nil {
		return
	}
	for _, job := range plan.TakenIn(jobs, p.scratch.VMID, p.node, p.scratch.Pool, p.deadline.Unix()) {
		s.report.warn("job %s runs before %s and takes in all guests: if the drill is not over by then, scratch guest %d is backed up, too; drill at another time, or exclude the ids %s in the job",
			job, p.deadline.Format("15:04"), p.scratch.VMID, s.cluster.Drill.VMIDs)
	}
}
