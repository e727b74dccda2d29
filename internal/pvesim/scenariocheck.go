package pvesim

import (
	"fmt"
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Validate finds what would make the scenario impossible to build.
func (s *Scenario) Validate() error {
	if len(s.Nodes) == 0 {
		return fmt.Errorf("it has no nodes")
	}
	for _, check := range []func() error{s.checkNodes, s.checkGuests, s.checkJobs, s.checkOutcomes, s.checkArchives, s.checkEvents} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scenario) checkNodes() error {
	for _, n := range s.Nodes {
		if _, err := time.LoadLocation(n.Zone); err != nil {
			return fmt.Errorf("node %q: zone %q: %w", n.Name, n.Zone, err)
		}
	}
	return nil
}

// hasNode reports whether a node of that name exists.
func (s *Scenario) hasNode(name string) bool {
	return slices.ContainsFunc(s.Nodes, func(n ScenarioNode) bool { return n.Name == name })
}

func (s *Scenario) hasStorage(id string) bool {
	return slices.ContainsFunc(s.Storages, func(st ScenarioStorage) bool { return st.ID == id })
}

func (s *Scenario) checkGuests() error {
	seen := map[int]bool{}
	for _, g := range s.Guests {
		if err := s.checkGuest(&g); err != nil {
			return err
		}
		if seen[g.ID] {
			return fmt.Errorf("guest %d: stated twice", g.ID)
		}
		seen[g.ID] = true
	}
	return nil
}

func (s *Scenario) checkGuest(g *ScenarioGuest) error {
	switch _, known := s.Pools[g.Pool]; {
	case g.Type != "qemu" && g.Type != "lxc":
		return fmt.Errorf("guest %d: type %q is neither qemu nor lxc", g.ID, g.Type)
	case !s.hasNode(g.Node):
		return fmt.Errorf("guest %d: unknown node %q", g.ID, g.Node)
	case g.Pool != "" && !known:
		return fmt.Errorf("guest %d: unknown pool %q", g.ID, g.Pool)
	}
	return nil
}

func (s *Scenario) checkJobs() error {
	for _, j := range s.Jobs {
		if err := j.check(); err != nil {
			return err
		}
	}
	return nil
}

func (j *ScenarioJob) check() error {
	if _, err := vzdump.ParseCalendarEvent(j.Schedule); err != nil {
		return fmt.Errorf("job %q: %w", j.ID, err)
	}
	if _, err := vzdump.ParseRetention(j.Options["prune-backups"]); err != nil {
		return fmt.Errorf("job %q: %w", j.ID, err)
	}
	return nil
}

func (s *Scenario) checkOutcomes() error {
	for i, o := range s.Outcomes {
		if _, ok := runlog.ParseOutcome(o.Outcome); o.Outcome != "" && !ok {
			return fmt.Errorf("outcome %d: %q is none of %v", i+1, o.Outcome, runlog.Outcomes())
		}
		if (o.Since != 0 || o.Until != 0) && (o.In != 0 || o.For != 0) {
			return fmt.Errorf("outcome %d: is stated both by since and until and by in and for", i+1)
		}
	}
	return nil
}

func (s *Scenario) checkArchives() error {
	for i, a := range s.Archives {
		if !s.hasStorage(a.Storage) {
			return fmt.Errorf("archive %d: unknown storage %q", i+1, a.Storage)
		}
		if a.Type != "qemu" && a.Type != "lxc" {
			return fmt.Errorf("archive %d: type %q is neither qemu nor lxc", i+1, a.Type)
		}
	}
	return nil
}
