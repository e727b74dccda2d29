package apply

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Place puts an error of a change where the declared file asks for what was refused: at the value of the parameter that Proxmox VE names, else
// at the section of the object. The error keeps its hints. Several refused parameters are several errors, joined.
func Place(change plan.Change, wanted *plan.Desired, err error) error {
	if err == nil {
		return nil
	}
	var refusal *pve.Error
	if !errors.As(err, &refusal) {
		return &Placed{At: change.At, Key: change.Key, Text: err.Error(), Err: err}
	}
	if len(refusal.Fields) == 0 {
		// The call is left out: where and what is told already. What was said around it stays.
		text := strings.Replace(err.Error(), refusal.Error(), oneLine(refusal.Text()), 1)
		return &Placed{At: placeOf(change, wanted, parameterIn(refusal.Text(), wanted)), Key: change.Key, Text: text, Err: advised(err)}
	}
	var all []error
	for _, name := range slices.Sorted(maps.Keys(refusal.Fields)) {
		all = append(all, &Placed{
			At: placeOf(change, wanted, name), Key: change.Key, Parameter: words.Name(name), Text: oneLine(refusal.Fields[name]), Err: advised(err),
		})
	}
	if len(all) == 1 {
		return all[0]
	}
	return errors.Join(all...)
}

// Placed is an error of one object, with the place in the declared file that asks for it.
type Placed struct {
	At        string // file:line:column; empty where the file does not name it
	Key       plan.Key
	Parameter string // that was refused, in Proxmox VE's words; empty where none is named
	Text      string
	Err       error // the cause, whose hints count
}

// Error gives place, object, parameter and reason in one line.
func (p *Placed) Error() string {
	text := fmt.Sprintf("%s on %s: ", Name(p.Key), p.Key.Scope)
	if p.At != "" {
		text = p.At + ": " + text
	}
	if p.Parameter != "" {
		text += "Proxmox VE refuses " + p.Parameter + ": "
	}
	return text + p.Text
}

// Unwrap returns the cause.
func (p *Placed) Unwrap() error { return p.Err }

// Name is what people call an object.
func Name(key plan.Key) string {
	switch key.Kind {
	case plan.GuestDisk:
		return "volume " + key.ID
	default:
		return strings.ReplaceAll(string(key.Kind), "_", " ") + " " + key.ID
	}
}

func placeOf(change plan.Change, wanted *plan.Desired, parameter string) string {
	if wanted == nil {
		return change.At
	}
	if field, found := wanted.Fields[parameter]; found && field.At != "" {
		return field.At
	}
	if wanted.At != "" {
		return wanted.At
	}
	return change.At
}

var (
	optionInText  = regexp.MustCompile(`\boption '([a-z_-]+)'`)
	valueInText   = regexp.MustCompile(`\b(storage|pool|node) (?:ID )?'([^']+)'`)
	storageInText = regexp.MustCompile(`\(/storage/([^,/ ]+), `)
)

// parameterIn finds the parameter that a text is about, where Proxmox VE names it only in words: by its name, or by a value that the file gives
// to it.
func parameterIn(text string, wanted *plan.Desired) string {
	if wanted == nil {
		return ""
	}
	if found := optionInText.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	if found := valueInText.FindStringSubmatch(text); found != nil && wanted.Fields[found[1]].Text == found[2] {
		return found[1]
	}
	if found := storageInText.FindStringSubmatch(text); found != nil && wanted.Fields["storage"].Text == found[1] {
		return "storage"
	}
	return ""
}

// oneLine makes a text of the server fit to be shown.
func oneLine(text string) string { return words.Line(strings.Join(strings.Fields(text), " ")) }

// advice says what to do about refusals that users meet.
var advice = []struct{ text, hint string }{
	{"calendar event", "write it as Proxmox VE does: 01:00, sun 03:00, mon..fri 22:30, *-*-01 04:00"},
	{"job state already exists", "a job of this id left its state behind: remove /var/lib/pve-manager/jobs/vzdump-ID.json on every node, or choose another id"},
	{"is expected to be a mount point", "mount it on every node that uses the storage, or leave out is_mountpoint"},
	{"is not online", "the node that answers must reach the server: see from there whether it exports this path and lets the node in"},
	{"error fetching datastores", "the node that answers must reach the Proxmox Backup Server, trust its certificate (fingerprint) and log in (username, password_file)"},
	{"unable to activate storage", "the node that answers activates a storage when it is defined: see there why it cannot"},
	{"does not exist", "it may have been removed since the plan was made: run this again"},
	{"does not allow additional properties", "this version of Proxmox VE does not know it, or cannot change it"},
	{"Only root may set this option", "no API token may set it"},
	{"found unknown: variable", "the variables are {{cluster}}, {{guestname}}, {{node}} and {{vmid}}"},
}

// advised adds a hint where the error has none of its own.
func advised(err error) error {
	if len(ui.Hints(err)) > 0 {
		return err
	}
	text := err.Error()
	for _, each := range advice {
		if strings.Contains(text, each.text) {
			return ui.Hint(err, "%s", each.hint)
		}
	}
	return ui.Hint(err, "correct the declared file at this place, or what it names")
}
