package pvesim

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// The formats of parameters that PVE names in its schema, with the texts of its refusals.

var (
	configIDForm  = regexp.MustCompile(`(?i)^[a-z][a-z0-9_-]+$`)
	storageIDForm = regexp.MustCompile(`(?i)^[a-z][a-z0-9._-]*[a-z0-9]$`)
	nodeForm      = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`)
	serverForm    = regexp.MustCompile(`^[a-zA-Z0-9:]([a-zA-Z0-9.:_-]*[a-zA-Z0-9:])?$`)
	mailForm      = regexp.MustCompile(`^[\w+.~-]+(@[a-zA-Z0-9.-]+)?$`)
	daysOfWeek    = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
)

// listOf checks each word of a list.
func listOf(check func(string) error) func(string) error {
	return func(text string) error {
		for _, word := range splitList(text) {
			if err := check(word); err != nil {
				return err
			}
		}
		return nil
	}
}

// splitList reads a list in any of the forms that PVE takes.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; \t\n\x00", r) })
}

func checkConfigID(text string) error {
	if !configIDForm.MatchString(text) {
		return textError("invalid configuration ID '" + text + "'")
	}
	return nil
}

func checkStorageID(text string) error {
	switch {
	case len(text) < 2:
		return textError("storage ID '" + text + "' cannot be shorter than 2 characters")
	case !storageIDForm.MatchString(text):
		return textError("storage ID '" + text + "' contains illegal characters")
	}
	return nil
}

func checkNode(text string) error {
	if !nodeForm.MatchString(text) {
		return textError("value does not look like a valid node name")
	}
	return nil
}

func checkMail(text string) error {
	if !mailForm.MatchString(text) {
		return textError("value does not look like a valid email address or user name")
	}
	return nil
}

func checkDay(text string) error {
	if !slices.Contains(daysOfWeek, text) {
		return textError("invalid day '" + text + "'")
	}
	return nil
}

func checkAbsolutePath(text string) error {
	if !path.IsAbs(text) {
		return textError("value does not look like a valid absolute path")
	}
	return nil
}

func checkServer(text string) error {
	if !serverForm.MatchString(text) {
		return textError("value does not look like a valid server name or IP address")
	}
	return nil
}

var dnsNameForm = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$`)

func checkDNSName(text string) error {
	if !dnsNameForm.MatchString(text) {
		return textError("value does not look like a valid DNS name")
	}
	return nil
}
