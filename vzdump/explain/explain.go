// Package explain says what a vzdump task log means: as text for people, and as JSON for programs.
//
// It renders a [vzdump.Report] and nothing else: it reads no log, asks no cluster and guesses nothing that the log does not state. Advice
// hangs on the reason of a failure alone, see [Of].
package explain
