package vzdump

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/sharedtest"
)

// recordedArchive is an entry of GET /nodes/{node}/storage/{storage}/prunebackups, a prune that removes nothing.
type recordedArchive struct {
	VolumeID string `json:"volid"`
	Mark     string `json:"mark"`
	Type     string `json:"type"`
	VMID     any    `json:"vmid"`
	Created  int64  `json:"ctime"`
}

// recordedPrunes returns the dry runs that were answered, by their request line.
func recordedPrunes(t *testing.T) map[string][]recordedArchive {
	t.Helper()
	dir := filepath.Join(sharedtest.Dir(t), "recordings")
	index, err := os.ReadFile(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	prunes := map[string][]recordedArchive{}
	for line := range strings.Lines(string(index)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) < 5 || !strings.HasPrefix(fields[2], "GET ") || !strings.Contains(fields[2], "/prunebackups") || !strings.HasSuffix(fields[4], "200 OK") {
			continue
		}
		response, err := os.ReadFile(filepath.Join(dir, fields[0]+".response.txt"))
		if err != nil {
			t.Fatal(err)
		}
		var body struct{ Data []recordedArchive }
		if err := json.Unmarshal(response[bytes.Index(response, []byte("\r\n\r\n"))+4:], &body); err != nil {
			t.Fatalf("%s: %v", fields[0], err)
		}
		prunes[fields[0]+" "+fields[2]] = body.Data
	}
	if len(prunes) == 0 {
		t.Fatal("the recordings hold no dry run of a prune")
	}
	return prunes
}

func TestKeepMarksAsRecorded(t *testing.T) {
	for request, archives := range recordedPrunes(t) {
		// Without a rule in the request the storage's own applies; this one belongs to the recorded storage.
		rule := mustRetention(t, "keep-last=3,keep-daily=7,keep-weekly=4")
		address, err := url.Parse(request[strings.LastIndex(request, " ")+1:])
		if err != nil {
			t.Fatal(err)
		}
		if asked := address.Query().Get("prune-backups"); asked != "" {
			rule = mustRetention(t, asked)
		}
		groups := map[string][]recordedArchive{}
		for _, archive := range archives {
			if archive.Mark == "keep" || archive.Mark == "remove" {
				group := fmt.Sprint(archive.Type, "/", archive.VMID)
				groups[group] = append(groups[group], archive)
			}
		}
		for group, archives := range groups {
			times := make([]time.Time, len(archives))
			for i, archive := range archives {
				times[i] = time.Unix(archive.Created, 0).UTC() // the zone of the node that was recorded
			}
			for i, keep := range rule.Keep(times) {
				if want := archives[i].Mark == "keep"; keep != want {
					t.Errorf("%s: %s: %s: got keep %v, want %v", request, group, archives[i].VolumeID, keep, want)
				}
			}
		}
	}
}
