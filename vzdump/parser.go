package vzdump

import (
	"bytes"
	"fmt"
	"io"
)

// Limits on what is kept of a log, so that memory does not grow with it.
const (
	maxLine    = 64 << 10 // bytes of a line that are read; the rest is skipped
	maxGuests  = 20_000
	maxVMIDs   = 20_000 // of the command line, and of guests on other nodes
	maxMessage = 4 << 10
	maxArchive = 1 << 10
	maxDisks   = 64  // per guest
	maxName    = 128 // runes
)

// Parser reads a vzdump task log as a stream: write it the bytes as they come and ask for the Report at any time. The Report depends on
// the bytes alone, not on how they were cut into writes.
//
// It reads task logs of PVE 5 to 9, the log files beside archives and the logs in e-mails, whose lines carry a timestamp, and the older
// forms as far as they still make sense. A Parser is for one log and one goroutine.
type Parser struct {
	pending []byte // the beginning of a line whose end has not come yet
	state   state
}

// NewParser returns a Parser for one log.
func NewParser() *Parser {
	return new(Parser)
}

// Parse reads a whole log. The only errors are those of the reader.
func Parse(r io.Reader) (Report, error) {
	p := NewParser()
	if _, err := io.Copy(p, r); err != nil {
		return p.Report(), fmt.Errorf("reading the log: %w", err)
	}
	return p.Report(), nil
}

// Write reads the next bytes of the log. It never fails.
func (p *Parser) Write(data []byte) (int, error) {
	written := len(data)
	for {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			p.keep(data)
			return written, nil
		}
		if len(p.pending) == 0 {
			p.state.line(data[:min(end, maxLine)])
		} else {
			p.keep(data[:end])
			p.state.line(p.pending)
			p.pending = p.pending[:0]
		}
		data = data[end+1:]
	}
}

func (p *Parser) keep(data []byte) {
	p.pending = append(p.pending, data[:min(len(data), maxLine-len(p.pending))]...)
}

// Report returns what the bytes so far state; a last line without line feed counts as far as it makes sense. It does not end the log.
func (p *Parser) Report() Report {
	if len(p.pending) == 0 {
		return p.state.report()
	}
	peek := p.state.clone()
	peek.line(p.pending)
	return peek.report()
}
