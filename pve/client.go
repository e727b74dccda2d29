package pve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	proxmox "github.com/luthermonson/go-proxmox"
)

// placeholder stands for the cluster's address until the transport has chosen one.
const placeholder = "https://cluster.invalid" + apiPrefix

// Client asks one Proxmox VE cluster. It is safe for concurrent use.
type Client struct {
	api       *proxmox.Client
	http      *http.Client
	base      *http.Transport
	transport *transport

	pagedLogs sync.Map // names of nodes that do not know the log's download parameter
}

// clock is what tests replace.
type clock struct {
	now  func() time.Time
	wait func(context.Context, time.Duration) error
}

// New checks the configuration and returns a client. It asks nothing yet.
func New(cfg Config) (*Client, error) {
	return newClient(cfg, clock{now: time.Now, wait: sleep})
}

func newClient(cfg Config, clock clock) (*Client, error) {
	cfg = cfg.withDefaults()
	if cfg.Wait != nil {
		clock.wait = cfg.Wait
	}
	if cfg.Timeout < 0 || cfg.MaxCallsPerNode < 0 || cfg.MaxBody < 0 || cfg.MaxLog < 0 {
		return nil, errors.New("a limit is negative")
	}
	trust, err := tlsConfig(cfg)
	if err != nil {
		return nil, err
	}
	auth, err := newAuthenticator(cfg, clock.now)
	if err != nil {
		return nil, err
	}
	endpoints, err := newEndpoints(cfg.Endpoints, cfg.ReturnAfter, clock.now)
	if err != nil {
		return nil, err
	}
	connect := min(5*time.Second, cfg.Timeout/2)
	base := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        trust,
		TLSHandshakeTimeout:    connect,
		MaxIdleConnsPerHost:    max(4, cfg.MaxCallsPerNode),
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}
	var carrier http.RoundTripper = base
	if cfg.Transport != nil {
		carrier = cfg.Transport
	}
	t := &transport{
		base: carrier, endpoints: endpoints, auth: auth, limit: newLimiter(cfg.MaxCallsPerNode), retry: newRetrier(cfg.Retries, clock.wait),
		log: cfg.Logger, observe: cfg.Observe, now: clock.now, timeout: cfg.Timeout, maxBody: cfg.MaxBody, maxLog: cfg.MaxLog,
	}
	c := &Client{base: base, transport: t, http: &http.Client{Transport: t}}
	// go-proxmox never gets the token: the transport adds it, so that nothing above can log it.
	c.api = proxmox.NewClient(placeholder, proxmox.WithHTTPClient(c.http), proxmox.WithUserAgent(cfg.UserAgent), proxmox.WithLogger(silent{}))
	return c, nil
}

// Close gives up idle connections. Calls that run are not ended: their contexts do that.
func (c *Client) Close() { c.base.CloseIdleConnections() }

// EndpointStatus tells what is known of the cluster's addresses, in the configured order.
func (c *Client) EndpointStatus() []EndpointStatus { return c.transport.endpoints.statuses() }

// CheckEndpoints asks each address for its version (GET /version), at the same time, and tells which answered: calls themselves only ever
// learn about the address that they go to.
func (c *Client) CheckEndpoints(ctx context.Context) []EndpointStatus {
	var all sync.WaitGroup
	for _, one := range c.transport.endpoints.list {
		all.Go(func() {
			ask, _ := newCall(http.MethodGet, "/version")
			ask.only = one
			_, _ = c.get(ctx, ask, nil) // the status is what counts
		})
	}
	all.Wait()
	return c.EndpointStatus()
}

// get makes a call and returns the reply's data.
func (c *Client) get(ctx context.Context, ask *call, query url.Values) (json.RawMessage, error) {
	var data json.RawMessage
	err := c.api.Get(withCall(ctx, ask), ask.path+encodeQuery(query), &data)
	return data, ask.explain(ctx, err)
}

// explain takes off what net/http wraps around an error. What is none of this package's comes from go-proxmox's reading of the body.
func (c *call) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", c.at(c.answeredBy), ctx.Err())
	}
	return c.decodeError(plainJSONError(err)).advise()
}

// fetchRows makes a call whose reply is a list of objects.
func fetchRows[T any](ctx context.Context, c *Client, query url.Values, read func(*record) T, template string, values ...string) ([]T, *call, error) {
	ask, err := newCall(http.MethodGet, template, values...)
	if err != nil {
		return nil, ask, err
	}
	data, err := c.get(ctx, ask, query)
	if err != nil {
		return nil, ask, err
	}
	out, err := rows(data, read)
	if err != nil {
		return nil, ask, ask.decodeError(err).advise()
	}
	return out, ask, nil
}

// fetchObject makes a call whose reply is one object.
func fetchObject[T any](ctx context.Context, c *Client, query url.Values, read func(*record) T, template string, values ...string) (T, error) {
	var zero T
	ask, err := newCall(http.MethodGet, template, values...)
	if err != nil {
		return zero, err
	}
	data, err := c.get(ctx, ask, query)
	if err != nil {
		return zero, err
	}
	out, err := object(data, read)
	if err != nil {
		return zero, ask.decodeError(err).advise()
	}
	return out, nil
}

// silent keeps go-proxmox from logging: its debug lines hold whole replies.
type silent struct{}

func (silent) Debugf(string, ...any) {}
func (silent) Errorf(string, ...any) {}
func (silent) Infof(string, ...any)  {}
func (silent) Warnf(string, ...any)  {}
