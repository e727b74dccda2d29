package check

import (
	"net/url"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// shown is how many names a line has.
const shown = 5

// checkNodes looks at quorum, at nodes that are down, and whether there is another address to fall back to.
func checkNodes(f *facts) []Finding {
	if f.resources.err != nil {
		return []Finding{f.unread("the inventory cannot be read (GET /cluster/resources)", f.resources.err)}
	}
	if f.status.err != nil {
		return []Finding{f.unread("the state of the cluster cannot be read (GET /cluster/status)", f.status.err)}
	}
	names, online := f.nodeNames()
	offline := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return online[name] })
	var findings []Finding
	if !f.status.value.Quorate {
		findings = append(findings, found(Problem, "the cluster has no quorum").
			because("no job starts and nothing can be changed; what it lists may be incomplete").
			advise("bring back enough nodes, or look at the network between them", "pvecm status"))
	}
	if len(offline) > 0 {
		findings = append(findings, found(Warning, "%s of %d offline: %s", words.Count(len(offline), "node", "nodes"), len(names), words.List(tidy(offline), shown)).
			because("guests there are not backed up, and keep their last known facts; storages of such a node cannot be looked at").
			advise("start the node, or remove it from the cluster if it is gone for good"))
	}
	switch {
	case len(findings) > 0:
	case len(names) == 1:
		findings = append(findings, found(OK, "1 node, online"))
	default:
		findings = append(findings, found(OK, "%d nodes, all online, quorate", len(names)))
	}
	return append(findings, f.fallback(len(names))...)
}

// fallback says that a cluster of several nodes could be asked at more than one address.
func (f *facts) fallback(nodes int) []Finding {
	if nodes < 2 || len(f.connection.Endpoints) != 1 {
		return nil
	}
	finding := found(Info, "%d nodes and one endpoint: while its node is down, nothing is known", nodes)
	if target, err := url.Parse(f.connection.Endpoints[0]); err == nil && target.Hostname() == "localhost" {
		return []Finding{finding.because("an exporter on a node goes down with it anyway")}
	}
	return []Finding{finding.advise("name further nodes in `endpoints`; the first that answers is asked")}
}

// tidy makes names fit to be shown.
func tidy(names []string) []string {
	out := make([]string, 0, len(names))
	for _, name := range names {
		out = append(out, words.Name(name))
	}
	return out
}
