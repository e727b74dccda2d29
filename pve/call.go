package pve

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

// call is one question to the API. It travels in the request's context, so that the transport knows the endpoint's template and the node,
// and can hand back what go-proxmox drops from the reply.
type call struct {
	method   string
	template string // such as /nodes/{node}/tasks, for metrics and errors
	path     string // the template with its places filled in and escaped
	node     string // the node that the path names, or empty
	only     *endpoint
	stream   bool     // hand the body through instead of reading it as JSON
	secrets  []string // among the parameters: what no error may repeat

	emptyReply bool // a reply without data is a valid one to a question

	answeredBy string                // address of the endpoint that answered last
	total      optional.Value[int64] // the reply's "total", which stands beside "data"
}

var placePattern = regexp.MustCompile(`\{[a-z]+\}`)

// newCall fills the template's places, in order. An empty value or one that would climb the path is refused: names come from replies, and
// a path that is wrong by one level could mean something else entirely.
func newCall(method, template string, values ...string) (*call, error) {
	c := &call{method: method, template: template}
	next := 0
	var bad error
	c.path = placePattern.ReplaceAllStringFunc(template, func(place string) string {
		name := strings.Trim(place, "{}")
		value := values[next]
		next++
		if value == "" || value == "." || value == ".." {
			bad = fmt.Errorf("%s %s: %q is not a valid %s", method, template, value, name)
		}
		if name == "node" {
			c.node = value
		}
		return url.PathEscape(value)
	})
	return c, bad
}

// at names the call and the address for an error.
func (c *call) at(address string) string {
	return fmt.Sprintf("%s %s on %s", c.method, c.path, address)
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// callOf returns the call of a request. One that was not made through this package's methods is named by its own path.
func callOf(req *http.Request) *call {
	if c, ok := req.Context().Value(callKey{}).(*call); ok {
		return c
	}
	path := strings.TrimPrefix(req.URL.Path, apiPrefix)
	return &call{method: req.Method, template: path, path: path}
}

func encodeQuery(query url.Values) string {
	if len(query) == 0 {
		return ""
	}
	return "?" + encodeForm(query)
}
