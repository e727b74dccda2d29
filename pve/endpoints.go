package pve

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const (
	apiPrefix   = "/api2/json"
	defaultPort = "8006"
)

// EndpointStatus is what is known of one API address of the cluster.
type EndpointStatus struct {
	Address string               // as configured, without a trailing slash
	Up      optional.Value[bool] // unknown until it was asked
	// LastError is why it is down. It is nil while the address is up or unknown.
	LastError error
	// Current reports that calls go there first.
	Current bool
}

type endpoint struct {
	address string
	base    url.URL
	status  EndpointStatus // guarded by the list's mutex
}

// endpoints is the list of a cluster's addresses, in the configured order. Calls stay with the address that answered last, and go back
// to the first one after a while.
type endpoints struct {
	now         func() time.Time
	returnAfter time.Duration

	mu      sync.Mutex
	list    []*endpoint
	current int
	since   time.Time // when current was chosen, or the first one was tried again
}

func newEndpoints(addresses []string, returnAfter time.Duration, now func() time.Time) (*endpoints, error) {
	if len(addresses) == 0 {
		return nil, ui.Hint(errors.New("no endpoint is given"), "write the address of at least one node, such as https://pve1.example:8006")
	}
	e := &endpoints{now: now, returnAfter: returnAfter}
	for _, address := range addresses {
		one, err := parseEndpoint(address)
		if err != nil {
			return nil, err
		}
		e.list = append(e.list, one)
	}
	return e, nil
}

func parseEndpoint(address string) (*endpoint, error) {
	u, err := url.Parse(strings.TrimSuffix(strings.TrimRight(address, "/"), apiPrefix))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, ui.Hint(fmt.Errorf("endpoint %q is not an address", redactUser(address)), "write it as https://pve1.example:%s", defaultPort)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, ui.Hint(fmt.Errorf("endpoint %q has more than host, port and path", redactUser(address)), "credentials belong into the token's settings")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, ui.Hint(fmt.Errorf("endpoint %q is plain http", address), "the token's secret would cross the network in the clear; Proxmox VE speaks https at port %s", defaultPort)
	}
	one := &endpoint{address: u.String(), base: *u}
	one.status.Address = one.address
	return one, nil
}

// redactUser keeps a password that was written into an address out of an error.
func redactUser(address string) string {
	if at := strings.LastIndex(address, "@"); at >= 0 {
		return "...@" + address[at+1:]
	}
	return address
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// rewrite returns the request as it goes to this address.
func (e *endpoint) rewrite(req *http.Request) (*http.Request, error) {
	out := req.Clone(req.Context())
	out.URL.Scheme, out.URL.Host, out.Host = e.base.Scheme, e.base.Host, e.base.Host
	out.URL.RawPath = e.base.EscapedPath() + req.URL.EscapedPath()
	out.URL.Path = e.base.Path + req.URL.Path
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		out.Body = body
	}
	return out, nil
}

// order lists the addresses in the order in which a call tries them. When it is time to look at the first one again, a single caller does:
// a dead host costs seconds, and only one call should pay them.
func (e *endpoints) order() []*endpoint {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current != 0 && e.now().Sub(e.since) >= e.returnAfter {
		e.since = e.now()
		return e.list
	}
	order := []*endpoint{e.list[e.current]}
	for i, one := range e.list {
		if i != e.current {
			order = append(order, one)
		}
	}
	return order
}

// report notes that an address answered, or why it did not. It returns whether calls now go elsewhere than before.
func (e *endpoints) report(one *endpoint, failure error) (moved bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	one.status.Up, one.status.LastError = optional.Some(failure == nil), failure
	now := e.list[e.current]
	if failure != nil || one == now {
		return false
	}
	// Another address answered: stay with it if the current one is down, or if it is the first, which is always preferred.
	if one != e.list[0] && now.status.Up.Or(true) {
		return false
	}
	for i := range e.list {
		if e.list[i] == one {
			e.current, e.since = i, e.now()
		}
	}
	return true
}

func (e *endpoints) statuses() []EndpointStatus {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]EndpointStatus, len(e.list))
	for i, one := range e.list {
		out[i] = one.status
		out[i].Current = i == e.current
	}
	return out
}
