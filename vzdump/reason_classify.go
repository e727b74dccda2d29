package vzdump

import (
	"bytes"
	"slices"
	"strings"
)

// phraseIndex finds the rows of a table by the first two bytes of a phrase, so that a line is read once, whatever the table's length.
type phraseIndex struct {
	groups [1 << 10]uint8 // by hash; 0 is none
	found  [][]indexedPhrase
}

type indexedPhrase struct {
	text, tail string // what follows the asterisk, anywhere behind the text
	row        int
	reason     Reason
}

func indexPhrases(table []cause) *phraseIndex {
	index := &phraseIndex{found: make([][]indexedPhrase, 1)}
	for row, each := range table {
		for _, phrase := range each.phrases {
			text, tail, _ := strings.Cut(phrase, "*")
			group := &index.groups[hashPair(text[0], text[1])]
			if *group == 0 {
				*group = uint8(len(index.found))
				index.found = append(index.found, nil)
			}
			index.found[*group] = append(index.found[*group], indexedPhrase{text: text, tail: tail, row: row, reason: each.reason})
		}
	}
	return index
}

// hashPair is the same for letters of either case.
func hashPair(first, second byte) uint16 {
	const low = 1<<5 - 1
	return uint16(first&low)<<5 | uint16(second&low)
}

// wordBytes are those that a word consists of.
var wordBytes = func() (is [256]bool) {
	for c := range is {
		is[c] = isDecimal(byte(c)) || 'a' <= lower(byte(c)) && lower(byte(c)) <= 'z'
	}
	return is
}()

// find returns the reason of the first row that has a phrase in the text, or nothing. It does not allocate.
func (x *phraseIndex) find(text []byte) Reason {
	best := indexedPhrase{row: len(causes) + len(symptoms)}
	inWord := false
	for i := 0; i+1 < len(text); i++ {
		isWord := wordBytes[text[i]]
		if isWord && !inWord {
			if group := x.groups[hashPair(text[i], text[i+1])]; group != 0 {
				for _, phrase := range x.found[group] {
					if phrase.row < best.row && phrase.at(text[i:]) {
						best = phrase
					}
				}
			}
		}
		inWord = isWord
	}
	return best.reason
}

func (p *indexedPhrase) at(text []byte) bool {
	if !hasPrefixFold(text, p.text) {
		return false
	}
	if p.tail == "" {
		return true
	}
	const widest = 128 // bytes that an asterisk stands for
	rest := text[len(p.text):]
	for i := range min(widest, len(rest)) {
		if hasPrefixFold(rest[i:], p.tail) {
			return true
		}
	}
	return false
}

// classify returns why a guest or a job failed, from the message of the failure and from the nearest cause in the lines before it, and
// whether it was the latter that decided.
func classify(message []byte, nearest Reason) (reason Reason, byNearest bool) {
	context, text := []byte(nil), message
	if before, command, outcome, ok := splitCommand(message); ok {
		context, text = before, outcome
		if hookPhase(command) != "" && causeIndex.find(outcome) != ReasonInterrupted {
			return ReasonHookFailed, false
		}
	}
	for _, part := range [][]byte{text, context} {
		if reason := causeIndex.find(part); reason != "" {
			return reason, false
		}
	}
	if nearest != "" {
		return nearest, true
	}
	// The program that failed stands at the beginning; the rest of its command line is paths and options, which mean nothing.
	const program = 48
	for _, part := range [][]byte{text, message[:min(len(message), program)]} {
		if reason := symptomIndex.find(part); reason != "" {
			return reason, false
		}
	}
	return ReasonUnknown, false
}

// splitCommand takes apart "CONTEXT: command 'COMMAND LINE' failed: OUTCOME", where the context may be missing.
func splitCommand(message []byte) (context, command, outcome []byte, ok bool) {
	context, rest, found := bytes.Cut(message, []byte("command '"))
	end := bytes.LastIndex(rest, []byte("' failed: "))
	if !found || end < 0 || len(context) > 0 && !bytes.HasSuffix(context, []byte(": ")) {
		return nil, nil, nil, false
	}
	return context, rest[:end], rest[end+len("' failed: "):], true
}

// hookPhase returns the phase with which a command line calls a hook script, "SCRIPT PHASE" or "SCRIPT PHASE MODE VMID", or nothing.
func hookPhase(command []byte) string {
	words := bytes.Fields(command)
	if n := len(words); n >= 2 {
		if phase := string(words[n-1]); slices.Contains(jobPhases, phase) {
			return phase
		}
		if n >= 4 && slices.Contains(backupModes, string(words[n-2])) {
			if phase := string(words[n-3]); slices.Contains(guestPhases, phase) {
				return phase
			}
		}
	}
	return ""
}

const phaseBackupEnd = "backup-end" // the only phase after the archive was written that can fail the guest

var (
	jobPhases   = []string{"job-init", "job-start", "job-end", "job-abort"}
	guestPhases = []string{"backup-start", phaseBackupEnd, "backup-abort", "log-end", "pre-stop", "pre-restart", "post-restart"}
	backupModes = []string{"snapshot", "suspend", "stop"}
)

func hasPrefixFold(text []byte, prefix string) bool {
	if len(text) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if lower(text[i]) != prefix[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// evidence is the nearest cause that a block's lines name before its failure.
type evidence struct {
	reason Reason
	text   string // the line
	closed bool   // vzdump cleans up: what goes wrong from here on is a consequence
}

func (e *evidence) weigh(line []byte) {
	if e.closed {
		return
	}
	reason := causeIndex.find(line)
	if reason == "" || harmlessIndex.find(line) != "" {
		return
	}
	e.reason = reason
	if e.text != string(line) {
		e.text = messageText(line)
	}
}
