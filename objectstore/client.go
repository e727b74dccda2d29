package objectstore

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Client asks one object store. It is safe for concurrent use.
type Client struct {
	cfg      Config
	endpoint *url.URL
	keys     *keys
	api      *minio.Client
	plain    *http.Client // for what is not S3: health and metrics
	base     *http.Transport
}

// New checks the configuration and returns a client. It asks nothing yet, and reads no credentials.
func New(cfg Config) (*Client, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", cfg.Name, err)
	}
	return c, nil
}

func newClient(cfg Config) (*Client, error) {
	cfg, endpoint, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	trust, err := trustOf(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, endpoint: endpoint, base: newTransport(cfg.Timeout, trust), keys: &keys{read: cfg.Credentials}}
	var carrier http.RoundTripper = c.base
	if cfg.Transport != nil {
		carrier = cfg.Transport
	}
	counted := &transport{base: carrier}
	c.plain = &http.Client{Transport: counted, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	c.api, err = minio.New(endpoint.Host, &minio.Options{
		Creds:        credentials.New(c.keys),
		Secure:       endpoint.Scheme == "https",
		Transport:    counted,
		Region:       cfg.Region, // else it would ask for it
		BucketLookup: minio.BucketLookupPath,
		MaxRetries:   1, // its default of ten takes seconds for a closed port
	})
	if err != nil {
		return nil, err
	}
	if name, version, ok := strings.Cut(cfg.UserAgent, "/"); ok {
		c.api.SetAppInfo(name, version)
	}
	return c, nil
}

// newTransport gives up early on what does not answer, so that a probe's time is left for what does.
func newTransport(timeout time.Duration, trust *tls.Config) *http.Transport {
	connect := min(5*time.Second, timeout/2)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        trust,
		TLSHandshakeTimeout:    connect,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		DisableCompression:     true, // else objects that are stored compressed would change
	}
}

// Close gives up idle connections. Probes that run are not ended: their contexts do that.
func (c *Client) Close() { c.base.CloseIdleConnections() }
