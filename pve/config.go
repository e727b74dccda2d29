package pve

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Config says how a cluster is reached. Zero values take the defaults that are named.
type Config struct {
	// Endpoints are the API addresses of one cluster, such as https://pve1.example:8006, tried in order. Plain http is taken for this
	// machine only.
	Endpoints []string

	// TokenID names the API token, as user@realm!name.
	TokenID string
	// TokenSecret returns the token's secret. It is called for every request, so that a new secret is used at once.
	TokenSecret func() (string, error)

	// CAFile or CAPEM is the authority that signed the nodes' certificates, in PEM form. Fingerprint, instead, is the SHA-256 of the
	// certificate itself, as AB:CD:...: then neither its signer, nor its names, nor its dates matter. With none of them the system's
	// authorities decide.
	CAFile      string
	CAPEM       []byte
	Fingerprint string

	// Transport carries the requests in place of network connections: for a simulated cluster in the same process. What is said above of
	// certificates then has no effect.
	Transport http.RoundTripper

	// Wait pauses between two looks at a task and before a call is repeated, until the context ends: for a simulated cluster, whose time only
	// its test moves. Default: real time passes.
	Wait func(context.Context, time.Duration) error

	// Timeout is the longest that one HTTP request may take, and that a stream may pause. Default 40 s: Proxmox VE itself gives up on
	// another node after 30 s, and its own answer says more than ours.
	Timeout time.Duration
	// MaxCallsPerNode is how many calls a node works on at a time. Default 2.
	MaxCallsPerNode int
	// Retries is how often a read is repeated after a failure that may be gone a moment later. Default 1; negative for never.
	Retries int
	// AuthPause is how long a refused secret is not presented again. Default 60 s.
	AuthPause time.Duration
	// ReturnAfter is when, after a switch to another address, the first one is tried again. Default 5 min.
	ReturnAfter time.Duration
	// MaxBody and MaxLog bound a JSON reply and a task log, in bytes after decompression. Defaults 32 MiB and 1 GiB.
	MaxBody, MaxLog int64

	// UserAgent is what the nodes' logs show. Default pve-backup-exporter.
	UserAgent string
	// Logger gets a debug line for each request and an info line when calls go to another address. Default: nothing is logged.
	Logger *slog.Logger
	// Observe is called once for each HTTP request with the endpoint's template, such as /nodes/{node}/tasks/{upid}/log, and the HTTP
	// status as text, or "error" where there was no complete answer. It must be safe for concurrent use.
	Observe func(endpoint, code string, took time.Duration)
}

func (cfg Config) withDefaults() Config {
	orDefault(&cfg.Timeout, 40*time.Second)
	orDefault(&cfg.MaxCallsPerNode, 2)
	orDefault(&cfg.Retries, 1)
	orDefault(&cfg.AuthPause, time.Minute)
	orDefault(&cfg.ReturnAfter, 5*time.Minute)
	orDefault(&cfg.MaxBody, 32<<20)
	orDefault(&cfg.MaxLog, 1<<30)
	orDefault(&cfg.UserAgent, "pve-backup-exporter")
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Observe == nil {
		cfg.Observe = func(string, string, time.Duration) {}
	}
	return cfg
}

func orDefault[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}
