package pve

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// copyUnzipped undoes a compression that net/http has left in place: Proxmox VE compresses a long log whether or not that was asked for. The
// limit is for what comes out.
func copyUnzipped(w io.Writer, body io.Reader, limit int64) (int64, error) {
	buffered := bufio.NewReader(body)
	if start, _ := buffered.Peek(2); string(start) != "\x1f\x8b" {
		return io.Copy(w, buffered)
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(w, io.LimitReader(unzipped, limit))
	if err != nil || n < limit {
		return n, err
	}
	if _, err := io.ReadFull(unzipped, make([]byte, 1)); errors.Is(err, io.EOF) {
		return n, nil
	}
	return n, fmt.Errorf("%w of %d bytes", ErrTooLarge, limit)
}

// readError names the call for a compression that is damaged or too large. Other errors of a stream name it themselves.
func (c *call) readError(err error) error {
	var connection *ConnectionError
	var decode *DecodeError
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &decode):
		return err
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt), errors.Is(err, ErrTooLarge):
		return c.decodeError(err).advise()
	case errors.Is(err, io.ErrUnexpectedEOF) && !errors.As(err, &connection):
		return c.decodeError(err).advise()
	}
	return err
}
