package pvesim

import (
	"fmt"
	"slices"
	"strings"
)

// Template is a container template on a storage.
type Template struct {
	Name    string // of the file, "debian-13-standard_13.1-2_amd64.tar.zst"
	Node    string // where it lies; empty for all nodes
	Size    int64  // bytes
	Created int64  // Unix seconds
	OS      string // debian, ubuntu, alpine, ...; empty for debian
	// HostKeys are the fingerprints of the SSH host keys that a container made from it gets, by type, such as ed25519 and "SHA256:...". Nil for
	// three that are made up; an empty map for a template without an SSH server.
	HostKeys map[string]string
	// Systemd is the version of systemd in it; 0 for another init. From 240 on it wants nesting.
	Systemd int
}

// template finds a template by its volume id as a node sees it; nil where there is none.
func (m *Model) template(volume, node string) *Template {
	s := m.Storage(storageOf(volume))
	if s == nil {
		return nil
	}
	for _, t := range s.Templates {
		if volume == s.ID+":vztmpl/"+t.Name && (t.Node == "" || t.Node == node) {
			return t
		}
	}
	return nil
}

// creation is what a call to create a container asks for.
type creation struct {
	template string // the volume id
	vmid     int
	node     string
	user     string
	pool     string
	start    bool
	config   map[string]string
	volumes  []newVolume
}

// startCreation makes the container, locked, and starts the task that fills it. A template that does not exist shows in there.
func (c *Cluster) startCreation(r creation) string {
	g := &Guest{VMID: r.vmid, Type: "lxc", Node: r.node, Stopped: true, Lock: "create"}
	c.change(func(m *Model) { m.AddGuest(g) })
	s, w := &script{at: c.at}, &work{}
	w.fails = func(reason string) string {
		c.release(g)
		delete(c.model.Guests, g.VMID)
		return "unable to create CT " + decimal(g.VMID) + " - " + reason
	}
	warnings, refusal := c.creationScript(&r, g, s, w)
	w.ends = func() string {
		if refusal != "" {
			return w.failed(refusal)
		}
		g.Config, g.Lock, g.Pool = r.config, "", r.pool
		w.fails = nil
		if r.start {
			c.startGuest(g, r.user)
		}
		if warnings > 0 {
			return fmt.Sprintf("WARNINGS: %d", warnings)
		}
		return "OK"
	}
	return c.beginWork(r.node, "vzcreate", decimal(r.vmid), r.user, s, w).upid
}

// creationScript writes the log of pct create.
func (c *Cluster) creationScript(r *creation, g *Guest, s *script, w *work) (warnings int, refusal string) {
	seed := hash(c.options.Seed, uint64(r.vmid), uint64(c.at))
	for _, v := range r.volumes {
		s.say(v.allocation(seed)...)
		c.hold(g, v.storage, v.size/50)
		r.config[v.key] = v.value
	}
	s.pass(1)
	t := c.model.template(r.template, r.node)
	if t == nil {
		text := "volume '" + r.template + "' does not exist"
		s.say(text)
		return 0, text
	}
	file := c.model.Storage(storageOf(r.template)).file(r.template)
	w.command = "tar xpf " + file
	s.say("extracting archive '" + file + "'")
	bytes := t.Size * 4
	seconds := max(bytes/(150<<20), 1)
	s.pass(seconds)
	s.say(totals(bytes, seconds), "Detected container architecture: amd64")
	r.config["ostype"] = t.OS
	if t.OS == "" {
		r.config["ostype"] = "debian"
	}
	defaultContainer(r.config, r.vmid)
	for _, key := range t.hostKeys(r.config["hostname"], seed) {
		s.say("Creating SSH host key 'ssh_host_"+key[0]+"_key' - this may take some time ...", "done: "+key[1])
	}
	if t.Systemd >= 240 && !strings.Contains(r.config["features"], "nesting=1") {
		s.say(fmt.Sprintf("WARN: Systemd %d detected. You may need to enable nesting.", t.Systemd))
		warnings++
	}
	s.pass(1)
	return warnings, ""
}

// hostKeys are the types of a new container's SSH host keys with what ssh-keygen says of each, in an order that differs from one container
// to the next.
func (t *Template) hostKeys(hostname string, seed uint64) [][2]string {
	name, _, _ := strings.Cut(hostname, ".")
	var list [][2]string
	for i, kind := range []string{"rsa", "ecdsa", "ed25519"} {
		fingerprint, has := t.HostKeys[kind]
		switch {
		case has:
		case t.HostKeys != nil:
			continue
		default:
			fingerprint = "SHA256:" + randomBase64(hash(seed, uint64(i)))
		}
		list = append(list, [2]string{kind, fingerprint + " root@" + name})
	}
	slices.SortFunc(list, func(a, b [2]string) int {
		return int(hash(seed, hashText(a[0]))>>40) - int(hash(seed, hashText(b[0]))>>40)
	})
	return list
}

// randomBase64 is as long as the base64 text of a SHA-256 without its padding.
func randomBase64(seed uint64) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	text := make([]byte, 43)
	for i := range text {
		text[i] = letters[hash(seed, uint64(i))%64]
	}
	return string(text)
}
