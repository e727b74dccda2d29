package pvesim

import (
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// factsOf is what a log says of the guest now. The same facts are handed out until they change.
func (c *Cluster) factsOf(g *Guest) *runlog.Guest {
	if g.facts != nil && g.revision == c.revision {
		return g.facts
	}
	g.revision = c.revision
	facts := &runlog.Guest{
		VMID: g.VMID, Type: g.Type, Name: g.Name(), Running: !g.Stopped && !g.Template(), Agent: agentOn(g.Config["agent"]), Lock: g.Lock,
		Volumes: g.volumes(), Snapshots: g.Snapshots, CanSnap: true, PID: 1000 + int(hash(c.options.Seed, uint64(g.VMID))%60000), HookLines: g.HookLines,
	}
	for key, value := range g.Config {
		if len(key) > 6 && key[:6] == "unused" {
			facts.Unused = append(facts.Unused, value)
		}
	}
	slices.Sort(facts.Unused)
	for _, v := range facts.Volumes {
		if s := c.model.Storage(storageOf(v.ID)); v.Kind == "volume" && s != nil && !s.snapshots() {
			facts.CanSnap = false
		}
	}
	if g.facts == nil || !sameFacts(g.facts, facts) {
		g.facts = facts
	}
	return g.facts
}

// sameFacts compares what configuration changes can touch.
func sameFacts(a, b *runlog.Guest) bool {
	return a.Type == b.Type && a.Name == b.Name && a.Running == b.Running && a.Agent == b.Agent && a.Lock == b.Lock &&
		slices.Equal(a.Volumes, b.Volumes) && slices.Equal(a.Unused, b.Unused) && a.Snapshots == b.Snapshots && a.CanSnap == b.CanSnap &&
		slices.Equal(a.HookLines, b.HookLines)
}

// agentOn reads the property "agent" of a machine.
func agentOn(value string) bool {
	first, options := splitProperties(value)
	return first == "1" || options["enabled"] == "1"
}

// storageOf is the storage in a volume id.
func storageOf(volume string) string {
	for i := range len(volume) {
		if volume[i] == ':' {
			return volume[:i]
		}
	}
	return ""
}
