package vzdump

import "slices"

// ending is how the log said that the job as a whole ended, the TASK line apart.
type ending uint8

const (
	endingNone ending = iota
	endingOK
	endingErrors  // guests failed
	endingFailed  // the job failed
	endingNoStart // the node's lock was not to be had
)

// taskLine is the last line of a log that is complete.
type taskLine struct {
	kind     StatusKind // StatusRunning while there is none
	warnings int
	text     string
}

// state is what was understood of the lines so far.
type state struct {
	lines    int64
	noLog    bool
	mail     bool
	waiting  bool
	command  string
	external []int // guests of other nodes
	warnings int

	ending   ending
	claimed  ending // an end of the job inside of a block: it is one if the lines of the block's end were lost, and nothing follows
	jobError string
	task     taskLine

	guests  []*block
	cur     *block // the block that lines belong to, or nil
	lost    int    // the guest of the current block, where the limit of guests left no room for it
	dropped int    // guests beyond the limit
	head    block  // lines of a block whose beginning was cut off with the log's
	between evidence
	suspect suspect
	stamp   []byte // the time in front of the line that is being read, or nothing
	stamps  bool   // the log has timestamp lines, as since PVE 5.4
	// continuing: the line before is a failure of a guest, whose message may go on.
	continuing bool
	failure    []byte // that message so far
}

func (s *state) clone() *state {
	copied := *s
	copied.guests = make([]*block, len(s.guests))
	for i, original := range s.guests {
		b := *original
		b.detach()
		copied.guests[i] = &b
		if original == s.cur {
			copied.cur = &b
		}
	}
	copied.head.detach()
	copied.external = slices.Clip(s.external)
	copied.failure = slices.Clone(s.failure)
	return &copied
}

func (s *state) line(text []byte) {
	s.lines++
	if s.suspect.kind == suspectNothing && !s.continuing && s.task.kind == StatusRunning && s.claimed == endingNone && s.isProgress(text) {
		return
	}
	if s.lines == 2 {
		s.noLog = false
	}
	found, message, stamp := splitLine(text)
	s.stamp = stamp
	if s.suspect.kind != suspectNothing {
		s.settle(found, message)
	}
	if found != levelError {
		s.continuing = false
	}
	if found != levelNone && s.claimed != endingNone && denies(message) {
		s.claimed = endingNone
	}
	if found != levelNone && s.task.kind != StatusRunning {
		s.task = taskLine{} // the TASK line is the last of its log: that one was something else, or another log follows
	}
	switch found {
	case levelInfo:
		s.info(message)
	case levelError:
		s.failed(message)
	case levelWarn:
		s.warnings++
		if s.cur != nil {
			s.cur.warn(message)
		}
	default:
		s.plain(message)
	}
}

func (s *state) info(message []byte) {
	if len(message) == 0 {
		return
	}
	b := s.block()
	first := message[0]
	if first == ' ' || isDecimal(first) {
		if b != nil {
			b.percent(message)
		}
		return
	}
	for i := range infoRules[first] {
		rule := &infoRules[first][i]
		if last := len(rule.prefix) - 1; len(message) <= last || message[last] != rule.prefix[last] || !hasPrefix(message, rule.prefix) {
			continue
		}
		rest := message[len(rule.prefix):]
		switch {
		case rule.job != nil:
			rule.job(s, rest)
		case b != nil && rule.guest != nil:
			b.reopen()
			rule.guest(b, rest)
		}
		return
	}
	if b != nil && (b.writing || b.copying || b == &s.head) && !isBusyFile(message) && !b.clientLine(message) {
		b.cause.weigh(message)
	}
}

// isBusyFile knows the archiver's most frequent remark, which is no cause of anything.
func isBusyFile(message []byte) bool {
	const remark = "file changed as we read it"
	return len(message) > len(remark) && string(message[len(message)-len(remark):]) == remark
}

// isProgress takes a shorter way for a line of progress, the bulk of most logs: "INFO:  46% (59.9 MiB of 128.0 MiB) in 3s, ...".
func (s *state) isProgress(text []byte) bool {
	if s.cur == nil || s.cur.ended || !hasPrefix(text, "INFO: ") || len(text) < len("INFO:   0% (") {
		return false
	}
	if first := text[len("INFO: ")]; first != ' ' && !isDecimal(first) {
		return false
	}
	return s.cur.percent(text[len("INFO: "):])
}

// plain reads a line without level.
func (s *state) plain(text []byte) {
	switch {
	case len(text) == 0:
	case hasPrefix(text, "TASK "):
		s.taskEnd(text[len("TASK "):])
	case s.lines == 1 && (string(text) == "no content" || hasPrefix(text, "unable to open file - ")):
		s.noLog = true
	case string(text) == "Detailed backup logs:", string(text) == "Logs": // the latter since PVE 8.1
		s.mail = true
	case s.mail && s.command == "" && hasPrefix(text, "vzdump "):
		s.startJob(text)
	default:
		s.evidence().weigh(text)
	}
}

// block returns the block that facts belong to: the current one until its end is certain; in a log whose beginning was cut off, one
// that is not known by number yet; or nothing.
func (s *state) block() *block {
	switch {
	case s.cur != nil && !s.cur.sealed:
		return s.cur
	case s.headless():
		return &s.head
	default:
		return nil
	}
}

// headless reports that the log did not begin at its beginning, so far as can be told.
func (s *state) headless() bool { return len(s.guests) == 0 && s.command == "" && s.lost == 0 }

// evidence returns where a line may say why something is about to fail.
func (s *state) evidence() *evidence {
	if b := s.block(); b != nil && !b.ended {
		return &b.cause
	}
	return &s.between
}

// isOpen reports whether the current block has begun and not ended.
func (s *state) isOpen() bool { return s.lost != 0 || s.cur != nil && !s.cur.ended }

// vmidBefore reads a guest's id in front of a separator, and returns what follows it.
func vmidBefore(text []byte, separator string) (vmid int, rest []byte, ok bool) {
	n, rest, ok := leadingInt(text)
	const mostVMID = 999_999_999
	if !ok || n < 1 || n > mostVMID || !hasPrefix(rest, separator) {
		return 0, nil, false
	}
	return int(n), rest[len(separator):], true
}
