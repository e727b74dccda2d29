package pve

import (
	"regexp"
	"strings"
)

// wrappedVerification begins the message of a parameter error that Proxmox VE sends as a plain failure: 500 instead of 400, without the
// member "errors".
const wrappedVerification = "400 Parameter verification failed.\n"

var parameterLine = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_-]*): (.*)$`)

// parameterErrors returns a message, and what is wrong with which parameter: from the member "errors", or from the lines of a message that
// has swallowed it.
func parameterErrors(message string, errors map[string]any) (string, map[string]any) {
	rest, wrapped := strings.CutPrefix(message, wrappedVerification)
	if !wrapped || len(errors) > 0 {
		return message, errors
	}
	found, last := make(map[string]any), ""
	for line := range strings.SplitSeq(strings.TrimSpace(rest), "\n") {
		if parts := parameterLine.FindStringSubmatch(line); parts != nil && found[parts[1]] == nil {
			last = parts[1]
			found[last] = parts[2]
		} else if text, ok := found[last].(string); ok {
			found[last] = text + " " + line
		} else {
			return message, nil
		}
	}
	return strings.TrimSpace(wrappedVerification), found
}
