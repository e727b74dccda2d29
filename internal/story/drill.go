package story

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/strict"
)

// Drill is a restore drill that ended with a verdict. The suite drills nothing: it tells the exporter what the file of results would.
type Drill struct {
	In    pvesim.Age `yaml:"in"` // when it ended
	Guest int        `yaml:"guest"`
	// Result is success or failed.
	Result string     `yaml:"result"`
	Proof  string     `yaml:"proof"` // agent, started or command; started where empty
	Took   pvesim.Age `yaml:"took"`  // from the restore until the proof
}

// What a drill may end with, and what it may see.
const (
	DrillSucceeded = "success"
	DrillFailed    = "failed"
)

var (
	drillResults = []string{DrillSucceeded, DrillFailed}
	drillProofs  = []string{"", "started", "agent", "command"}
)

// DrillsOf returns the drills of each guest that have ended at a time since the beginning, by id (qemu/100), the oldest first.
func (s *Story) DrillsOf(since time.Duration) map[string][]Drill {
	byGuest := map[string][]Drill{}
	for _, drill := range s.Drills {
		if time.Duration(drill.In) <= since {
			id := s.idOf(drill.Guest)
			byGuest[id] = append(byGuest[id], drill)
		}
	}
	for _, drills := range byGuest {
		slices.SortStableFunc(drills, func(a, b Drill) int { return int(a.In - b.In) })
	}
	return byGuest
}

// idOf names a guest as metrics do.
func (s *Story) idOf(vmid int) string {
	for _, guest := range s.everyGuest() {
		if guest.ID == vmid {
			return guest.Type + "/" + fmt.Sprint(vmid)
		}
	}
	return ""
}

// Drilled reports whether the story is about drills: one is told of, or an environment wants them.
func (s *Story) Drilled() bool {
	var declared struct {
		Environments map[string]struct{ Drill yaml.Node }
	}
	if len(s.Drills) > 0 {
		return true
	}
	if s.Declared.IsZero() || s.Declared.Decode(&declared) != nil { // what is wrong with it is told elsewhere
		return false
	}
	for _, environment := range declared.Environments {
		if !environment.Drill.IsZero() {
			return true
		}
	}
	return false
}

// DeclaredDrill writes the key `drill` of the cluster, as it stands within the braces of a section; empty where nothing is drilled.
func (s *Story) DeclaredDrill() string {
	if !s.Drilled() {
		return ""
	}
	return "drill: {token_id: backup-drill@pve!drill, token_secret_file: none, storage: scratch}"
}

// drillTimes lists when drills end.
func (s *Story) drillTimes() (list []time.Duration) {
	for _, drill := range s.Drills {
		list = append(list, time.Duration(drill.In))
	}
	return list
}

// drillsWrongly finds what the file says of drills and cannot mean.
func (s *Story) drillsWrongly() (list []error) {
	for i, drill := range s.Drills {
		at := func(hint, format string, args ...any) {
			list = append(list, strict.At(wrong(hint, format, args...), "drills", i))
		}
		switch {
		case s.idOf(drill.Guest) == "":
			at("name a guest of the file", "drill %d: unknown guest %d", i+1, drill.Guest)
		case !slices.Contains(drillResults, drill.Result):
			at("there are "+strings.Join(drillResults, ", "), "drill %d: unknown result %q", i+1, drill.Result)
		case !slices.Contains(drillProofs, drill.Proof):
			at("there are "+strings.Join(drillProofs[1:], ", "), "drill %d: unknown proof %q", i+1, drill.Proof)
		case drill.In > s.Length:
			at("make length longer, or let it end earlier", "drill %d: ends at %s, and the story at %s", i+1, drill.In, s.Length)
		}
	}
	return list
}
