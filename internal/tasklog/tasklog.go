// Package tasklog finds a vzdump task log by what a person has at hand: a file, standard input, the UPID of a task of a configured cluster,
// or a guest. It reads and parses; it explains nothing (see vzdump/explain, whose answers it begins).
package tasklog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump/explain"
)

// Stdin is the name that stands for standard input.
const Stdin = "-"

// Client is what reading the log of a task needs of the API; [pve.Client] is one.
type Client interface {
	TaskLog(ctx context.Context, node, upid string, w io.Writer) (int64, error)
	TaskStatus(ctx context.Context, node, upid string) (pve.Task, error)
	Resources(ctx context.Context) (pve.Resources, error)
	NodeTasks(ctx context.Context, node string, query pve.TaskQuery) ([]pve.Task, int, error)
	Close()
}

// Finder reads logs.
type Finder struct {
	Stdin io.Reader
	// Clusters returns the configured clusters, and is asked only when a UPID or a guest is named.
	Clusters func() ([]config.Cluster, error)
	// Cluster is the only one to ask; empty for all.
	Cluster string
	// Connect returns a client for a cluster.
	Connect func(config.Cluster) (Client, error)
	// Attempts is how many attempts of a guest are looked for; at least one.
	Attempts int
}

// Find reads the log that a name stands for. The error carries a hint.
func (f Finder) Find(ctx context.Context, name string) (explain.Answer, error) {
	switch {
	case name == Stdin:
		report, err := parse("standard input", f.Stdin)
		return explain.Answer{Report: report}, err
	case exists(name): // the files of task logs are named like their tasks
		report, err := file(name)
		return explain.Answer{Report: report}, err
	case strings.HasPrefix(name, "UPID:"):
		return f.task(ctx, name)
	case guestName.MatchString(name):
		return f.guest(ctx, name)
	default:
		report, err := file(name)
		return explain.Answer{Report: report}, err
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func file(name string) (vzdump.Report, error) {
	log, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return vzdump.Report{}, ui.Hint(fmt.Errorf("task log %s: no such file", name),
			"name a file, - for standard input, a task id that begins with UPID:, or a guest such as 104 or qemu/104")
	}
	if err != nil {
		return vzdump.Report{}, ui.Hint(fmt.Errorf("task log: %w", err), "logs of a node lie under /var/log/pve/tasks and belong to www-data: run this as root there, or name the UPID")
	}
	defer log.Close()
	if info, err := log.Stat(); err == nil && info.IsDir() {
		return vzdump.Report{}, ui.Hint(fmt.Errorf("task log %s: is a folder", name), "name one of the files in it")
	}
	return parse(name, log)
}

// errEmpty is a log without a line.
var errEmpty = errors.New("it is empty")

func parse(name string, log io.Reader) (vzdump.Report, error) {
	report, err := vzdump.Parse(log)
	if err != nil {
		return vzdump.Report{}, fmt.Errorf("task log %s: %w", name, err)
	}
	return report, judge(name, report)
}

// judge refuses what is no vzdump log: an explanation of it would say nothing.
func judge(name string, report vzdump.Report) error {
	switch {
	case report.Lines == 0:
		return ui.Hint(fmt.Errorf("task log %s: %w", name, errEmpty), "a task that was killed at its start writes no log; look at its status with: pvenode task list --typefilter vzdump")
	case report.NoLog:
		return ui.Hint(fmt.Errorf("task log %s: the node has no log of this task", name), "logs are deleted some time after their task; the archive's own .log file lies beside it on the storage")
	case len(report.Guests) == 0 && report.Command == "" && report.Result == vzdump.ResultUnknown && !report.WaitingForLock:
		return ui.Hint(fmt.Errorf("task log %s: not a vzdump log: no line of it is one that vzdump writes", name), "logs of backup tasks begin with: INFO: starting new backup job: vzdump ...")
	default:
		return nil
	}
}

// task reads the log of a task from the cluster that has its node.
func (f Finder) task(ctx context.Context, text string) (explain.Answer, error) {
	upid, err := vzdump.ParseUPID(text)
	if err != nil {
		return explain.Answer{}, ui.Hint(err, "a UPID looks like UPID:pve1:00001878:0003F603:6B038787:vzdump:200:root@pam: and is to be quoted in a shell")
	}
	clusters, err := f.clusters()
	if err != nil {
		return explain.Answer{}, err
	}
	var failures []error
	for _, cluster := range clusters {
		report, err := f.taskOf(ctx, cluster, upid, text)
		if err == nil {
			from := explain.Task{Cluster: cluster.Name, Node: upid.Node, UPID: text, Started: upid.Start}
			return explain.Answer{Report: report, Task: from}, judge(text, report)
		}
		failures = append(failures, fmt.Errorf("cluster %s: %w", cluster.Name, err))
	}
	return explain.Answer{}, errors.Join(failures...)
}

func (f Finder) taskOf(ctx context.Context, cluster config.Cluster, upid vzdump.UPID, text string) (vzdump.Report, error) {
	client, err := f.Connect(cluster)
	if err != nil {
		return vzdump.Report{}, err
	}
	defer client.Close()
	report, err := read(ctx, client, upid.Node, text)
	if errors.Is(err, pve.ErrNoLog) {
		err = ui.Hint(err, "logs are deleted some time after their task; the archive's own .log file lies beside it on the storage")
	}
	return report, err
}

// read reads the log of a task, and how the task ended.
func read(ctx context.Context, client Client, node, upid string) (vzdump.Report, error) {
	parser := vzdump.NewParser()
	if _, err := client.TaskLog(ctx, node, upid, parser); err != nil {
		return vzdump.Report{}, err
	}
	task, err := client.TaskStatus(ctx, node, upid)
	if err != nil {
		return vzdump.Report{}, err
	}
	return parser.Report().WithStatus(vzdump.ParseStatus(task.Status)), nil
}
