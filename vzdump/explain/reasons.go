package explain

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// Explanation is the diagnosis of a reason. Meaning, Advice and Prevent are texts without a capital at their beginning and without a full
// stop at their end. It is not to be changed: the slices are shared.
type Explanation struct {
	Meaning string // what happened
	// Confirm are the commands that show it, for a shell of root on the guest's node. What they are about stands in braces until
	// [Explanation.For] fills it in.
	Confirm []string
	Advice  string // what to do first
	Prevent string // which setting keeps it from happening again
}

// Of returns the explanation of a reason; every reason of the closed list has one.
func Of(reason vzdump.Reason) Explanation {
	if explanation, known := explanations[reason]; known {
		return explanation
	}
	return explanations[vzdump.ReasonUnknown]
}

// Place is what the commands of a diagnosis are about, as far as it is known.
type Place struct {
	VMID    int
	Type    string // qemu or lxc
	Storage string
	Node    string
	UPID    string
}

// For returns the explanation with commands that can be pasted. What is not known of the place stays as a word in capitals; a guest of
// unknown type gets the commands of both types.
func (e Explanation) For(place Place) Explanation {
	vmid := "VMID"
	if place.VMID != 0 {
		vmid = strconv.Itoa(place.VMID)
	}
	fill := strings.NewReplacer("{vmid}", vmid, "{storage}", known(place.Storage, "STORAGE"), "{node}", known(place.Node, "NODE"), "{upid}", known(place.UPID, "UPID"))
	commands := make([]string, 0, len(e.Confirm))
	for _, command := range e.Confirm {
		command = fill.Replace(command)
		for _, tool := range tools(place.Type) {
			if one := strings.ReplaceAll(command, "{qm}", tool); !slices.Contains(commands, one) {
				commands = append(commands, one)
			}
		}
	}
	e.Confirm = commands
	return e
}

// known returns a name if it can stand in a command as it is, and the word that stands for it otherwise: text of a log is never put into a
// line that somebody will paste into a shell, unless it is a mere name.
func known(name, word string) string {
	strange := strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.:@!", r)
	})
	if name == "" || strange || strings.HasPrefix(name, "-") {
		return word
	}
	return name
}

// tools are the programs that manage guests of a type.
func tools(guestType string) []string {
	switch guestType {
	case "qemu":
		return []string{"qm"}
	case "lxc":
		return []string{"pct"}
	default:
		return []string{"qm", "pct"}
	}
}
