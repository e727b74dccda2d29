package pve

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// streamBody reads a long text as it comes. Each piece renews the deadline: a large log may take longer than a call, a server that has
// stopped sending may not.
type streamBody struct {
	*exchange
	body io.ReadCloser
	left int64
	code string
	done sync.Once
}

func (s *streamBody) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	s.deadline.extend()
	if s.left -= int64(n); s.left < 0 {
		s.code = "error"
		return 0, s.call.decodeError(fmt.Errorf("%w of %d bytes", ErrTooLarge, s.maxLog)).advise()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.code = "error"
		err = s.broken(err, true)
	}
	return n, err
}

func (s *streamBody) Close() error {
	err := s.body.Close()
	s.done.Do(func() { s.finish(s.code) })
	return err
}
