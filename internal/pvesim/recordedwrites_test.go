package pvesim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
)

// recordedWrite is one exchange of those that changed jobs, storages and guests, or that looked at the result, in the recorded order.
type recordedWrite struct {
	recordedCase
	Body string          `json:"body,omitempty"` // of the request, a form
	Data json.RawMessage `json:"data,omitempty"` // of a good answer
	Log  []string        `json:"log,omitempty"`  // of the task that it started
}

// writesServed are the calls whose recordings are played one after the other.
var writesServed = regexp.MustCompile(`^(POST|PUT|DELETE|GET) /(cluster/backup|cluster/backup/[^/?]+|storage|storage/[^/?]+|nodes/pve1/(lxc|qemu)/\d+/config|nodes/pve1/lxc/150/pending)$`)

// writesSkipped are recordings of these calls that need what the simulation does not have, and lists, which are compared elsewhere.
var writesSkipped = []string{"oci", "job-list", "storage-list", "lxc-config-mp", "0351-", "lxc-create", "-down-"}

// condenseWrites reads the recordings of writes.
func condenseWrites(t *testing.T, dir, index string) []recordedWrite {
	t.Helper()
	var writes []recordedWrite
	for line := range strings.Lines(index) {
		column := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(column) < 5 || column[1] == "-" {
			continue
		}
		w := recordedWrite{recordedCase: recordedCase{Name: column[0], Token: column[1], Status: strings.TrimPrefix(column[4], "HTTP/1.1 ")}}
		w.Request = strings.Replace(column[2], "/api2/json", "", 1)
		if !writesServed.MatchString(w.Request) || slices.ContainsFunc(writesSkipped, func(part string) bool { return strings.Contains(w.Name, part) }) || strings.HasPrefix(w.Name, "00") && w.Name < "0028" {
			continue
		}
		request, err := os.ReadFile(filepath.Join(dir, w.Name+".request.txt"))
		if err != nil {
			t.Fatal(err)
		}
		if _, body, found := bytes.Cut(request, []byte("\r\n\r\n")); found {
			w.Body = string(body)
		}
		body := readResponse(t, filepath.Join(dir, w.Name+".response.txt"))
		if err := json.Unmarshal(body, &w); err != nil {
			t.Fatalf("%s: %v", w.Name, err)
		}
		if !strings.HasPrefix(w.Status, "200 ") {
			w.Data = nil
		}
		writes = append(writes, w)
	}
	return writes
}

// emptyRecordedCluster is the recorded node before anything was written to it.
func emptyRecordedCluster() *pvesim.Cluster {
	c, _ := recordedCluster()
	c.Change(func(m *pvesim.Model) {
		m.Jobs, m.Pools = nil, map[string]*pvesim.Pool{}
		m.Storages = m.Storages[:1]
		m.Unreachable = map[string]string{"127.0.0.1": "Connection refused", "/var/lib/pve-nas": "not mounted"}
		m.Guests[150].Pending, m.Guests[201].Pending = nil, nil
		m.AddGuest(&pvesim.Guest{VMID: 151, Type: "lxc", Node: "pve1", Stopped: true, Config: map[string]string{"hostname": "new2"}})
		m.Access.Users["prov@pve"] = &access.User{}
		m.Access.Tokens["prov@pve!admin"] = &access.Token{Secret: "secret", FullRights: true}
		m.Access.Roles["Recorded"] = append(slices.Clone(m.Access.Roles["PVEAdmin"]), "Sys.Modify")
		m.Access.Grants = slices.DeleteFunc(m.Access.Grants, func(g access.Grant) bool { return g.Who == "prov2@pve" })
		m.Access.Grants = append(m.Access.Grants, access.Grant{Path: "/", Who: "prov@pve", Role: "PVEAdmin"}, access.Grant{Path: "/", Who: "prov2@pve", Role: "Recorded"})
	})
	return c
}

// meanwhile does to the cluster what happened on the recorded node besides the calls that are played.
func meanwhile(c *pvesim.Cluster, name string) {
	c.Change(func(m *pvesim.Model) {
		switch {
		case strings.HasPrefix(name, "0104-"):
			delete(m.Unreachable, "/var/lib/pve-nas")
		case strings.HasPrefix(name, "0119-"):
			m.Pools["prod"] = &pvesim.Pool{}
		}
	})
}

// TestRecordedWritesAreAnsweredAlike plays everything that was written to the recorded node, in that order, against one cluster: each
// refusal must have the recorded words, each reading between must show the recorded state.
func TestRecordedWritesAreAnsweredAlike(t *testing.T) {
	c := emptyRecordedCluster()
	client, base := serve(t, c, "pve1")
	writes := readRecorded(t).Writes
	if len(writes) < 110 {
		t.Fatalf("%d recorded writes", len(writes))
	}
	for _, w := range writes {
		t.Run(w.Name, func(t *testing.T) {
			meanwhile(c, w.Name)
			compareWrite(t, w, w.play(t, client, base))
		})
	}
}

// play sends a recorded call and returns the answer's body, whose status line and form are the recorded ones.
func (w recordedWrite) play(t *testing.T, client *http.Client, base string) []byte {
	t.Helper()
	r := prepare(t, base, w.recordedCase, nil)
	r.Header.Set("Authorization", "PVEAPIToken="+w.Token+"=secret")
	if w.Body != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(w.Body)), int64(len(w.Body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.Status != w.Status {
		t.Fatalf("status %q, recorded %q\n%s", res.Status, w.Status, body)
	}
	compareBody(t, w.recordedCase, res, body)
	return body
}

func compareWrite(t *testing.T, w recordedWrite, body []byte) {
	t.Helper()
	if !strings.HasPrefix(w.Status, "200 ") {
		return
	}
	var got struct{ Data any }
	var want any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(w.Data, &want); err != nil && w.Data != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(comparable(got.Data), comparable(want)) {
		t.Errorf("answered %v\nrecorded %v", comparable(got.Data), comparable(want))
	}
}

// comparable takes off an answer what differs from one cluster to the next: checksums, process ids, the order of lists.
func comparable(data any) any {
	switch v := data.(type) {
	case string:
		if parts := strings.Split(v, ":"); len(parts) == 9 && parts[0] == "UPID" {
			return "task " + parts[5] + " " + parts[6] + " " + parts[7]
		}
	case map[string]any:
		delete(v, "digest")
		if content, ok := v["content"].(string); ok {
			kinds := strings.Split(content, ",")
			slices.Sort(kinds)
			v["content"] = strings.Join(kinds, ",")
		}
	case []any:
		rows := map[string]any{}
		for _, one := range v {
			if row, ok := one.(map[string]any); ok && row["key"] != "digest" {
				rows[row["key"].(string)] = row
			}
		}
		return rows
	}
	return data
}
