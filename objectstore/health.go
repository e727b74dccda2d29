package objectstore

import (
	"context"
	"fmt"
	"net/http"
)

// Health is how a server says that it is.
type Health struct {
	Live     bool // it answers
	Ready    bool // it takes requests
	Writable bool // enough of its drives are there to write
	Readable bool // enough of its drives are there to read

	// Why says what is wrong, in words: empty when nothing is.
	Why string
}

// Up reports that nothing is wrong.
func (h Health) Up() bool { return h.Live && h.Ready && h.Writable && h.Readable }

// Health asks how the server is. Of kind minio it asks the endpoints live, ready, cluster and cluster/read, which need no credentials: at most four
// requests. Of others it lists the buckets, one request: then all of Health is true unless that fails, and a right that is lacking is no failure.
// The error says why the server could not be asked; Live tells whether it answered at all.
func (c *Client) Health(ctx context.Context) (Health, error) {
	if c.cfg.Kind == MinIO {
		return c.minioHealth(ctx)
	}
	ctx, e, err := c.beginSigned(ctx, 1, "list the buckets")
	if err != nil {
		return Health{}, err
	}
	defer e.stop()
	_, err = c.api.ListBuckets(ctx)
	err = e.explain(err)
	if err == nil || ReasonOf(err) == Denied {
		return Health{Live: true, Ready: true, Writable: true, Readable: true}, nil
	}
	switch ReasonOf(err) {
	case BucketMissing: // so minio-go takes any 404
		return Health{}, e.notStore(http.StatusNotFound)
	case WrongKey, ClockSkew, WrongRegion, Busy:
		return Health{Live: true, Why: reasonTexts[ReasonOf(err)]}, err
	}
	return Health{}, err
}

// checks are MinIO's endpoints of health, in the order of asking: what the first say makes the others meaningless.
var checks = []struct {
	path, why string
	note      func(*Health)
}{
	{"live", "the server is not live", func(h *Health) { h.Live = true }},
	{"ready", "the server is not ready", func(h *Health) { h.Ready = true }},
	{"cluster", "too few drives are there to write", func(h *Health) { h.Writable = true }},
	{"cluster/read", "too few drives are there to read", func(h *Health) { h.Readable = true }},
}

func (c *Client) minioHealth(ctx context.Context) (Health, error) {
	ctx, e := c.begin(ctx, len(checks), "ask for its health")
	defer e.stop()
	var health Health
	for _, check := range checks {
		reply, err := c.get(ctx, "/minio/health/"+check.path, nil)
		if err != nil {
			return health, e.explain(err)
		}
		_ = reply.Body.Close() // it is empty
		state := reply.Header.Get("x-minio-server-status")
		switch {
		case reply.StatusCode == http.StatusOK && state == "":
			check.note(&health)
		case reply.StatusCode == http.StatusOK: // live and ready answer 200 even while the server starts, and say so
			health.Live, health.Why = true, fmt.Sprintf("the server says that it is %s", clean(state))
			return health, nil
		case reply.StatusCode == http.StatusServiceUnavailable || reply.StatusCode == http.StatusTooManyRequests:
			health.Live = true
			if health.Why == "" {
				health.Why = check.why
			}
		default: // nothing that MinIO answers there
			return health, e.notStore(reply.StatusCode)
		}
	}
	return health, nil
}

// notStore makes an error of a status that no object store answers.
func (e *errand) notStore(status int) error {
	wrong := e.bare(NotS3)
	wrong.Status, wrong.Code = status, http.StatusText(status)
	return wrong.advise()
}

// get asks for a path that is not S3.
func (c *Client) get(ctx context.Context, path string, header http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.endpoint.String()+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	if header != nil {
		request.Header = header
	}
	return c.plain.Do(request)
}
