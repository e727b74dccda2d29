package vzdump

import "slices"

const none = -1

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
	jobError string
	task     taskLine

	guests  []block
	cur     int   // the block that lines belong to, or none
	lost    int   // the guest of the current block, where the limit of guests left no room for it
	dropped int   // guests beyond the limit
	head    block // lines of a block whose beginning was cut off with the log's
	between evidence
	suspect suspect
	stamps  bool // the log has timestamp lines, as since PVE 5.4
	// continuing: the line before is a failure of a guest, whose message may go on.
	continuing bool
	failure    []byte // that message so far
}

func (s *state) clone() *state {
	copied := *s
	copied.guests = slices.Clone(s.guests)
	for i := range copied.guests {
		copied.guests[i].detach()
	}
	copied.head.detach()
	copied.external = slices.Clip(s.external)
	copied.failure = slices.Clone(s.failure)
	return &copied
}

func (s *state) line(text []byte) {
	s.lines++
	if s.lines == 2 {
		s.noLog = false
	}
	line := splitLine(text)
	if s.suspect.kind != suspectNothing {
		s.settle(line)
	}
	if line.level != levelError {
		s.continuing = false
	}
	if line.level != levelNone && s.task.kind != StatusRunning {
		s.task = taskLine{} // the TASK line is the last of its log: that one was something else, or another log follows
	}
	switch line.level {
	case levelInfo:
		s.info(line)
	case levelError:
		s.failed(line)
	case levelWarn:
		s.warnings++
		if s.cur != none {
			s.guests[s.cur].Warnings++
		}
	default:
		s.plain(line.message)
	}
}

func (s *state) info(line entry) {
	message := line.message
	if len(message) == 0 {
		return
	}
	b := s.block()
	first := message[0]
	if first == ' ' || isDecimal(first) {
		if b != nil {
			b.percent(message)
		}
		return // the bulk of most logs
	}
	for i := range infoRules[first] {
		rule := &infoRules[first][i]
		if !hasPrefix(message, rule.prefix) {
			continue
		}
		rest := message[len(rule.prefix):]
		switch {
		case rule.job != nil:
			rule.job(s, rest, line)
		case b != nil:
			b.reopen()
			rule.guest(b, rest)
		}
		return
	}
	if b != nil && (b.writing || b.copying || b == &s.head) && !b.clientLine(message) {
		b.cause.weigh(message)
	}
}

// plain reads a line without level.
func (s *state) plain(text []byte) {
	switch {
	case len(text) == 0:
	case hasPrefix(text, "TASK "):
		s.taskEnd(text[len("TASK "):])
	case s.lines == 1 && (string(text) == "no content" || hasPrefix(text, "unable to open file - ")):
		s.noLog = true
	case string(text) == "Detailed backup logs:":
		s.mail = true
	case s.mail && s.command == "" && hasPrefix(text, "vzdump "):
		s.startJob(text, entry{})
	default:
		s.evidence().weigh(text)
	}
}

// block returns the block that facts belong to: the current one until its end is certain; in a log whose beginning was cut off, one
// that is not known by number yet; or nothing.
func (s *state) block() *block {
	if s.cur != none {
		if b := &s.guests[s.cur]; !b.sealed {
			return b
		}
		return nil
	}
	if s.headless() {
		return &s.head
	}
	return nil
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
func (s *state) isOpen() bool { return s.lost != 0 || s.cur != none && !s.guests[s.cur].ended }

// vmidBefore reads a guest's id in front of a separator, and returns what follows it.
func vmidBefore(text []byte, separator string) (vmid int, rest []byte, ok bool) {
	n, rest, ok := leadingInt(text)
	const mostVMID = 999_999_999
	if !ok || n < 1 || n > mostVMID || !hasPrefix(rest, separator) {
		return 0, nil, false
	}
	return int(n), rest[len(separator):], true
}
