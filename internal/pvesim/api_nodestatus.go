package pvesim

import (
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// nodeStatusEndpoints are the calls about what a node has, and about what an archive on it holds.
func (c *Cluster) nodeStatusEndpoints() []wire.Endpoint {
	return []wire.Endpoint{
		{Method: "GET", Template: "/nodes/{node}/status", OnNode: true, Check: c.need("/nodes/{node}", "Sys.Audit"), Handle: c.getNodeStatus},
		{
			Method: "GET", Template: "/nodes/{node}/vzdump/extractconfig", OnNode: true, Protected: true, Handle: c.getArchiveConfig,
			Params: []wire.Param{{Name: "volume", Required: true}},
		},
	}
}

// memory is what a node has and uses, in bytes: what was set, or made-up figures.
func (c *Cluster) memory(node *Node) (total, used int64) {
	total, used = node.Memory, node.MemoryUsed
	if total == 0 {
		total = 64 << 30
	}
	if used == 0 {
		h := hash(c.options.Seed, hashText(node.Name), uint64(c.at/10))
		used = int64(between(h>>5, 20, 50)/64*float64(total)) >> 20 << 20
	}
	return total, used
}

func (c *Cluster) getNodeStatus(call *wire.Call) (wire.Answer, *wire.Error) {
	node := c.model.Node(call.Get("node"))
	total, used := c.memory(node)
	h := hash(c.options.Seed, hashText(node.Name), uint64(c.at/10))
	disk, taken := int64(96)<<30, int64(12)<<30
	return wire.Answer{Data: object{
		"pveversion": "pve-manager/" + c.model.Version + "/14a22df35955d97d", "kversion": "Linux 6.17.2-1-pve #1 SMP PREEMPT_DYNAMIC PMX 6.17.2-1",
		"current-kernel": object{"release": "6.17.2-1-pve", "version": "#1 SMP PREEMPT_DYNAMIC PMX 6.17.2-1", "machine": "x86_64", "sysname": "Linux"},
		"memory":         object{"total": total, "used": used, "free": (total - used) / 3, "available": total - used},
		"swap":           object{"total": 8 << 30, "used": 0, "free": 8 << 30}, "ksm": object{"shared": 0},
		"rootfs": object{"total": disk, "used": taken, "free": disk - taken, "avail": disk - taken - disk/20},
		"cpu":    between(h, 0.02, 0.6), "idle": 0, "wait": 0, "loadavg": []string{"1.20", "1.10", "0.95"}, "uptime": c.at - c.nodes[node.Name].boot,
		"boot-info": object{"mode": "legacy-bios"},
		"cpuinfo":   object{"cpus": 16, "cores": 8, "sockets": 1, "model": "AMD EPYC", "vendor": "AuthenticAMD", "family": "25", "mhz": "2596.132", "user_hz": 100, "hvm": "", "flags": "fpu vme de"},
	}}, nil
}

// getArchiveConfig reads the configuration out of an archive.
func (c *Cluster) getArchiveConfig(call *wire.Call) (wire.Answer, *wire.Error) {
	volume := call.Get("volume")
	if failure := c.mayRead(call, volume, "backup"); failure != nil {
		return wire.Answer{}, failure
	}
	if text := c.model.refusal(storageOf(volume), call.Get("node")); text != "" {
		return wire.Answer{}, wire.Failure(text)
	}
	switch a := c.model.archiveAt(volume, call.Get("node")); {
	case a == nil:
		return wire.Answer{}, wire.Failure("volume '" + volume + "' does not exist")
	case a.Corrupt && a.Type == "lxc":
		return wire.Answer{}, wire.Failure("ERROR: archive contains no configuration file")
	case a.Corrupt:
		return wire.Answer{}, wire.Failure("Failed to extract config from VMA archive: vma: wrong vma header md5sum")
	default:
		return wire.Answer{Data: rawText(strings.ToValidUTF8(configText(c.model.contents(a)), "?"))}, nil
	}
}
