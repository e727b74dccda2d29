package pvesim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/strict"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Mistakes finds what would make the scenario impossible to build, or another one than is meant. Each has a hint, and its place in the file
// (see internal/strict).
func (s *Scenario) Mistakes() []error {
	if len(s.Nodes) == 0 {
		return []error{ui.Hint(errors.New("it has no nodes"), "a cluster begins with nodes: [{name: pve1}]")}
	}
	m := &mistakes{}
	for _, check := range []func(*mistakes){
		s.checkNodes, s.checkStorages, s.checkPools, s.checkGuests, s.checkJobs, s.checkOutcomes, s.checkArchives, s.checkTokens, s.checkEvents, s.checkOrder,
	} {
		check(m)
	}
	return m.list
}

// mistakes collects errors with their places.
type mistakes struct{ list []error }

func (m *mistakes) add(err error, path ...any) {
	if err != nil {
		m.list = append(m.list, strict.At(err, path...))
	}
}

// twice finds the second one of the same name.
func (m *mistakes) twice(seen map[string]bool, kind, name, section string, i int) {
	if seen[name] {
		m.add(ui.Hint(fmt.Errorf("%s %s: stated twice", kind, name), "give one of them another name, or remove it"), section, i)
	}
	seen[name] = true
}

// oneOf finds a word that is none of those that are known; empty is left out.
func oneOf(kind, word string, known []string) error {
	if word == "" || slices.Contains(known, word) {
		return nil
	}
	return unknown(fmt.Errorf("unknown %s %q", kind, word), word, known)
}

// unknown adds to an error what there is instead.
func unknown(err error, word string, known []string) error {
	if len(known) == 0 {
		return ui.Hint(err, "the file has none")
	}
	hint := "there are " + strings.Join(known, ", ")
	if near, likely := nearest.Word(word, known); likely {
		hint = "did you mean " + near + "? " + hint
	}
	return ui.Hint(err, "%s", hint)
}

// isSize finds a text that is no size.
func isSize(key, text string) error {
	if text == "" || sizePattern.MatchString(text) {
		return nil
	}
	return ui.Hint(fmt.Errorf("%s: %q is no size", key, text), "sizes are a number with K, M, G or T: 500G")
}

// isRetention finds a text that is no retention rule.
func isRetention(text string) error {
	_, err := vzdump.ParseRetention(text)
	return ui.Hint(err, "write it as Proxmox VE does: keep-daily=7,keep-weekly=4")
}

// isSchedule finds a text that is no calendar event, or one that needs one and has none.
func isSchedule(text string) error {
	if text == "" {
		return ui.Hint(errors.New("has no schedule"), `give it a calendar event: schedule: "01:00"`)
	}
	_, err := vzdump.ParseCalendarEvent(text)
	return ui.Hint(err, `calendar events are such as "01:00", "mon..fri 02:30", "sun 04:00", hourly, "*:0/15"`)
}

func (s *Scenario) nodeNames() []string {
	var list []string
	for _, n := range s.Nodes {
		list = append(list, n.Name)
	}
	return list
}

func (s *Scenario) storageNames() []string {
	var list []string
	for _, st := range s.Storages {
		list = append(list, st.ID)
	}
	return list
}

// jobNames lists the jobs of the beginning and those that events make.
func (s *Scenario) jobNames() []string {
	var list []string
	for _, j := range s.Jobs {
		list = append(list, j.ID)
	}
	for i := range s.Events {
		if job := s.Events[i].Job; job != nil && !slices.Contains(list, job.ID) {
			list = append(list, job.ID)
		}
	}
	return list
}

// guestNames lists the ids of the guests of the beginning and of those that events make.
func (s *Scenario) guestNames() []string {
	var list []string
	for _, g := range s.Guests {
		list = append(list, fmt.Sprint(g.ID))
	}
	for i := range s.Events {
		if g := s.Events[i].Create; g != nil && !slices.Contains(list, fmt.Sprint(g.ID)) {
			list = append(list, fmt.Sprint(g.ID))
		}
	}
	return list
}

func (s *Scenario) poolNames() []string { return slices.Sorted(maps.Keys(s.Pools)) }

func (s *Scenario) isNode(name string) error    { return oneOf("node", name, s.nodeNames()) }
func (s *Scenario) isStorage(name string) error { return oneOf("storage", name, s.storageNames()) }
func (s *Scenario) isJob(name string) error     { return oneOf("job", name, s.jobNames()) }
func (s *Scenario) isPool(name string) error    { return oneOf("pool", name, s.poolNames()) }

// isGuest finds an id that no guest ever has; 0 is left out.
func (s *Scenario) isGuest(id int) error {
	if known := s.guestNames(); id != 0 && !slices.Contains(known, fmt.Sprint(id)) {
		return unknown(fmt.Errorf("unknown guest %d", id), fmt.Sprint(id), known)
	}
	return nil
}

// first returns the first of several errors that is one.
func first(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// needed finds a name that must be stated and is not.
func needed(key string, stated bool) error {
	if stated {
		return nil
	}
	return ui.Hint(fmt.Errorf("names no %s", key), "add %s: it says what this is about", key)
}

func (s *Scenario) checkNodes(m *mistakes) {
	seen := map[string]bool{}
	for i, n := range s.Nodes {
		m.add(needed("name", n.Name != ""), "nodes", i)
		m.twice(seen, "node", n.Name, "nodes", i)
		if _, err := time.LoadLocation(n.Zone); err != nil {
			m.add(ui.Hint(fmt.Errorf("node %q: zone %q: %w", n.Name, n.Zone, err), "zones are such as Europe/Paris or UTC"), "nodes", i, "zone")
		}
	}
}

func (s *Scenario) checkOutcomes(m *mistakes) {
	for i, o := range s.Outcomes {
		add := func(key string, err error) {
			if err != nil {
				m.add(fmt.Errorf("outcome %d: %w", i+1, err), "outcomes", i, key)
			}
		}
		if _, ok := runlog.ParseOutcome(o.Outcome); o.Outcome != "" && !ok {
			var names []string
			for _, outcome := range runlog.Outcomes() {
				names = append(names, outcome.String())
			}
			add("outcome", unknown(fmt.Errorf("%q is none of %v", o.Outcome, runlog.Outcomes()), o.Outcome, names))
		}
		if (o.Since != 0 || o.Until != 0) && (o.In != 0 || o.For != 0) {
			add("since", ui.Hint(errors.New("is stated both by since and until and by in and for"), "since and until are ages, for the history; in and for count ahead"))
		}
		if o.Since != 0 && o.Until > o.Since {
			add("until", ui.Hint(fmt.Errorf("ends %s ago, before it begins %s ago", o.Until, o.Since), "both are ages: until is the smaller one"))
		}
		if o.Size < 0 || o.Duration < 0 || o.Every < 0 || o.Times < 0 {
			add("", ui.Hint(errors.New("has a negative number"), "size and duration are factors, every and times count"))
		}
		if !s.namedByJob(o.Guest) {
			add("guest", s.isGuest(o.Guest))
		}
		add("job", s.isJob(o.Job))
		add("node", s.isNode(o.Node))
		add("storage", s.isStorage(o.Storage))
	}
}

// namedByJob reports whether a job names an id, of a guest that need not exist.
func (s *Scenario) namedByJob(id int) bool {
	return slices.ContainsFunc(s.Jobs, func(j ScenarioJob) bool { return slices.Contains(idList(j.Options["vmid"]), id) })
}

// verifications are what a backup server says of a snapshot.
var verifications = []string{"ok", "failed"}

func (s *Scenario) checkArchives(m *mistakes) {
	for i := range s.Archives {
		if err := s.checkArchive(&s.Archives[i]); err != nil {
			m.add(fmt.Errorf("archive %d: %w", i+1, err), "archives", i)
		}
	}
}

func (s *Scenario) checkArchive(a *ScenarioArchive) error {
	if a.Type != "qemu" && a.Type != "lxc" {
		return strict.At(unknown(fmt.Errorf("type %q is neither qemu nor lxc", a.Type), a.Type, kinds), "type")
	}
	return first(needed("storage", a.Storage != ""), strict.At(s.isStorage(a.Storage), "storage"), strict.At(s.isNode(a.Node), "node"),
		strict.At(isSize("size", a.Size), "size"), strict.At(oneOf("verification", a.Verification, verifications), "verification"))
}

func (s *Scenario) checkTokens(m *mistakes) {
	for i, t := range s.Tokens {
		if !tokenPattern.MatchString(t.ID) {
			m.add(ui.Hint(fmt.Errorf("token %q: is no id of a token", t.ID), "write user@realm!name, such as backup-exporter@pve!metrics"), "tokens", i)
		}
	}
}
