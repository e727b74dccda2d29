package pve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// maxDepth is far above what any reply of Proxmox VE nests.
const maxDepth = 200

// plainName is a name that can only be one of Proxmox VE's own: nothing else of a body goes into an error.
var plainName = regexp.MustCompile(`^[a-z-]{1,30}$`)

// envelope is what stands beside the data of a reply: {"data": ..., "total": 7}.
type envelope struct {
	data  bool // there is a "data", and it is not null
	null  bool // there is one, and it is null
	total optional.Value[int64]
}

// inspect looks at a reply before it is decoded. It finds what encoding/json passes over in silence: a member that is named twice, of
// which only the last would count, and data that is absent. Whether the rest is valid JSON is for the decoder to say.
func inspect(body []byte) (envelope, error) {
	switch start := bytes.TrimLeft(body, " \t\r\n"); {
	case len(start) == 0:
		return envelope{}, fmt.Errorf("%w: the body is empty", errNotAPI)
	case start[0] == '<':
		return envelope{}, fmt.Errorf("%w: the body is a web page", errNotAPI)
	case start[0] != '{':
		return envelope{}, fmt.Errorf("%w: the body is not a JSON object", errNotAPI)
	}
	s := scanner{body: body}
	if err := s.run(); err != nil {
		return envelope{}, err
	}
	return s.found, nil
}

// scanner walks over the bytes of a JSON text and knows only strings and nesting.
type scanner struct {
	body   []byte
	levels []level
	spare  []map[string]struct{} // name sets of levels that were left, for use again
	found  envelope
}

type level struct {
	names    map[string]struct{} // nil for an array
	wantName bool
}

func (s *scanner) run() error {
	for i := 0; i < len(s.body); i++ {
		switch s.body[i] {
		case '{', '[':
			if len(s.levels) == maxDepth {
				return errors.New("nested too deeply")
			}
			s.enter(s.body[i] == '{')
		case '}', ']':
			if len(s.levels) == 0 {
				return nil
			}
			s.leave()
		case ',':
			if n := len(s.levels); n > 0 {
				s.levels[n-1].wantName = s.levels[n-1].names != nil
			}
		case '"':
			end, whole := endOfString(s.body, i+1)
			if !whole {
				return nil
			}
			if n := len(s.levels); n > 0 && s.levels[n-1].wantName {
				if err := s.name(s.body[i+1:end], end+1); err != nil {
					return err
				}
			}
			i = end
		}
	}
	return nil
}

func (s *scanner) enter(object bool) {
	l := level{wantName: object}
	if object {
		if n := len(s.spare); n > 0 {
			l.names, s.spare = s.spare[n-1], s.spare[:n-1]
		} else {
			l.names = make(map[string]struct{})
		}
	}
	s.levels = append(s.levels, l)
}

func (s *scanner) leave() {
	n := len(s.levels) - 1
	if names := s.levels[n].names; names != nil {
		clear(names)
		s.spare = append(s.spare, names)
	}
	s.levels = s.levels[:n]
}

// name notes a member's name; its value follows somewhere after position next.
func (s *scanner) name(name []byte, next int) error {
	l := &s.levels[len(s.levels)-1]
	if _, twice := l.names[string(name)]; twice {
		if !plainName.Match(name) {
			return errors.New("a member is there twice")
		}
		return fmt.Errorf("member %q is there twice", name)
	}
	l.names[string(name)] = struct{}{}
	l.wantName = false
	if len(s.levels) > 1 {
		return nil
	}
	value := bytes.TrimLeft(s.body[min(next, len(s.body)):], " \t\r\n:")
	switch string(name) {
	case "data":
		s.found.null = bytes.HasPrefix(value, []byte("null"))
		s.found.data = !s.found.null
	case "total":
		if end := bytes.IndexAny(value, ",}"); end > 0 {
			total, err := integerOf(json.RawMessage(bytes.TrimSpace(value[:end])))
			if err != nil {
				return fmt.Errorf("total: %w", err)
			}
			s.found.total = total
		}
	}
	return nil
}

// endOfString returns the position of the quote that ends the string which begins at from, if there is one.
func endOfString(body []byte, from int) (end int, whole bool) {
	for i := from; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '"':
			return i, true
		}
	}
	return 0, false
}
