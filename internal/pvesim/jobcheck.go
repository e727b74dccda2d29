package pvesim

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// verifyJob checks and completes options as vzdump does (verify_vzdump_parameters); whole says that they must select something.
func verifyJob(options map[string]string, whole bool) *wire.Error {
	for _, name := range []string{"all", "exclude", "pool"} {
		if options["vmid"] != "" && options[name] != "" && options[name] != "0" {
			return wire.InvalidWithin(name, "option conflicts with option 'vmid'")
		}
	}
	if text := notesTemplateFault(options["notes-template"]); text != "" {
		return wire.InvalidWithin("notes-template", text+"\n")
	}
	canonicalJob(options)
	if options["exclude"] != "" && options["pool"] == "" {
		options["all"] = "1"
	}
	if whole && options["vmid"] == "" && options["all"] != "1" && options["pool"] == "" && options["stop"] != "1" {
		return wire.InvalidWithin("vmid", "property is missing")
	}
	return nil
}

// canonicalJob writes property strings as jobs.cfg holds them.
func canonicalJob(options map[string]string) {
	if text := options["prune-backups"]; text != "" {
		if values, err := parseKeep("prune-backups", text); err == nil {
			options["prune-backups"] = keepFormat().print(values)
		}
	}
	for name, format := range map[string]propertyFormat{"fleecing": fleecingFormat(), "performance": performanceFormat()} {
		if text := options[name]; text != "" {
			if values, err := format.parse(name, text); err == nil {
				options[name] = format.print(values)
			}
		}
	}
}

var (
	escapeSequence   = regexp.MustCompile(`\\(.)`)
	templateVariable = regexp.MustCompile(`\{\{([^\s{}]+)\}\}`)
)

// notesTemplateFault says what is wrong with a notes template; empty for a good one.
func notesTemplateFault(template string) string {
	if strings.Contains(template, "\n") {
		return "contains a line feed"
	}
	var problems []string
	for _, at := range escapeSequence.FindAllStringIndex(template, -1) {
		if found := template[at[0]+1 : at[1]]; found != "n" && found != `\` {
			problems = append(problems, fmt.Sprintf(`escape sequence '\%s' at char %d`, found, at[0]))
		}
	}
	for _, at := range templateVariable.FindAllStringSubmatchIndex(template, -1) {
		switch name := template[at[2]:at[3]]; name {
		case "cluster", "guestname", "node", "vmid":
		default:
			problems = append(problems, fmt.Sprintf("variable '%s' at char %d", name, at[1]-len(name)))
		}
	}
	if len(problems) == 0 {
		return ""
	}
	return "found unknown: " + strings.Join(problems, ", ")
}
