package pvesim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// guestsServed are the calls whose recordings are played one after the other, guestsSkipped those among them that need what the simulation
// does not have: new virtual machines, images of containers, aliases.
var (
	guestsServed = regexp.MustCompile(`^\S+ /(nodes/pve1/((lxc|qemu)(/|$)|vzdump/extractconfig)|cluster/firewall/)`)
	guestsShown  = regexp.MustCompile(`(config|pending|interfaces|rules|rules/0|options)$|extractconfig`) // calls whose answers are compared, not only their status
)

func guestSkipped(name string) bool {
	words := []string{"oci", "alias", "qemu-create", "-list", "nopriv-lxc-list", "-down-", "0351-", "0480-"}
	played := name >= "0305-" && name < "0368-" || name >= "0417-" && name < "0427-" || name >= "0249-" && name < "0252-" || strings.HasPrefix(name, "0045-")
	return !played || slices.ContainsFunc(words, func(word string) bool { return strings.Contains(name, word) })
}

// condenseGuests reads the recordings of what happened to guests, with the logs of the tasks.
func condenseGuests(t *testing.T, dir, index string) []recordedWrite {
	t.Helper()
	var list []recordedWrite
	for line := range strings.Lines(index) {
		column := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(column) < 5 || column[1] == "-" || guestSkipped(column[0]) {
			continue
		}
		w := recordedWrite{recordedCase: recordedCase{Name: column[0], Token: column[1], Status: strings.TrimPrefix(column[4], "HTTP/1.1 ")}}
		w.Request = strings.Replace(column[2], "/api2/json", "", 1)
		if !guestsServed.MatchString(w.Request) {
			continue
		}
		request, err := os.ReadFile(filepath.Join(dir, w.Name+".request.txt"))
		if err != nil {
			t.Fatal(err)
		}
		if _, body, found := bytes.Cut(request, []byte("\r\n\r\n")); found {
			w.Body = string(body)
		}
		if err := json.Unmarshal(readResponse(t, filepath.Join(dir, w.Name+".response.txt")), &w); err != nil {
			t.Fatalf("%s: %v", w.Name, err)
		}
		if path, _, _ := strings.Cut(w.Request, "?"); !strings.HasPrefix(w.Status, "200 ") || strings.HasPrefix(path, "GET") && !guestsShown.MatchString(path) {
			w.Data = nil
		}
		_, label, _ := strings.Cut(w.Name, "-")
		if text, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "task-logs", label+".log")); err == nil && label != "qemu-restore-fakevma" {
			w.Log = plainLog(string(text))
		}
		list = append(list, w)
	}
	return list
}

// plainLog takes off a log what differs from one run to the next, and what the recorded machine added because it lacked parts of a node.
func plainLog(text string) (lines []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if slices.Contains([]string{"failed to connect to monitor socket: Connection refused", "trying to acquire lock...", " OK"}, line) {
			continue
		}
		line = regexp.MustCompile(`(Filesystem UUID: ).*`).ReplaceAllString(line, "$1...")
		lines = append(lines, regexp.MustCompile(`(Total bytes read: ).*`).ReplaceAllString(line, "$1..."))
	}
	return lines
}

// guestsCluster is the recorded node before anything happened to its guests.
func guestsCluster(t *testing.T) (*pvesim.Cluster, *pvesim.Clock) {
	t.Helper()
	clock := pvesim.NewClock(time.Unix(1795394332, 0))
	c := pvesim.New(pvesim.Options{Now: clock.Now, Seed: 9})
	archive := func(kind string, vmid int, at string) pvesim.Archive {
		created, err := time.Parse(time.DateTime, at)
		if err != nil {
			t.Fatal(err)
		}
		return pvesim.Archive{Storage: "backup1", VMID: vmid, Type: kind, Created: created.Unix(), Size: 4134302}
	}
	c.Build(func(m *pvesim.Model) {
		m.Nodes = []*pvesim.Node{{Name: "pve1"}}
		recordedStorages(m)
		recordedGuests(m)
		recordedTokens(m.Access)
		m.Access.Roles["PVEAdmin"] = append(m.Access.Roles["PVEAdmin"], "Sys.Modify")
		for _, id := range []int{150, 156} {
			delete(m.Guests, id)
		}
		m.Storage("local").Config["path"], m.Storage("backup1").Config["path"], m.Storage("tiny").Config["path"] = "/var/lib/vz", "/var/lib/pve-backup1", "/var/lib/pve-tiny"
		m.Storage("local").Templates = []*pvesim.Template{{Name: "debian-12-tiny_12.5-1_amd64.tar.zst", Size: 4129365, HostKeys: map[string]string{}}}
		m.Guests[101].Config["arch"], m.Guests[101].Config["ostype"], m.Guests[101].Config["unprivileged"] = "amd64", "debian", "1"
		m.Guests[200].Stopped = true
		m.AddArchive(archive("lxc", 101, "2026-11-23 00:34:06"))
		m.AddArchive(archive("lxc", 101, "2026-11-07 02:00:00")).Corrupt = true
		m.AddArchive(archive("qemu", 200, "2026-11-23 00:36:39"))
	})
	return c, clock
}

// besides does to the cluster what happened to the recorded guests besides the calls that are played.
func besides(c *pvesim.Cluster, name string) {
	c.Change(func(m *pvesim.Model) {
		switch {
		case strings.HasPrefix(name, "0359-"):
			m.Guests[200].AgentSilent = true
		case strings.HasPrefix(name, "0367-"):
			m.AddGuest(&pvesim.Guest{VMID: 210, Type: "qemu", Node: "pve1", Stopped: true})
		}
	})
}

// TestWhatHappensToGuestsIsAnsweredAlike plays everything that was done to the guests of the recorded node, in that order, against one cluster:
// each refusal must have the recorded words, each reading show the recorded state, each task end with the recorded log.
func TestWhatHappensToGuestsIsAnsweredAlike(t *testing.T) {
	c, clock := guestsCluster(t)
	client, base := serve(t, c, "pve1")
	steps := readRecorded(t).Guests
	if len(steps) < 60 {
		t.Fatalf("%d recorded steps", len(steps))
	}
	for _, w := range steps {
		t.Run(w.Name, func(t *testing.T) {
			besides(c, w.Name)
			upid := compareGuest(t, w, w.play(t, client, base))
			if w.Name < "0311-" || w.Name >= "0317-" { // the next ones came while the task of 0311 was at work
				clock.Advance(time.Minute)
			}
			if w.Log == nil {
				return
			}
			var log bytes.Buffer
			if _, err := clientOf(t, c, "root@pam!full", "secret").TaskLog(context.Background(), "pve1", upid, &log); err != nil {
				t.Fatal(err)
			}
			if got := plainLog(log.String()); !slices.Equal(got, w.Log) {
				t.Errorf("log\n%s\nrecorded\n%s", strings.Join(got, "\n"), strings.Join(w.Log, "\n"))
			}
		})
	}
}

// compareGuest compares an answer with the recorded one and returns the task that it names.
func compareGuest(t *testing.T, w recordedWrite, body []byte) string {
	t.Helper()
	var got struct{ Data any }
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	upid, _ := got.Data.(string)
	var want any
	if err := json.Unmarshal(w.Data, &want); err == nil && !reflect.DeepEqual(withoutSums(got.Data), withoutSums(want)) {
		t.Errorf("answered %v\nrecorded %v", withoutSums(got.Data), withoutSums(want))
	}
	return upid
}

// withoutSums takes checksums off an answer, the order off a list of a configuration's keys and all but the kind off a task.
func withoutSums(data any) any {
	switch v := data.(type) {
	case []any:
		if len(v) > 0 && v[0].(map[string]any)["key"] != nil {
			return comparable(data)
		}
		for _, row := range v {
			delete(row.(map[string]any), "digest")
		}
	default:
		return comparable(data)
	}
	return data
}
