package apply

import (
	"context"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// JobClient is what [Jobs] asks of a cluster.
type JobClient interface {
	Job(ctx context.Context, id string) (pve.Job, bool, error)
	CreateJob(ctx context.Context, id string, options map[string]string) error
	UpdateJob(ctx context.Context, id string, set map[string]string, remove []string) error
	DeleteJob(ctx context.Context, id string) error
}

// Jobs is the provider of backup jobs. Proxmox VE has no digest for them: whoever writes last wins, and what is done between the read and the
// write of one job, some milliseconds, is seen by the read afterwards at best.
type Jobs struct {
	Client JobClient
	// Current puts a job into canonical form.
	Current func(pve.Job) plan.Current
}

// Read asks for a job.
func (j Jobs) Read(ctx context.Context, key plan.Key) (Object, error) {
	job, found, err := j.Client.Job(ctx, key.ID)
	if err != nil || !found {
		return Object{}, err
	}
	return Object{Current: j.Current(job), Exists: true}, nil
}

// Write creates, changes or removes a job.
func (j Jobs) Write(ctx context.Context, change plan.Change, seen Object) error {
	set, remove := parameters(change)
	addStorage(set, seen)
	var err error
	switch change.Action {
	case plan.Create:
		err = j.Client.CreateJob(ctx, change.ID, set)
	case plan.Update:
		err = j.Client.UpdateJob(ctx, change.ID, set, remove)
	case plan.Delete:
		err = j.Client.DeleteJob(ctx, change.ID)
	}
	if pve.IsNotFound(err) && change.Action != plan.Create {
		return &Conflict{Err: err} // it was removed meanwhile
	}
	return sorted(err)
}

// addStorage names the storage that a job has already beside the parameters that Proxmox VE takes only together with one (`requires` in its
// schema of PUT /cluster/backup/{id}).
func addStorage(set map[string]string, seen Object) {
	const storage = "storage"
	_, notes := set["notes-template"]
	_, protected := set["protected"]
	if _, named := set[storage]; (notes || protected) && !named && seen.Fields[storage] != "" {
		set[storage] = seen.Fields[storage]
	}
}

// parameters are what a change sets, without secrets, and the names of what it removes.
func parameters(change plan.Change) (set map[string]string, remove []string) {
	set = make(map[string]string, len(change.Fields))
	for _, field := range change.Fields {
		switch {
		case field.Sensitive:
		case field.HasAfter:
			set[field.Name] = field.After
		case field.HasBefore:
			remove = append(remove, field.Name)
		}
	}
	return set, remove
}

// sorted tells apart what a failed write means.
func sorted(err error) error {
	switch {
	case err == nil:
		return nil
	case pve.IsConflict(err) || pve.IsAlreadyExists(err):
		return &Conflict{Err: err}
	case pve.MayHaveChanged(err):
		return &Uncertain{Err: err}
	}
	return err
}
