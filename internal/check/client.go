package check

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Client is what is asked of a cluster; [pve.Client] is one. All calls only read.
type Client interface {
	CheckEndpoints(ctx context.Context) []pve.EndpointStatus
	Version(ctx context.Context) (pve.Version, error)

	Resources(ctx context.Context) (pve.Resources, error)
	ClusterStatus(ctx context.Context) (pve.ClusterStatus, error)
	Permissions(ctx context.Context) (pve.Permissions, error)
	ClusterTasks(ctx context.Context) ([]pve.Task, error)
	Jobs(ctx context.Context) ([]pve.Job, error)

	Storages(ctx context.Context) ([]pve.StorageConfig, error)
	Pools(ctx context.Context) ([]pve.Pool, error)
	ScheduleAnalyze(ctx context.Context, schedule string, start int64, iterations int) ([]int64, error)

	NodeTime(ctx context.Context, node string) (pve.NodeTime, error)
	VZDumpDefaults(ctx context.Context, node, storage string) (pve.VZDumpDefaults, error)
	NodeTasks(ctx context.Context, node string, query pve.TaskQuery) ([]pve.Task, int, error)
	TaskLog(ctx context.Context, node, upid string, w io.Writer) (int64, error)
	PruneList(ctx context.Context, node, storage string) ([]pve.Archive, error)
	Content(ctx context.Context, node, storage string) ([]pve.Archive, error)

	Close()
}

// answer is what became of one call. One that was never made has neither value nor error.
type answer[T any] struct {
	value        T
	err          error
	asked        bool
	began, ended time.Time
}

// read reports that the call was made and answered.
func (a answer[T]) read() bool { return a.asked && a.err == nil }

// asker makes calls side by side. How many really run at once is the client's to bound, per node.
type asker struct {
	group sync.WaitGroup
	now   func() time.Time
}

// ask makes a call in the background. Its answer may be looked at after group.Wait.
func ask[T any](a *asker, into *answer[T], call func() (T, error)) {
	into.asked = true
	a.group.Go(func() {
		into.began = a.now()
		into.value, into.err = call()
		into.ended = a.now()
	})
}
