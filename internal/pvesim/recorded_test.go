package pvesim_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/sharedtest"
)

var update = flag.Bool("update", false, "rewrite testdata from the recordings beside the checkout")

// recordedCase is one recorded exchange, condensed to what the simulation must do alike. Task ids are replaced by the names of tasks that
// the test's cluster has.
type recordedCase struct {
	Name    string            `json:"name"`
	Token   string            `json:"token"`
	Request string            `json:"request"`
	Status  string            `json:"status"`
	Message string            `json:"message,omitempty"`
	Errors  map[string]string `json:"errors,omitempty"`
	Empty   bool              `json:"empty,omitempty"` // no body at all
}

// recordedData is testdata/recorded.json.
type recordedData struct {
	Cases  []recordedCase            `json:"cases"`
	Shapes map[string]recordedFields `json:"shapes"` // by endpoint template
	Writes []recordedWrite           `json:"writes"` // in their order
	Guests []recordedWrite           `json:"guests"` // what happened to guests, in its order
}

// recordedFields are the members that an endpoint's answers were seen to have: the types of each, "!" in front of those never absent.
type recordedFields map[string]string

// tasksOfRecording are the recorded tasks that stand for a kind of task.
var tasksOfRecording = strings.NewReplacer(
	"UPID:pve1:000046CA:00052842:6B038A97:vzdump:200:root@pam!full:", "{ok}",
	"UPID:pve1:0000485E:00053DFA:6B038ACE:vzdump:998:prov2@pve!ci:", "{failed}",
	"UPID:pve1:00001D70:00045579:6B03887B:vzdump:102:root@pam!full:", "{queued}",
	"UPID:pve1:0000460A:00051E73:6B038A7D:vzdump:200:root@pam!full:", "{running}",
	"UPID:pve1:0000466B:000523C6:6B038A8B:vzdump:200:root@pam!full:", "{killed}",
	"UPID:pve1:00003AD4:00049C80:6B038931:vzdump::root@pam!full:", "{long}",
)

// notServed are recordings of GET requests that the simulation does not answer, or that were made in another state of the cluster.
var notServed = []string{
	"oci", "-fw-", "firewall", "notification", "token-list", "token-get", "extractconfig", "volume-info", "volume-missing", "vztmpl",
	"index-root", "backup-info-index", "node-vzdump-info-index", "storage-scan-index", "job-list-via-jobs-realm",
	"format-extjs", "ticket", "prov-dir", "prov2-storage-get", "pve2", "other-node-conn", "other-node-vm", "pvedaemon-down", "pmxcfs-down",
	"0095-", "0100-", "job-get-notes-newline", "job-get-after", "job-switch", "lxc-config-oci", "0306-", "monitor-vzdump",
}

// TestRecordedDataIsCondensedFromTheRecordings keeps testdata/recorded.json true to the recordings, where these are at hand.
func TestRecordedDataIsCondensedFromTheRecordings(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "recordings")
	got, err := json.MarshalIndent(condense(t, dir), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "recorded.json")
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
		t.Errorf("%s is not what the recordings say: run this test with -update", file)
	}
}

// condense reads all recordings of requests that the simulation serves.
func condense(t *testing.T, dir string) recordedData {
	t.Helper()
	index, err := os.ReadFile(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	data, seen := recordedData{Shapes: map[string]recordedFields{}}, map[string]bool{}
	shapes := map[string]*shape{}
	for line := range strings.Lines(string(index)) {
		column := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		method, path, _ := strings.Cut(column[2], " ")
		if method == "POST" || method == "DELETE" || method == "PUT" && column[0] != "0013-unknown-method" || slices.ContainsFunc(notServed, func(part string) bool { return strings.Contains(column[0], part) }) {
			continue
		}
		c := recordedCase{
			Name: column[0], Token: column[1], Status: strings.TrimPrefix(column[4], "HTTP/1.1 "),
			Request: method + " " + tasksOfRecording.Replace(strings.TrimPrefix(path, "/api2/json")),
		}
		body := readResponse(t, filepath.Join(dir, column[0]+".response.txt"))
		c.Empty = len(body) == 0
		if !strings.HasPrefix(c.Status, "200 ") && !c.Empty {
			if err := json.Unmarshal(body, &c); err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
		}
		if template := templateOf(c.Request); strings.HasPrefix(c.Status, "200 ") && !strings.Contains(path, "download") {
			if shapes[template] == nil {
				shapes[template] = newShape()
			}
			shapes[template].read(body)
		}
		if key := c.Token + " " + c.Request; !seen[key] {
			seen[key] = true
			data.Cases = append(data.Cases, c)
		}
	}
	for template, s := range shapes {
		data.Shapes[template] = s.fields()
	}
	data.Writes = condenseWrites(t, dir, string(index))
	data.Guests = condenseGuests(t, dir, string(index))
	return data
}

// readResponse reads the body of a recorded answer.
func readResponse(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := bytes.Cut(text, []byte("\n\n"))
	if i := bytes.Index(text, []byte("\r\n\r\n")); i >= 0 {
		head, body = text[:i], text[i+4:]
	}
	if bytes.Contains(bytes.ToLower(head), []byte("content-encoding: gzip")) {
		if zipped, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
			if plain, err := io.ReadAll(zipped); err == nil {
				return plain
			}
		}
	}
	return bytes.TrimSpace(body)
}

// templateOf finds a request's endpoint by the parts of its path.
func templateOf(request string) string {
	_, path, _ := strings.Cut(request, " ")
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i := range parts {
		switch {
		case i == 1 && parts[0] == "nodes":
			parts[i] = "{node}"
		case i == 3 && parts[2] == "storage", i == 1 && parts[0] == "storage":
			parts[i] = "{storage}"
		case i == 3 && (parts[2] == "qemu" || parts[2] == "lxc"):
			parts[i] = "{vmid}"
		case i == 3 && parts[2] == "tasks":
			parts[i] = "{upid}"
		case i == 2 && parts[1] == "backup":
			parts[i] = "{id}"
		}
	}
	return "/" + strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "/")
}

// shape collects the members of answers and their types.
type shape struct {
	types  map[string]map[string]bool
	seen   map[string]int // members, by path
	owners map[string]int // objects, by path
}

func newShape() *shape {
	return &shape{map[string]map[string]bool{}, map[string]int{}, map[string]int{}}
}

// read adds an answer's body.
func (s *shape) read(body []byte) {
	var value any
	if json.Unmarshal(body, &value) == nil {
		s.walk("", value)
	}
}

func (s *shape) walk(path string, value any) {
	kind := map[bool]string{true: "null"}[value == nil]
	switch v := value.(type) {
	case bool:
		kind = "boolean"
	case float64:
		kind = "number"
	case string:
		kind = "string"
	case []any:
		kind = "array"
		for _, element := range v {
			s.walk(path+"[]"+rowKind(path, element), element)
		}
	case map[string]any:
		kind = "object"
		s.owners[path]++
		for name, member := range v {
			if strings.HasPrefix(name, "/") {
				name = "PATH"
			} else if strings.Contains(path, "PATH") {
				name = "PRIVILEGE"
			}
			at := strings.TrimPrefix(path+"."+name, ".")
			s.seen[at]++
			s.walk(at, member)
		}
	}
	if s.types[path] == nil {
		s.types[path] = map[string]bool{}
	}
	s.types[path][kind] = true
}

// rowKind tells apart the rows of lists that mix several kinds.
func rowKind(path string, element any) string {
	if row, ok := element.(map[string]any); ok && path == "data" {
		if kind, ok := row["type"].(string); ok && row["id"] != nil && row["upid"] == nil && row["schedule"] == nil {
			return kind
		}
	}
	return ""
}

// fields writes the collection down.
func (s *shape) fields() recordedFields {
	out := recordedFields{}
	for path, types := range s.types {
		if path == "" {
			continue
		}
		var list []string
		for kind := range types {
			list = append(list, kind)
		}
		sort.Strings(list)
		text := strings.Join(list, "|")
		if s.always(path) {
			text = "!" + text
		}
		out[path] = text
	}
	return out
}

// always reports whether a member was there in every object that could have it.
func (s *shape) always(path string) bool {
	i := strings.LastIndexByte(path, '.')
	if i < 0 || strings.Contains(path, "prune-backups.") || strings.HasSuffix(path, "PATH") || strings.HasSuffix(path, "PRIVILEGE") {
		return false
	}
	return s.seen[path] > 0 && s.seen[path] == s.owners[path[:i]]
}

// readRecorded reads testdata/recorded.json.
func readRecorded(t *testing.T) recordedData {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "recorded.json"))
	if err != nil {
		t.Fatal(err)
	}
	var data recordedData
	if err := json.Unmarshal(text, &data); err != nil {
		t.Fatal(err)
	}
	return data
}
