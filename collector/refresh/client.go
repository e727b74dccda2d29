package refresh

import (
	"context"
	"io"

	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Client is what a refresh needs of the Proxmox VE API; [pve.Client] is one. All calls only read.
type Client interface {
	RequireVersion(ctx context.Context, minimum string) (pve.Version, error)
	Resources(ctx context.Context) (pve.Resources, error)
	ClusterStatus(ctx context.Context) (pve.ClusterStatus, error)
	Permissions(ctx context.Context) (pve.Permissions, error)
	ClusterTasks(ctx context.Context) ([]pve.Task, error)
	Jobs(ctx context.Context) ([]pve.Job, error)

	NodeTasks(ctx context.Context, node string, query pve.TaskQuery) ([]pve.Task, int, error)
	TaskLog(ctx context.Context, node, upid string, w io.Writer) (int64, error)
	TaskLogPage(ctx context.Context, node, upid string, start, limit int) ([]string, int, error)

	Storages(ctx context.Context) ([]pve.StorageConfig, error)
	PruneList(ctx context.Context, node, storage string) ([]pve.Archive, error)
	Content(ctx context.Context, node, storage string) ([]pve.Archive, error)
	IncludedVolumes(ctx context.Context, job string) ([]pve.IncludedGuest, error)
	ScheduleAnalyze(ctx context.Context, schedule string, start int64, iterations int) ([]int64, error)
	NodeTime(ctx context.Context, node string) (pve.NodeTime, error)
	VZDumpDefaults(ctx context.Context, node, storage string) (pve.VZDumpDefaults, error)

	EndpointStatus() []pve.EndpointStatus
}

var _ Client = (*pve.Client)(nil)
