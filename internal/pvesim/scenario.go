package pvesim

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/strict"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

//go:embed scenarios/*.yaml
var scenarioFiles embed.FS

// Age is how long ago something was, or how long it lasts, as scenario files write it: "26h", "3d12h".
type Age = model.Duration

// Scenario describes a cluster, its history and what is to come. Times of the past are ages, counted back from the moment at which the
// scenario begins; those of the future are counted ahead from it.
type Scenario struct {
	Description string                  `yaml:"description"`
	Cluster     string                  `yaml:"cluster"` // its name
	Version     string                  `yaml:"version"` // of pve-manager
	Seed        uint64                  `yaml:"seed"`
	History     Age                     `yaml:"history"`
	Nodes       []ScenarioNode          `yaml:"nodes"`
	Pools       map[string]ScenarioPool `yaml:"pools"`
	Storages    []ScenarioStorage       `yaml:"storages"`
	Jobs        []ScenarioJob           `yaml:"jobs"`
	Guests      []ScenarioGuest         `yaml:"guests"`
	Outcomes    []ScenarioOutcome       `yaml:"outcomes"`
	Archives    []ScenarioArchive       `yaml:"archives"`
	Events      []ScenarioEvent         `yaml:"events"`
	Roles       map[string][]string     `yaml:"roles"`
	Tokens      []ScenarioToken         `yaml:"tokens"`
}

// ScenarioNode is a node.
type ScenarioNode struct {
	Name    string `yaml:"name"`
	Address string `yaml:"address"`
	Zone    string `yaml:"zone"`    // "Europe/Paris"; UTC where empty
	Fillers int    `yaml:"fillers"` // tasks a day of other kinds
}

// ScenarioPool is a resource pool; guests name it themselves.
type ScenarioPool struct {
	Comment  string   `yaml:"comment"`
	Storages []string `yaml:"storages"`
}

// ScenarioStorage is a storage. Sizes are texts such as "500G".
type ScenarioStorage struct {
	ID        string            `yaml:"id"`
	Type      string            `yaml:"type"`
	Content   []string          `yaml:"content"`
	Nodes     []string          `yaml:"nodes"`
	Shared    bool              `yaml:"shared"`
	Disabled  bool              `yaml:"disabled"`
	Down      []string          `yaml:"down"` // nodes on which it is not active, "*" for all
	Retention string            `yaml:"retention"`
	Config    map[string]string `yaml:"config"`
	Size      string            `yaml:"size"`
	Base      string            `yaml:"base"`
}

// ScenarioJob is a backup job.
type ScenarioJob struct {
	ID       string            `yaml:"id"`
	Schedule string            `yaml:"schedule"`
	Disabled bool              `yaml:"disabled"`
	Created  Age               `yaml:"created"` // the beginning of history where empty
	Options  map[string]string `yaml:"options"`
}

// ScenarioGuest is a guest. Size makes its first disk, on the storage local-zfs unless Config has one already.
type ScenarioGuest struct {
	ID      int               `yaml:"id"`
	Type    string            `yaml:"type"`
	Name    string            `yaml:"name"` // any bytes; !!binary for those that are no text
	Node    string            `yaml:"node"`
	Pool    string            `yaml:"pool"`
	Stopped bool              `yaml:"stopped"`
	Lock    string            `yaml:"lock"`
	Size    string            `yaml:"size"`
	Used    string            `yaml:"used"`
	Rate    string            `yaml:"rate"` // bytes a second
	Created Age               `yaml:"created"`
	Config  map[string]string `yaml:"config"`
	Hook    []string          `yaml:"hook"`
}

// ScenarioOutcome is a Rule.
type ScenarioOutcome struct {
	Guest       int     `yaml:"guest"`
	Job         string  `yaml:"job"`
	Node        string  `yaml:"node"`
	Storage     string  `yaml:"storage"`
	Since       Age     `yaml:"since"` // the beginning of history where empty
	Until       Age     `yaml:"until"` // for ever where empty
	In          Age     `yaml:"in"`    // instead of both: so far ahead
	For         Age     `yaml:"for"`   // and for so long; for ever where empty
	Every       int     `yaml:"every"`
	Times       int     `yaml:"times"`
	Outcome     string  `yaml:"outcome"`
	KeepLock    bool    `yaml:"keep_lock"`
	Size        float64 `yaml:"size"`
	Duration    float64 `yaml:"duration"`
	Task        string  `yaml:"task"`
	JobHook     bool    `yaml:"job_hook_fails"`
	LockTimeout bool    `yaml:"lock_timeout"`
	Unpruned    bool    `yaml:"unpruned"` // nothing is removed after it, and nothing is said of that
}

// ScenarioArchive is an archive that no backup of the history made.
type ScenarioArchive struct {
	Storage      string `yaml:"storage"`
	Node         string `yaml:"node"`
	Guest        int    `yaml:"guest"`
	Type         string `yaml:"type"`
	Age          Age    `yaml:"age"`
	Size         string `yaml:"size"`
	Renamed      string `yaml:"renamed"`
	Protected    bool   `yaml:"protected"`
	Notes        string `yaml:"notes"`
	Verification string `yaml:"verification"`
}

// ScenarioToken is an API token and its user, with grants for both.
type ScenarioToken struct {
	ID         string            `yaml:"id"` // user@realm!name
	Secret     string            `yaml:"secret"`
	FullRights bool              `yaml:"full_rights"` // no separated privileges
	Grants     map[string]string `yaml:"grants"`      // path: role
}

// Scenarios returns the names of the built-in scenarios.
func Scenarios() []string {
	files, _ := fs.Glob(scenarioFiles, "scenarios/*.yaml")
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = strings.TrimSuffix(path.Base(file), ".yaml")
	}
	return names
}

// LoadScenario reads a built-in scenario by its name, or one from a file. An unknown key is an error.
func LoadScenario(nameOrFile string) (*Scenario, error) {
	text, err := ReadScenario(nameOrFile)
	if err != nil {
		return nil, err
	}
	return ParseScenario(nameOrFile, text)
}

// ReadScenario returns the text of a built-in scenario by its name, or of one in a file.
func ReadScenario(nameOrFile string) ([]byte, error) {
	text, err := scenarioFiles.ReadFile("scenarios/" + nameOrFile + ".yaml")
	if err != nil {
		text, err = os.ReadFile(nameOrFile)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ui.Hint(fmt.Errorf("scenario %q: no such file, and no built-in one of that name", nameOrFile),
			"built-in scenarios: %s; anything else is the path of a scenario file", strings.Join(Scenarios(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("scenario %q: %w", nameOrFile, err)
	}
	return text, nil
}

// ParseScenario reads a scenario; name is only for errors. The error joins all mistakes of the file, each with its line and a hint.
func ParseScenario(name string, text []byte) (*Scenario, error) {
	s := &Scenario{}
	file, err := strict.Read(name, text, s)
	if err != nil {
		return nil, err
	}
	return s, file.Locate(s.Mistakes()...)
}
