package pvesim

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// firewall is one firewall's file: of the cluster, of a node or of a guest.
type firewall struct {
	options map[string]string
	rules   []map[string]string // in their order
}

// firewallAt returns the firewall of a path, and makes an empty one where there is none.
func (c *Cluster) firewallAt(path string) *firewall {
	if c.firewalls[path] == nil {
		c.firewalls[path] = &firewall{options: map[string]string{}}
	}
	return c.firewalls[path]
}

// digest is the checksum of the file.
func (f *firewall) digest() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f.options)) {
		fmt.Fprintf(&b, "%s: %s\n", name, f.options[name])
	}
	for _, rule := range f.rules {
		for _, name := range slices.Sorted(maps.Keys(rule)) {
			fmt.Fprintf(&b, "%s=%s ", name, rule[name])
		}
		b.WriteString("\n")
	}
	sum := sha1.Sum([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// changed refuses a change to what is no longer as the caller read it.
func (f *firewall) changed(call *wire.Call) *wire.Error {
	if digest := call.Get("digest"); digest != "" && digest != f.digest() {
		return wire.Failure(modifiedText)
	}
	return nil
}

// row shows a rule.
func (f *firewall) row(i int) object {
	row := object{"pos": i, "digest": f.digest()}
	for name, value := range f.rules[i] {
		row[name] = rawText(value)
	}
	row["enable"] = number(f.rules[i]["enable"])
	for _, name := range []string{"source", "dest"} {
		if address := f.rules[i][name]; address != "" {
			row["ipversion"] = 4
			if strings.Contains(address, ":") {
				row["ipversion"] = 6
			}
		}
	}
	return row
}
