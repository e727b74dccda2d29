package pvesim

import (
	"maps"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// nodeEndpoints are the calls about nodes themselves.
func (c *Cluster) nodeEndpoints() []wire.Endpoint {
	audit := c.need("/nodes/{node}", "Sys.Audit")
	return []wire.Endpoint{
		{Method: "GET", Template: "/nodes", Handle: c.getNodes},
		{Method: "GET", Template: "/nodes/{node}/time", OnNode: true, Check: audit, Handle: c.getNodeTime},
		{Method: "GET", Template: "/nodes/{node}/version", OnNode: true, Handle: c.getVersion},
		{Method: "GET", Template: "/nodes/{node}/vzdump/defaults", OnNode: true, Params: []wire.Param{{Name: "storage"}}, Handle: c.getBackupDefaults},
	}
}

func (c *Cluster) getNodes(call *wire.Call) (wire.Answer, *wire.Error) {
	data := []any{}
	for _, row := range c.nodeRows(call) {
		row := row.(object)
		delete(row, "cgroup-mode")
		if node := c.model.Node(row["node"].(string)); !node.Offline {
			row["ssl_fingerprint"] = strings.TrimSuffix(strings.Repeat("AB:", 32), ":")
		}
		data = append(data, row)
	}
	return wire.Answer{Data: data}, nil
}

// getNodeTime answers the node's clock; "localtime" is its wall clock as if that were UTC.
func (c *Cluster) getNodeTime(call *wire.Call) (wire.Answer, *wire.Error) {
	node := c.model.Node(call.Get("node"))
	now := c.options.Now().Add(node.ClockSkew)
	return wire.Answer{Data: object{"time": now.Unix(), "localtime": wallClock(now.Unix(), node.Zone), "timezone": node.Zone.String()}}, nil
}

// getBackupDefaults answers what vzdump does on a node where a job states nothing. A storage's own rule counts before the node's.
func (c *Cluster) getBackupDefaults(call *wire.Call) (wire.Answer, *wire.Error) {
	node := c.model.Node(call.Get("node"))
	data := object{
		"mode": "snapshot", "compress": "0", "bwlimit": 0, "quiet": 0, "ionice": 7, "pigz": 0, "stop": 0, "zstd": 1,
		"mailnotification": "always", "storage": "local", "remove": 1, "prune-backups": "keep-all=1", "notification-mode": "auto", "stopwait": 10,
		"all": 0, "lockwait": 180, "stdexcludes": 1, "performance": object{"pbs-entries-max": 1048576, "max-workers": 16}, "fleecing": object{"enabled": 0},
		"dumpdir": "/var/lib/vz/dump",
	}
	own := object{}
	for name, value := range node.Defaults {
		own[name] = value
		if _, isNumber := data[name].(int); isNumber {
			own[name] = number(value)
		}
	}
	maps.Copy(data, own)
	if id := call.Get("storage"); id != "" {
		s := c.model.Storage(id)
		if s == nil {
			return wire.Answer{}, wire.Failure("storage '" + id + "' does not exist")
		}
		data["storage"] = id
		if s.Path() != "" {
			data["dumpdir"] = s.Path() + "/dump"
		}
		if s.Retention != "" && c.seesStorage(call, id) {
			data["prune-backups"] = canonicalRetention(s.Retention)
		}
	}
	return wire.Answer{Data: data}, nil
}
