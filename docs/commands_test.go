package docs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/docscript"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/sharedtest"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump/explain"
)

// commandTable is testdata/commands.yml.
type commandTable struct {
	Output   []string
	Commands map[string]struct {
		Arguments     int
		API, Source   string
		Options, More []string
	}
	PVESH  map[string][]string `yaml:"pvesh"`
	Others []string
}

func readCommandTable(t *testing.T) commandTable {
	t.Helper()
	file, err := os.Open("testdata/commands.yml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var table commandTable
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&table); err != nil {
		t.Fatal(err)
	}
	return table
}

// proxmox are the programs whose options are checked.
var proxmox = []string{"qm", "qmrestore", "pct", "pvesm", "pvesh", "pvenode", "pvecm", "vzdump"}

func TestCommandsOfTheRestorePageExist(t *testing.T) {
	table := readCommandTable(t)
	count := 0
	for _, name := range []string{restorePage, restorePageFrench} {
		page := pages(t)[name]
		for _, block := range docscript.Blocks(page) {
			if block.Language != "sh" {
				continue
			}
			commands, err := docscript.Commands(block.Text)
			if err != nil {
				t.Errorf("%s:%d: %v", name, block.Line, err)
			}
			for _, command := range commands {
				count++
				if mistake := table.check(command); mistake != "" {
					t.Errorf("%s:%d: %s: %s", name, block.Line, strings.Join(command, " "), mistake)
				}
			}
		}
		for _, inline := range regexp.MustCompile("`((?:"+strings.Join(proxmox, "|")+") [^`\n]+)`").FindAllStringSubmatch(page, -1) {
			commands, err := docscript.Commands(inline[1])
			if err != nil {
				t.Errorf("%s: %s: %v", name, inline[1], err)
			}
			if _, known := table.Commands[inline[1]]; known {
				continue // the command as such, and not a call of it
			}
			for _, command := range commands {
				if mistake := table.check(command); mistake != "" {
					t.Errorf("%s: %s: %s", name, inline[1], mistake)
				}
			}
		}
	}
	if count < 100 {
		t.Errorf("only %d commands were found", count)
	}
}

func TestCommandsOfDiagnosesExist(t *testing.T) {
	table := readCommandTable(t)
	for _, reason := range vzdump.AllReasons() {
		for _, guestType := range []string{"qemu", "lxc", ""} {
			for _, line := range explain.Of(reason).For(explain.Place{VMID: 104, Type: guestType, Storage: "nas"}).Confirm {
				commands, err := docscript.Commands(line)
				if err != nil {
					t.Errorf("%s: %s: %v", reason, line, err)
				}
				for _, command := range commands {
					if mistake := table.check(command); mistake != "" {
						t.Errorf("%s: %s: %s", reason, line, mistake)
					}
				}
			}
		}
	}
}

// check returns what is wrong with a command, or nothing.
func (table commandTable) check(words []string) string {
	switch program := words[0]; {
	case program == "pve-backup-exporter": // its own test parses its flags
		return ""
	case program == "pvesh":
		return table.checkCall(words)
	case !slices.Contains(proxmox, program):
		if !slices.Contains(table.Others, program) {
			return "no such program in testdata/commands.yml"
		}
		return ""
	}
	for length := min(3, len(words)); length > 0; length-- {
		if known, found := table.Commands[strings.Join(words[:length], " ")]; found {
			return checkWords(words[length:], known.Arguments, slices.Concat(known.Options, known.More, table.Output))
		}
	}
	return "no such command in testdata/commands.yml"
}

func (table commandTable) checkCall(words []string) string {
	verbs := map[string]string{"get": "GET", "set": "PUT", "create": "POST", "delete": "DELETE"}
	if len(words) < 3 || verbs[words[1]] == "" {
		return "pvesh needs a verb and a path"
	}
	for call, parameters := range table.PVESH {
		method, template, _ := strings.Cut(call, " ")
		pattern := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(template), `[^/]+`)
		if strings.HasSuffix(template, "{volume}") {
			pattern = strings.TrimSuffix(pattern, "[^/]+") + ".+" // it contains slashes
		}
		if method == verbs[words[1]] && regexp.MustCompile("^"+pattern+"$").MatchString(words[2]) {
			return checkWords(words[3:], 0, slices.Concat(parameters, table.Output))
		}
	}
	return "no such call in testdata/commands.yml"
}

// checkWords compares the words behind a command with what it takes.
func checkWords(words []string, arguments int, options []string) string {
	given := 0
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		name, isOption := strings.CutPrefix(word, "--")
		if word == "--" {
			break
		}
		if !isOption {
			given++
			continue
		}
		if numbered := regexp.MustCompile(`\d+$`).ReplaceAllString(name, "[n]"); !slices.Contains(options, name) && !slices.Contains(options, numbered) {
			return "no option --" + name
		}
		if len(words) > 0 && !strings.HasPrefix(words[0], "--") {
			words = words[1:] // all options have a value; a password may be asked for instead
		}
	}
	if arguments >= 0 && given != arguments {
		return fmt.Sprintf("%d arguments, not %d", given, arguments)
	}
	return ""
}

// The table itself is compared with the schema of Proxmox VE's API, where that is at hand.
func TestTheCommandTableAgreesWithTheSchema(t *testing.T) {
	table := readCommandTable(t)
	text, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "api-schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]map[string]struct {
		Parameters struct {
			Properties map[string]any
		}
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	compare := func(command, call string, options []string) {
		method, path, _ := strings.Cut(call, " ")
		known, found := schema[path][method]
		if !found {
			t.Errorf("%s: the schema has no %s", command, call)
			return
		}
		for _, option := range options {
			if _, found := known.Parameters.Properties[option]; !found {
				t.Errorf("%s: %s has no parameter %s", command, call, option)
			}
		}
	}
	for name, command := range table.Commands {
		if command.Source == "" {
			t.Errorf("%s: no source", name)
		}
		if command.API != "" {
			compare(name, command.API, command.Options)
		} else if len(command.Options) > 0 {
			t.Errorf("%s: options without a call to compare them with belong under more", name)
		}
	}
	for call, parameters := range table.PVESH {
		compare("pvesh", call, parameters)
	}
}

// What a container's restore prints is shown in the page in the words of a recorded one.
func TestARestoreIsShownInRecordedWords(t *testing.T) {
	recorded, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "task-logs", "lxc-restore.log"))
	if err != nil {
		t.Fatal(err)
	}
	page := pages(t)[restorePage]
	for _, words := range []string{"recovering backed-up configuration from '", "restoring '", "' now..", "extracting archive '", "Total bytes read: ", "merging backed-up and given configuration.."} {
		if !strings.Contains(string(recorded), words) || !strings.Contains(page, words) {
			t.Errorf("%q is not in both", words)
		}
	}
}
