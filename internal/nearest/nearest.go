// Package nearest finds the word that somebody probably meant: for the hint after an unknown flag, command or key.
//
// It only suggests. Nothing is ever accepted in place of what was written.
package nearest

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Word returns the known word that is closest to the written one, and false where none is close enough to be a likely slip: at most two edits,
// or two fifths of the written word's length if that is more, or a known word that the written one is a part of. Case does not count. Of
// equally close words the first one listed wins.
func Word(written string, known []string) (string, bool) {
	written = strings.ToLower(written)
	if written == "" {
		return "", false
	}
	best, bestDistance := "", max(2, len(written)*2/5)+1
	for _, word := range known {
		if distance := levenshtein.ComputeDistance(written, strings.ToLower(word)); distance < bestDistance && distance < len(word) {
			best, bestDistance = word, distance
		}
	}
	if best == "" && len(written) > 2 {
		best = firstContaining(written, known)
	}
	return best, best != ""
}

// firstContaining serves the reader who remembers a part of a dotted name: "listen-address" for "web.listen-address".
func firstContaining(part string, known []string) string {
	for _, word := range known {
		if strings.Contains(strings.ToLower(word), part) {
			return word
		}
	}
	return ""
}
