package decode

import (
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/source"
)

// A form that later sections of the file may take: a section that need not be there and still has its defaults, and a value that may be unset.
type form struct {
	Limits limits  `yaml:"limits" doc:"Limits."`
	Extra  *limits `yaml:"extra" doc:"More limits."`
	Count  *int    `yaml:"count" max:"5" doc:"How many."`
	Given  *int    `yaml:"given" default:"3" doc:"How many, by default."`
}

type limits struct {
	Wait time.Duration `yaml:"wait" default:"5m" min:"1m" doc:"How long."`
	On   bool          `yaml:"on" default:"true" doc:"Whether."`
}

func decoded(t *testing.T, text string) (form, error) {
	t.Helper()
	file := source.New("f", []byte(text))
	root, err := Parse(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	problems := source.NewProblems(file)
	var target form
	New(file, problems, nil).Decode(root, &target)
	return target, problems.Err()
}

func TestDefaults(t *testing.T) {
	preset := limits{Wait: 5 * time.Minute, On: true}
	got, err := decoded(t, "count: 4\n")
	if err != nil || got.Limits != preset || got.Extra != nil || *got.Count != 4 || *got.Given != 3 {
		t.Errorf("a section that is left out: got %+v, %v", got, err)
	}
	got, err = decoded(t, "limits: {on: false}\nextra: {wait: 2m}\n")
	if err != nil || got.Limits != (limits{Wait: 5 * time.Minute}) || *got.Extra != (limits{Wait: 2 * time.Minute, On: true}) || got.Count != nil {
		t.Errorf("sections in part: got %+v, %v", got, err)
	}
	if got, err = decoded(t, "limits: {wait: 30s}\ncount: 6\n"); err == nil {
		t.Errorf("out of bounds: got %+v", got)
	}
}
