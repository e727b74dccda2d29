package vzdump

import (
	"fmt"
	"strconv"
	"strings"
)

// CommandLine is what a vzdump task was asked to do. The first line of its log states it: "INFO: starting new backup job: vzdump 100 ...".
type CommandLine struct {
	// VMIDs are the guests that are named, in the line's order. A job's run names all of the job's guests on every node, whether or not
	// they live there; a run for a pool or for all guests names none.
	VMIDs []int
	// Options has the options by name, without dashes. Values of one that is repeated (exclude-path) stand one a line. A flag that is given
	// without a value is "1". The order of the options is random in every log.
	Options map[string]string
}

// commandFlags are the options that may stand alone: they take a value only where the next word is a boolean. The last ones are of Proxmox VE
// 1 to 3.
var commandFlags = map[string]bool{
	"all": true, "protected": true, "quiet": true, "remove": true, "stdexcludes": true, "stop": true, "stdout": true,
	"snapshot": true, "suspend": true,
}

// ParseCommandLine reads a command line as a task's log prints it, "vzdump [vmid ...] [--option value ...]" with the quotes of a shell. Options
// of any name are kept. The error names what could not be read.
func ParseCommandLine(text string) (CommandLine, error) {
	words, err := splitShellWords(text)
	if err != nil {
		return CommandLine{}, fmt.Errorf("command line %q: %w", text, err)
	}
	if len(words) == 0 || words[0].text != "vzdump" {
		return CommandLine{}, fmt.Errorf("command line %q: does not begin with vzdump", text)
	}
	line := CommandLine{Options: map[string]string{}}
	for words = words[1:]; len(words) > 0; {
		if words[0].isOption() {
			words = line.readOption(words)
			continue
		}
		ids, err := parseVMIDList(words[0].text)
		if err != nil {
			return CommandLine{}, fmt.Errorf("command line %q: %w", text, err)
		}
		line.VMIDs = append(line.VMIDs, ids...)
		words = words[1:]
	}
	return line, nil
}

// readOption takes the option at the head of words, with its value if it has one, and returns the words after it.
func (c *CommandLine) readOption(words []shellWord) []shellWord {
	name, value, inline := strings.Cut(strings.TrimLeft(words[0].text, "-"), "=")
	words = words[1:]
	if !inline {
		value = "1"
		if len(words) > 0 && words[0].isValueOf(name) {
			value, words = words[0].text, words[1:]
		}
	}
	if earlier, repeated := c.Options[name]; repeated {
		value = earlier + "\n" + value
	}
	c.Options[name] = value
	return words
}

// Values returns the values of an option that may be repeated, such as exclude-path.
func (c CommandLine) Values(option string) []string {
	value, given := c.Options[option]
	if !given {
		return nil
	}
	return strings.Split(value, "\n")
}

// Scheduled reports that the task has the mark of the scheduler, "--quiet 1". Tasks that people start through the API or the web interface
// have none.
func (c CommandLine) Scheduled() bool {
	quiet, ok := parseBoolean(c.Options["quiet"])
	return ok && quiet
}

// parseVMIDList reads guest ids separated by commas, semicolons or blanks, in any mixture, as Proxmox VE accepts them.
func parseVMIDList(text string) ([]int, error) {
	var ids []int
	for _, word := range strings.FieldsFunc(text, isListSeparator) {
		id, err := strconv.Atoi(word)
		if err != nil || id <= 0 {
			return nil, fmt.Errorf("%q is not a guest's id", word)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func isListSeparator(r rune) bool { return strings.ContainsRune(",; \t\r\n\x00", r) }
