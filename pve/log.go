package pve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// ErrNoLog says that the node has no log of the task any more, or not yet.
var ErrNoLog = errors.New("the node has no log of this task")

// pageLines is how many lines a page asks for: the default would be 50, and 0 means none on older versions.
const pageLines = 5000

// TaskLog writes a task's log, byte for byte, and returns how many bytes it wrote (GET /nodes/{node}/tasks/{upid}/log with download=1).
// Before 7.3-5 it is read in pages of lines instead. It needs Sys.Audit on /nodes/{node}, unless the token itself started the task. On an
// error, what came before it was written. The error is [ErrNoLog] when there is no log.
func (c *Client) TaskLog(ctx context.Context, node, upid string, w io.Writer) (int64, error) {
	if _, paged := c.pagedLogs.Load(node); !paged {
		n, err := c.downloadLog(ctx, node, upid, w)
		if !isUnknownParameter(err, "download") {
			return n, err
		}
		c.pagedLogs.Store(node, true)
	}
	return c.pageLog(ctx, node, upid, w)
}

// isUnknownParameter reports that the server is too old for a parameter.
func isUnknownParameter(err error, name string) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusBadRequest && strings.Contains(e.Fields[name], "not defined in schema")
}

func (c *Client) downloadLog(ctx context.Context, node, upid string, w io.Writer) (int64, error) {
	ask, err := newCall(http.MethodGet, "/nodes/{node}/tasks/{upid}/log", node, upid)
	if err != nil {
		return 0, err
	}
	ask.stream = true
	req, err := http.NewRequestWithContext(withCall(ctx, ask), http.MethodGet, placeholder+ask.path+"?download=1", nil)
	if err != nil {
		return 0, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, noLog(ask.explain(ctx, err))
	}
	defer func() { _ = resp.Body.Close() }()
	out := &sink{Writer: w}
	n, err := copyUnzipped(out, resp.Body, c.transport.maxLog)
	if out.err != nil {
		return n, out.err
	}
	return n, ask.readError(err)
}

// sink keeps the writer's own error apart from the reader's.
type sink struct {
	io.Writer
	err error
}

func (s *sink) Write(p []byte) (n int, err error) {
	n, s.err = s.Writer.Write(p)
	return n, s.err
}

// noLog recognises the refusal to open a log that was cleaned up.
func noLog(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusInternalServerError && strings.HasPrefix(e.Text(), "Could not open file") {
		return fmt.Errorf("%w: %w", ErrNoLog, err)
	}
	return err
}

// pageLog reads a log in pages of lines.
func (c *Client) pageLog(ctx context.Context, node, upid string, w io.Writer) (int64, error) {
	var written int64
	for start := 0; ; {
		lines, total, err := c.TaskLogPage(ctx, node, upid, start, pageLines)
		if err != nil {
			return written, err
		}
		for _, line := range lines {
			n, err := io.WriteString(w, line+"\n")
			written += int64(n)
			if err != nil {
				return written, err
			}
		}
		if start += len(lines); start >= total || len(lines) == 0 {
			return written, nil
		}
	}
}

// TaskLogPage returns lines of a task's log from the 0-based line start on, at most limit, and how many lines there are by now: a running
// task's log grows (GET /nodes/{node}/tasks/{upid}/log). The error is [ErrNoLog] when there is no log.
func (c *Client) TaskLogPage(ctx context.Context, node, upid string, start, limit int) (lines []string, total int, err error) {
	query := url.Values{"start": {strconv.Itoa(max(start, 0))}, "limit": {strconv.Itoa(max(limit, 1))}}
	lines, ask, err := fetchRows(ctx, c, query, func(r *record) string { return r.text("t") }, "/nodes/{node}/tasks/{upid}/log", node, upid)
	if err != nil {
		return nil, 0, err
	}
	total = int(ask.total.Or(0))
	if total == 1 && len(lines) == 1 {
		// The server makes these lines up.
		if lines[0] == "no content" {
			return nil, 0, nil
		}
		if strings.HasPrefix(lines[0], "unable to open file - ") {
			return nil, 0, fmt.Errorf("%s: %w", ask.at(ask.answeredBy), ErrNoLog)
		}
	}
	return lines, total, nil
}
