package pvesim

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// Download is a file that nodes can fetch from the network.
type Download struct {
	Size   int64  // bytes
	SHA256 string // lower case
	// Template is what a container gets from it; its name and size do not matter.
	Template Template
}

// templateEndpoints are the calls that bring container templates to a storage.
func (c *Cluster) templateEndpoints() []wire.Endpoint {
	network := func(call *wire.Call) *wire.Error {
		node := "/nodes/" + call.Get("node")
		if c.may(call, node, "Sys.AccessNetwork") || c.may(call, "/", "Sys.Audit") && c.may(call, "/", "Sys.Modify") {
			return nil
		}
		return wire.Forbidden(node + ", Sys.AccessNetwork")
	}
	allocate := c.need("/storage/{storage}", "Datastore.AllocateTemplate")
	algorithms := []string{"md5", "sha1", "sha224", "sha256", "sha384", "sha512"}
	return []wire.Endpoint{
		{Method: "GET", Template: "/nodes/{node}/aplinfo", OnNode: true, Handle: c.getTemplateIndex},
		{
			Method: "POST", Template: "/nodes/{node}/aplinfo", OnNode: true, Protected: true, Check: allocate, Handle: c.postTemplate,
			Params: []wire.Param{{Name: "storage", Required: true, Check: checkStorageID}, {Name: "template", Required: true, MaxLength: 255}},
		},
		{
			Method: "POST", Template: "/nodes/{node}/storage/{storage}/download-url", OnNode: true, Protected: true, Handle: c.postDownload,
			Check: func(call *wire.Call) *wire.Error { return firstError(allocate(call), network(call)) },
			Params: []wire.Param{
				{Name: "content", Required: true, Values: []string{"iso", "vztmpl", "import"}},
				{Name: "url", Required: true, Pattern: regexp.MustCompile(`^https?://`)},
				{Name: "filename", Required: true, MaxLength: 255},
				{Name: "checksum", Requires: "checksum-algorithm"},
				{Name: "checksum-algorithm", Values: algorithms, Requires: "checksum"},
				{Name: "compression"},
				{Name: "verify-certificates", Kind: wire.Boolean},
			},
		},
	}
}

// templateURL is where the templates of the index come from.
const templateURL = "http://download.proxmox.com/images/system/"

func (c *Cluster) getTemplateIndex(*wire.Call) (wire.Answer, *wire.Error) {
	data := []object{}
	for _, t := range c.model.TemplateIndex {
		name, rest, _ := strings.Cut(t.Name, "_")
		version, _, _ := strings.Cut(rest, "_")
		data = append(data, object{
			"template": t.Name, "package": name, "version": version, "type": "lxc", "section": "system", "os": cmp.Or(t.OS, "debian"), "architecture": "amd64",
			"source": templateURL, "location": templateURL + t.Name, "headline": name, "description": "A container template.", "infopage": "https://pve.proxmox.com/wiki/Linux_Container",
			"maintainer": "Proxmox Support Team <support@proxmox.com>", "sha512sum": strings.Repeat("0", 128),
		})
	}
	return wire.Answer{Data: data}, nil
}

// postTemplate downloads a template of the index.
func (c *Cluster) postTemplate(call *wire.Call) (wire.Answer, *wire.Error) {
	i := slices.IndexFunc(c.model.TemplateIndex, func(t *Template) bool { return t.Name == call.Get("template") })
	if i < 0 {
		return wire.Answer{}, wire.Invalid("template", "no such template")
	}
	s, failure := c.forTemplates(call)
	if failure != nil {
		return wire.Answer{}, failure
	}
	found := *c.model.TemplateIndex[i]
	return wire.Answer{Data: c.startDownload(call, s, templateURL+found.Name, &Download{Size: found.Size, Template: found}, "")}, nil
}

// forTemplates finds the storage of a call, which must hold templates.
func (c *Cluster) forTemplates(call *wire.Call) (*Storage, *wire.Error) {
	s, failure := c.usable(call)
	if failure == nil && !s.Holds("vztmpl") {
		failure = wire.Failure("storage '" + s.ID + "' is not configured for content-type 'vztmpl'")
	}
	return s, failure
}

var templateEnding = regexp.MustCompile(`\.tar\.(gz|xz|zst)$|\.tar$`)

// postDownload downloads a template from an address.
func (c *Cluster) postDownload(call *wire.Call) (wire.Answer, *wire.Error) {
	if call.Get("content") != "vztmpl" {
		return wire.Answer{}, &wire.Error{Status: 501, Reason: "only templates can be downloaded here", Detail: "only templates can be downloaded here"}
	}
	s, failure := c.forTemplates(call)
	name := path.Base(call.Get("filename"))
	switch {
	case failure != nil:
		return wire.Answer{}, failure
	case !templateEnding.MatchString(name) || strings.HasSuffix(name, ".tar") && !c.atLeast(9, 1):
		return wire.Answer{}, wire.Invalid("filename", "wrong file extension")
	case c.model.template(s.ID+":vztmpl/"+name, call.Get("node")) != nil:
		return wire.Answer{}, wire.Failure("refusing to override existing file '" + name + "'")
	}
	what := c.model.Downloads[call.Get("url")]
	if what != nil {
		copied := *what
		what = &copied
		what.Template.Name, what.Template.Size = name, what.Size
	}
	return wire.Answer{Data: c.startDownload(call, s, call.Get("url"), what, call.Get("checksum"))}, nil
}

// startDownload starts the task that fetches a template; nil stands for an address where there is nothing.
func (c *Cluster) startDownload(call *wire.Call, s *Storage, url string, what *Download, checksum string) string {
	name := path.Base(url)
	if what != nil {
		name = what.Template.Name
	}
	node := call.Get("node")
	script, w := &script{at: c.at}, &work{}
	target := s.file(s.ID + ":vztmpl/" + name)
	w.command = "/usr/bin/wget --progress=dot:giga -O " + target + ".tmp_dwnl." + node + " " + url
	script.say("downloading "+url+" to "+target, "--"+ctimeText(c.at, c.nodes[node].node.Zone)+"--  "+url)
	script.pass(1)
	refusal := ""
	switch {
	case what == nil:
		script.say("HTTP request sent, awaiting response... 404 Not Found", "ERROR 404: Not Found.")
		refusal = "download failed: command '" + w.command + "' failed: exit code 8"
	case c.model.template(s.ID+":vztmpl/"+name, node) != nil:
		script.say(target+" already exists", "OK, got correct file already, no need to download")
	default:
		script.pass(max(what.Size/(50<<20), 1))
		script.say("calculating checksum...")
		if refusal = mismatch(checksum, what.SHA256); refusal == "" {
			script.say("OK, checksum verified", "download of '"+url+"' to '"+target+"' finished")
		}
	}
	w.ends = func() string {
		if refusal != "" {
			return refusal
		}
		if c.model.template(s.ID+":vztmpl/"+name, node) == nil {
			got := what.Template
			got.Created, got.Node = c.at, node
			if s.IsShared() {
				got.Node = ""
			}
			s.Templates = append(s.Templates, &got)
		}
		return "OK"
	}
	return c.beginWork(node, "download", name, call.Who, script, w).upid
}

// mismatch compares checksums of SHA-256; others are taken for right.
func mismatch(wanted, is string) string {
	if len(wanted) != 64 || is == "" || strings.EqualFold(wanted, is) {
		return ""
	}
	return "checksum mismatch: got '" + is + "' != expect '" + wanted + "'"
}

// templateRow is a template in a content listing.
type templateRow struct {
	VolID   string `json:"volid"`
	Content string `json:"content"`
	Format  string `json:"format"`
	CTime   int64  `json:"ctime"`
	Size    int64  `json:"size"`
}

// templateRows lists the templates on a storage.
func templateRows(s *Storage, node string) (rows []templateRow) {
	for _, t := range s.Templates {
		if t.Node == "" || t.Node == node {
			format := map[string]string{"zst": "tzst", "gz": "tgz", "xz": "txz", "tar": "tar"}[lastPart(t.Name)]
			rows = append(rows, templateRow{s.ID + ":vztmpl/" + t.Name, "vztmpl", format, t.Created, t.Size})
		}
	}
	slices.SortFunc(rows, func(a, b templateRow) int { return strings.Compare(a.VolID, b.VolID) })
	return rows
}
