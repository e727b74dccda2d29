package pvesim_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/sharedtest"
)

// schemaData is testdata/schema.json: what PVE's own schema says of the calls that the simulation serves, by "METHOD template".
type schemaData map[string]*schemaCall

// schemaCall is one call of the schema, condensed.
type schemaCall struct {
	Protected bool              `json:"protected,omitempty"`
	OnNode    bool              `json:"on_node,omitempty"`
	Params    map[string]string `json:"params,omitempty"`  // "integer optional min=0", an enumeration as "a|b"
	Returns   map[string]string `json:"returns,omitempty"` // the type of each member
}

// rawSchema is what the full schema has of a call.
type rawSchema struct {
	Protected  any    `json:"protected"`
	ProxyTo    string `json:"proxyto"`
	Parameters struct {
		Properties map[string]rawParam `json:"properties"`
	} `json:"parameters"`
	Returns struct {
		Properties map[string]rawParam `json:"properties"`
		Items      struct {
			Properties map[string]rawParam `json:"properties"`
		} `json:"items"`
	} `json:"returns"`
}

type rawParam struct {
	Type      any      `json:"type"`
	Optional  any      `json:"optional"`
	Enum      []string `json:"enum"`
	Minimum   any      `json:"minimum"`
	Maximum   any      `json:"maximum"`
	MaxLength any      `json:"maxLength"`
	Format    any      `json:"format"`
}

// optional tells whether the parameter may be left out: "optional" is 1 or 0 or not there.
func (p rawParam) optional() bool { return p.Optional != nil && p.Optional != 0.0 && p.Optional != "0" }

// describe writes a parameter the way the test compares it. A guest's id is an integer with a format of its own there and here.
func (p rawParam) describe() string {
	if p.Format == "pve-vmid" {
		return optional("vmid", p.optional())
	}
	text := optional(asText(p.Type), p.optional())
	for _, bound := range []struct {
		name  string
		value any
	}{{"min", p.Minimum}, {"max", p.Maximum}, {"length", p.MaxLength}} {
		if bound.value != nil {
			text += " " + bound.name + "=" + asText(bound.value)
		}
	}
	if p.Enum != nil {
		text += " " + strings.Join(p.Enum, "|")
	}
	return text
}

func optional(text string, is bool) string {
	if is {
		return text + " optional"
	}
	return text
}

func asText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// TestSchemaDataIsCondensedFromTheSchema keeps testdata/schema.json true to PVE's own schema, where that is at hand.
func TestSchemaDataIsCondensedFromTheSchema(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "api-schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var full map[string]map[string]rawSchema
	if err := json.Unmarshal(text, &full); err != nil {
		t.Fatal(err)
	}
	c, _ := recordedCluster()
	data := schemaData{}
	for _, e := range c.Endpoints() {
		if standsFor(e.Template) != e.Template {
			continue
		}
		raw, known := full[e.Template][e.Method]
		if !known {
			t.Errorf("%s %s is not in the schema", e.Method, e.Template)
			continue
		}
		data[e.Method+" "+e.Template] = condenseCall(raw, e.Template)
	}
	got, err := json.MarshalIndent(data, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "schema.json")
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.TrimSpace(want), got) {
		t.Errorf("%s is not what the schema says: run this test with -update", file)
	}
}

func condenseCall(raw rawSchema, template string) *schemaCall {
	call := &schemaCall{Protected: raw.Protected != nil, OnNode: raw.ProxyTo == "node", Params: map[string]string{}, Returns: map[string]string{}}
	for name, p := range raw.Parameters.Properties {
		if !strings.Contains(template, "{"+name+"}") {
			call.Params[name] = p.describe()
		}
	}
	for _, members := range []map[string]rawParam{raw.Returns.Properties, raw.Returns.Items.Properties} {
		for name, p := range members {
			call.Returns[name] = asText(p.Type)
		}
	}
	return call
}

// readSchema reads testdata/schema.json.
func readSchema(t *testing.T) schemaData {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var data schemaData
	if err := json.Unmarshal(text, &data); err != nil {
		t.Fatal(err)
	}
	return data
}

// knows reports whether the schema has a member of that name and JSON type. Truth values travel as 0 and 1, and what lies below a member
// that the schema knows is its own business.
func (s schemaData) knows(template, path, kinds string) bool {
	call := s["GET "+template]
	if call == nil {
		return false
	}
	_, member, _ := strings.Cut(path, ".")
	if strings.HasPrefix(path, "data[]cluster") && member == "" {
		return true
	}
	name, _, below := strings.Cut(member, ".")
	if configKey := strings.TrimRight(name, "0123456789"); call.Returns[name] == "" {
		name = configKey + "[n]"
	}
	kind := map[string]string{"integer": "number", "boolean": "number"}[call.Returns[name]]
	if kind == "" {
		kind = call.Returns[name]
	}
	return kind != "" && (below || strings.TrimPrefix(kinds, "!") == kind)
}

var writesGuests = regexp.MustCompile(`/(config|lxc|qemu)$`)

// standsFor names the call that describes another: the extract of the schema has the firewall of containers only, and those of machines,
// nodes and the cluster are made of the same parts. It is empty for the options of a node's firewall, which nothing describes.
func standsFor(template string) string {
	if template == "/nodes/{node}/firewall/options" {
		return ""
	}
	for _, place := range []string{"/cluster/firewall/rules", "/nodes/{node}/firewall/rules", "/nodes/{node}/qemu/{vmid}/firewall"} {
		if rest, found := strings.CutPrefix(template, place); found {
			return "/nodes/{node}/lxc/{vmid}/firewall" + map[bool]string{true: "/rules"}[strings.HasSuffix(place, "rules")] + rest
		}
	}
	return template
}

// TestEndpointsAreThoseOfTheSchema compares parameters and routing of every call with PVE's own description.
func TestEndpointsAreThoseOfTheSchema(t *testing.T) {
	c, _ := recordedCluster()
	schema := readSchema(t)
	for _, e := range c.Endpoints() {
		if standsFor(e.Template) == "" {
			continue
		}
		want := schema[e.Method+" "+standsFor(e.Template)]
		if want == nil {
			t.Errorf("%s %s is not in the schema", e.Method, e.Template)
			continue
		}
		if e.Protected != want.Protected || e.OnNode != want.OnNode && !strings.HasSuffix(e.Template, "{upid}") && standsFor(e.Template) == e.Template {
			t.Errorf("%s: protected %v on node %v, schema %v %v", e.Template, e.Protected, e.OnNode, want.Protected, want.OnNode)
		}
		got := map[string]string{}
		for _, p := range e.Params {
			if !strings.Contains(e.Template, "{"+p.Name+"}") {
				got[p.Name] = describeParam(e.Template, p)
			}
		}
		for name, text := range want.Params {
			if _, here := got[name]; !here && e.Method != "GET" && writesGuests.MatchString(e.Template) {
				continue // most keys of a guest's configuration cannot be written here
			}
			if got[name] != text {
				t.Errorf("%s: parameter %s is %q, schema %q", e.Template, name, got[name], text)
			}
			delete(got, name)
		}
		for name := range got {
			t.Errorf("%s: parameter %s is not in the schema", e.Template, name)
		}
	}
}

// describeParam is rawParam.describe for the simulation's own description. A job names its guests in a text.
func describeParam(template string, p wire.Param) string {
	if p.Name == "vmid" && !strings.HasPrefix(template, "/cluster/backup") {
		return optional("vmid", !p.Required)
	}
	text := optional([]string{"string", "integer", "boolean", "number"}[p.Kind], !p.Required)
	if p.Repeats {
		text = optional("array", !p.Required)
	}
	if p.Min != nil {
		text += " min=" + strconv.FormatInt(*p.Min, 10)
	}
	if p.Max != nil {
		text += " max=" + strconv.FormatInt(*p.Max, 10)
	}
	if p.MaxLength > 0 {
		text += " length=" + strconv.Itoa(p.MaxLength)
	}
	if p.Values != nil {
		text += " " + strings.Join(p.Values, "|")
	}
	return text
}

// TestMembersOfUnrecordedThingsAreInTheSchema checks what no recording shows: a real cluster's status and a backup server's archives.
func TestMembersOfUnrecordedThingsAreInTheSchema(t *testing.T) {
	s, err := pvesim.LoadScenario("home")
	if err != nil {
		t.Fatal(err)
	}
	clock := pvesim.NewClock(start())
	client, base := serve(t, s.Build(pvesim.Options{Now: clock.Now}), "pve1")
	schema, recorded := readSchema(t), readRecorded(t)
	for _, path := range []string{
		"/cluster/status", "/cluster/resources", "/cluster/backup", "/nodes/pve2/storage/pbs-remote/content", "/nodes/pve2/storage/pbs-remote/prunebackups?prune-backups=keep-all%3D1",
		"/nodes/pve2/storage", "/nodes/pve1/qemu", "/nodes/pve2/lxc", "/nodes/pve1/qemu/105/config", "/nodes/pve1/time", "/pools", "/nodes/pve1/version",
	} {
		template := templateOf("GET " + path)
		got := newShape()
		got.read(get(t, client, base, path, "backup-admin@pve!provision", "5b0e6d3c-0f4d-4b60-8a1a-c1f0a9a0be33"))
		for member, kinds := range got.fields() {
			if strings.Contains(member, ".") && recorded.Shapes[template][member] == "" && !schema.knows(template, member, kinds) {
				t.Errorf("%s: %s (%s) is neither recorded nor in the schema", template, member, kinds)
			}
		}
	}
}
