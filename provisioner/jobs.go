package provisioner

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/report"
)

// jobs lists the declared jobs as the clusters have them now: one call for each cluster.
func (r *run) jobs(ctx context.Context) ([]report.Job, error) {
	wanted := map[plan.Key]string{} // the environment
	for _, each := range r.input.Desired {
		if each.Kind == plan.Job && (len(r.options.Environments) == 0 || slices.Contains(r.options.Environments, each.Environment)) {
			wanted[each.Key] = each.Environment
		}
	}
	var list []report.Job
	var mu sync.Mutex
	err := r.sites.forEach(func(name string, at *site) error {
		jobs, err := at.client.Jobs(ctx)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, job := range jobs {
			environment, declared := wanted[plan.Key{Scope: name, Kind: plan.Job, ID: job.ID}]
			if !declared {
				continue
			}
			each := report.Job{Cluster: name, Environment: environment, ID: job.ID, Storage: job.Storage, Schedule: job.Schedule, Enabled: job.Enabled}
			if job.NextRun > 0 {
				each.NextRun = time.Unix(job.NextRun, 0).In(r.options.Now().Location())
			}
			list = append(list, each)
		}
		return nil
	})
	slices.SortFunc(list, func(a, b report.Job) int { return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.ID, b.ID)) })
	return list, err
}
