package testprogram

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A module that make does not build is a program that every test would skip for ever.
func TestMakeBuildsEveryToolModule(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(Root(t), "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^TOOLS +:= (.+)$`).FindStringSubmatch(string(text))
	if line == nil {
		t.Fatal("the Makefile has no TOOLS")
	}
	built := strings.Fields(line[1])
	modules, err := filepath.Glob(filepath.Join(Root(t), "tools", "*", "go.mod"))
	if err != nil || len(modules) < 2 {
		t.Fatalf("modules %v, %v", modules, err)
	}
	for _, module := range modules {
		name := filepath.Base(filepath.Dir(module))
		if used := name == "lint" || name == "test"; used == slices.Contains(built, name) { // these two are run by go tool
			t.Errorf("module tools/%s: in TOOLS %t", name, !used)
		}
	}
}

// skipping is a test that notes why it is skipped.
type skipping struct {
	testing.TB
	reason string
}

func (s *skipping) Skipf(format string, arguments ...any) {
	s.reason = fmt.Sprintf(format, arguments...)
}

func TestAProgramThatIsNotBuiltSkipsTheTest(t *testing.T) {
	one := &skipping{TB: t}
	Path(one, "no-such-program")
	if one.reason != "no-such-program is not built (make tools)" {
		t.Errorf("reason %q", one.reason)
	}
}

func TestAServerIsHeard(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the exporter")
	}
	address := FreeAddress(t)
	server := Start(t, Exporter(t), "demo", "--scenario=small", "--web.listen-address="+address)
	Until(t, "http://"+address+"/-/healthy", func(string) bool { return true })
	if !strings.Contains(server.Said(), address) {
		t.Errorf("it said %q", server.Said())
	}
}
