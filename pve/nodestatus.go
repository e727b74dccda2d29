package pve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
)

// NodeStatus is what a node has and uses (GET /nodes/{node}/status).
type NodeStatus struct {
	// MemoryTotal, MemoryUsed and MemoryFree are in bytes. Free is what programs could still get: where the node says what is available, caches
	// that it would give back count as free.
	MemoryTotal, MemoryUsed, MemoryFree int64
	Uptime                              int64 // seconds
	CPUs                                int
	Version                             string // pve-manager/9.2.11/...
}

// NodeStatus asks for a node's memory and processors. It needs Sys.Audit on /nodes/{node}.
func (c *Client) NodeStatus(ctx context.Context, node string) (NodeStatus, error) {
	return fetchObject(ctx, c, nil, func(r *record) NodeStatus {
		s := field(r, "memory", func(raw json.RawMessage) (NodeStatus, error) {
			return object(raw, func(r *record) NodeStatus {
				free := r.integer("free").Or(0)
				return NodeStatus{MemoryTotal: requiredInteger(r, "total"), MemoryUsed: r.count("used"), MemoryFree: r.integer("available").Or(free)}
			})
		})
		s.Uptime, s.Version = r.count("uptime"), r.text("pveversion")
		s.CPUs = field(r, "cpuinfo", func(raw json.RawMessage) (int, error) {
			if kindOfJSON(raw) == "null" {
				return 0, nil
			}
			return object(raw, func(r *record) int { return int(r.count("cpus")) })
		})
		return s
	}, "/nodes/{node}/status", node)
}

// ExtractConfig reads the guest's configuration out of an archive, as the text of its file (GET /nodes/{node}/vzdump/extractconfig). It reads no
// more than the archive's beginning. It needs what restoring the archive needs: Datastore.AllocateSpace on its storage and VM.Backup on the
// guest that it is of. [IsNotFound] is true of the error for an archive that is not there.
func (c *Client) ExtractConfig(ctx context.Context, node, volume string) (string, error) {
	ask, err := newCall(http.MethodGet, "/nodes/{node}/vzdump/extractconfig", node)
	if err != nil {
		return "", err
	}
	data, err := c.get(ctx, ask, url.Values{"volume": {volume}})
	if err != nil {
		return "", err
	}
	if kindOfJSON(data) != "string" {
		return "", ask.decodeError(wrongKind("a text", data)).advise()
	}
	text, err := textOf(data)
	if err == nil && text == "" {
		err = errors.New("the configuration is empty")
	}
	if err != nil {
		return "", ask.decodeError(err).advise()
	}
	return text, nil
}
