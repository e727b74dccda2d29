// Package story reads story files: a simulated cluster with what happens to it (a scenario of internal/pvesim), and beside it what is
// declared of it, what happens to the exporters that watch it, and which alerts must be heard. The suite in scenarios/ plays whole stories
// in virtual time; the demo shows one at the moment where it is most telling. The form is told in docs/scenarios.md.
//
// The package plays nothing itself.
package story

import (
	"cmp"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/strict"
)

// Story is a scenario with what is expected of it. Times are counted from its beginning.
type Story struct {
	pvesim.Scenario `yaml:",inline"`

	Start     time.Time  `yaml:"start"`    // when it begins: midnight of Monday, 2 March 2026, UTC where empty
	Length    pvesim.Age `yaml:"length"`   // how long it goes on
	Step      pvesim.Age `yaml:"step"`     // between two refreshes, scrapes and evaluations; see Steps where empty
	Uniform   bool       `yaml:"-"`        // the step was stated
	Shown     pvesim.Age `yaml:"shown"`    // where the demo begins; when the first expected alert must fire where empty
	Declared  yaml.Node  `yaml:"declared"` // environments, exempt, external_backups and storages of the declared file
	Exporters []Exporter `yaml:"exporters"`
	// ObjectStores are what `terraform_state` in declared may name.
	ObjectStores []ObjectStore `yaml:"object_stores"`
	// Drills are the restore drills that the exporter hears of.
	Drills []Drill       `yaml:"drills"`
	Scrape Scrape        `yaml:"scrape"`
	Expect []Expectation `yaml:"expect"`

	file *strict.File // for the lines of mistakes
}

// Exporter is one of the exporters that watch the cluster, and when it does not.
type Exporter struct {
	Name string   `yaml:"name"` // the label instance of its series; exporter:10221 where empty
	Down []Outage `yaml:"down"`
}

// Outage is a time in which an exporter does not run.
type Outage struct {
	In        pvesim.Age `yaml:"in"`
	For       pvesim.Age `yaml:"for"`        // no time is a restart between two scrapes
	LoseState bool       `yaml:"lose_state"` // it begins anew without its state file
}

// Scrape says how Prometheus scrapes the exporters.
type Scrape struct {
	HonorLabels *bool             `yaml:"honor_labels"` // true where empty
	Labels      map[string]string `yaml:"labels"`       // that the scrape configuration sets on its targets
}

// Honor reports whether labels of the exporter win over those of the target.
func (s Scrape) Honor() bool { return s.HonorLabels == nil || *s.HonorLabels }

// Expectation is alerts that must fire.
type Expectation struct {
	Alert  string            `yaml:"alert"`
	Labels map[string]string `yaml:"labels"` // that each of them carries, beside others
	Count  int               `yaml:"count"`  // exactly so many, of different labels; 1 where empty
	Since  pvesim.Age        `yaml:"since"`  // when the trouble begins: delays count from here
	After  pvesim.Age        `yaml:"after"`  // an alert that fires before this is false; since where empty
	By     pvesim.Age        `yaml:"by"`     // when it must fire at the latest
	Until  pvesim.Age        `yaml:"until"`  // until when it must not stop; by, or without clear the end, where empty
	Clear  pvesim.Age        `yaml:"clear"`  // when it must have stopped at the latest; never where empty
	Rights string            `yaml:"rights"` // audit or details: only with a token of these rights
}

// Alerts is how many alerts are expected.
func (e *Expectation) Alerts() int { return cmp.Or(e.Count, 1) }

// Holds reports whether the alert is expected with a token of these rights.
func (e *Expectation) Holds(rights string) bool { return e.Rights == "" || e.Rights == rights }

// The two levels of rights under which every story is played.
const (
	Audit   = "audit"   // the recommended token, which may change nothing
	Details = "details" // archive_details, with rights that could also delete
)

// Load reads a built-in scenario by its name, or a story from a file.
func Load(nameOrFile string) (*Story, error) {
	text, err := pvesim.ReadScenario(nameOrFile)
	if err != nil {
		return nil, err
	}
	return Parse(nameOrFile, text)
}

// Parse reads a story; name is only for errors. The error joins all mistakes of the file, each with its line and a hint; an unknown key is
// one. Whether the alerts exist that it expects is not looked at: see CheckAlerts.
func Parse(name string, text []byte) (*Story, error) {
	s := &Story{}
	file, err := strict.Read(name, text, s)
	if err != nil {
		return nil, err
	}
	s.file = file
	s.complete()
	if err := file.Locate(s.mistakes()...); err != nil {
		return nil, err
	}
	return s, nil
}

// defaultExporter is the instance of the only exporter.
const defaultExporter = "exporter:10221"

// complete fills in what the file leaves out.
func (s *Story) complete() {
	if s.Start.IsZero() {
		s.Start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	}
	if len(s.Exporters) == 0 {
		s.Exporters = []Exporter{{}}
	}
	for i := range s.Exporters {
		s.Exporters[i].Name = cmp.Or(s.Exporters[i].Name, defaultExporter)
	}
	if s.Uniform = s.Step != 0; !s.Uniform {
		s.Step = pvesim.Age(stepOf(time.Duration(s.Length)))
	}
}

// stepOf is the step that fits a story's length, where it is looked at closely: fine enough for rules that wait some minutes, coarse enough
// for a year.
func stepOf(length time.Duration) time.Duration {
	const day = 24 * time.Hour
	switch {
	case length <= 4*day:
		return 5 * time.Minute
	case length <= 70*day:
		return 15 * time.Minute
	}
	return 30 * time.Minute
}
