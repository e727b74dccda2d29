package tasklog

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

const (
	upid    = "UPID:pve1:00001878:0003F603:6B038787:vzdump:200:root@pam:"
	running = "INFO: starting new backup job: vzdump 200\nINFO: Starting Backup of VM 200 (qemu)\n"
)

func TestWhatIsALog(t *testing.T) {
	for log, want := range map[string]string{
		running: "",
		"INFO: Finished Backup of VM 200 (00:00:01)\n":                                "",
		"INFO: archive file size: 3MB\nINFO: Backup job finished successfully\n":      "", // the end of a log
		"INFO: trying to get global lock - waiting...\n":                              "",
		"TASK ERROR: could not activate storage 'nas': storage 'nas' is not online\n": "",
		"": "it is empty",
		"unable to open file - No such file or directory\n": "has no log",
		"no content\n": "has no log",
		"Nov 23 01:00:00 pve1 systemd[1]: Started Session 1 of user root.\n": "not a vzdump log",
	} {
		_, err := Finder{Stdin: strings.NewReader(log)}.Find(context.Background(), Stdin)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", log, err, want)
		}
	}
}

func TestFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile(upid, []byte(running), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{upid, "./" + upid} { // in its own folder, a log bears the name of its task and nothing else
		if report, err := (Finder{}).Find(context.Background(), name); err != nil || len(report.Guests) != 1 {
			t.Errorf("%s: got %+v, %v", name, report.Guests, err)
		}
	}
	for name, want := range map[string]string{"missing.log": "no such file", ".": "is a folder"} {
		if _, err := (Finder{}).Find(context.Background(), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}

func TestTasksOfClusters(t *testing.T) {
	t.Chdir(t.TempDir())
	finder := Finder{
		Clusters: func() ([]config.Cluster, error) { return []config.Cluster{{Name: "away"}, {Name: "home"}}, nil },
		Connect: func(cluster config.Cluster) (Client, error) {
			return fakeClient{log: map[string]string{"home": running}[cluster.Name], status: "unexpected status"}, nil
		},
	}
	report, err := finder.Find(context.Background(), upid)
	if err != nil || len(report.Guests) != 1 || report.Guests[0].Result != vzdump.GuestInterrupted {
		t.Errorf("got %+v, %v, want the log of the second cluster with the status of its task", report, err)
	}
	finder.Connect = func(config.Cluster) (Client, error) { return fakeClient{}, nil }
	if _, err := finder.Find(context.Background(), upid); !errors.Is(err, pve.ErrNoLog) || !strings.Contains(err.Error(), "cluster away") || !strings.Contains(err.Error(), "cluster home") {
		t.Errorf("got %v, want what every cluster says", err)
	}
	if _, err := finder.Find(context.Background(), "UPID:pve1"); err == nil || !strings.Contains(err.Error(), "UPID:pve1") {
		t.Errorf("got %v, want what is wrong with the id", err)
	}
}

type fakeClient struct{ log, status string }

func (c fakeClient) TaskLog(_ context.Context, _, _ string, w io.Writer) (int64, error) {
	if c.log == "" {
		return 0, pve.ErrNoLog
	}
	n, err := io.WriteString(w, c.log)
	return int64(n), err
}

func (c fakeClient) TaskStatus(context.Context, string, string) (pve.Task, error) {
	return pve.Task{Status: c.status}, nil
}

func (fakeClient) Resources(context.Context) (pve.Resources, error) { return pve.Resources{}, nil }

func (fakeClient) NodeTasks(context.Context, string, pve.TaskQuery) ([]pve.Task, int, error) {
	return nil, 0, nil
}

func (fakeClient) Close() {}
