package objectstore

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Kind says which server a store is.
type Kind string

// The kinds of stores.
const (
	MinIO Kind = "minio" // MinIO, and forks of it that kept its health endpoints
	S3    Kind = "s3"    // any other server that speaks S3
)

// Config says how a store is reached.
type Config struct {
	Name     string // the store's name in errors
	Kind     Kind
	Endpoint string // http(s)://host:port
	CAFile   string // PEM file with the authority to trust; empty: those of the system
	Region   string // empty: us-east-1

	// Credentials returns the access key's name and secret. It is asked before every probe, so that a new key is used at once. [Client.Health] of
	// kind minio and [Client.Certificate] do without.
	Credentials func() (accessKey, secretKey string, err error)

	Timeout   time.Duration // how long one probe may take, all its requests together; 0: 15 s
	MaxPages  int           // how many pages of 1000 entries a listing may have; 0: 10
	UserAgent string        // the program's name and version, separated by a slash

	// Transport carries the requests in place of an own one; CAFile is then of no use but for [Client.Certificate].
	Transport http.RoundTripper
}

// defaultRegion is what MinIO has unless it was told another, and what Terraform's backend is given.
const defaultRegion = "us-east-1"

// withDefaults fills in what is not given, and says what cannot work.
func (c Config) withDefaults() (Config, *url.URL, error) {
	endpoint, err := url.Parse(c.Endpoint)
	switch {
	case err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https":
		return c, nil, ui.Hint(errors.New("the endpoint is not an address"), "write it with scheme, host and port, such as https://minio.example:9000")
	case endpoint.User != nil || endpoint.RawQuery != "" || endpoint.Fragment != "" || endpoint.Path != "" && endpoint.Path != "/":
		return c, nil, ui.Hint(errors.New("the endpoint has more than scheme, host and port"), "write it such as https://minio.example:9000")
	case c.Kind != MinIO && c.Kind != S3:
		return c, nil, fmt.Errorf("there is no kind %q of object stores", c.Kind)
	case c.Credentials == nil:
		return c, nil, errors.New("no access key is given")
	case c.Timeout < 0 || c.MaxPages < 0:
		return c, nil, errors.New("a limit is negative")
	}
	if c.Region == "" {
		c.Region = defaultRegion
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	if c.MaxPages == 0 {
		c.MaxPages = 10
	}
	return c, &url.URL{Scheme: endpoint.Scheme, Host: endpoint.Host}, nil
}
