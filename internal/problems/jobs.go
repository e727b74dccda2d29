package problems

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

func (x *examination) jobs() {
	for _, job := range x.Jobs {
		if job.MissingGuests > 0 {
			x.add(Problem{
				Severity: Info, Kind: JobNamesMissing,
				Text:    "Job " + words.Name(job.ID) + " names " + words.Count(job.MissingGuests, "guest that no longer exists", "guests that no longer exist"),
				Hint:    "take the ids out of the job: a guest that is made later under one of them would be backed up by it",
				Subject: Subject{Job: job.ID},
			})
		}
	}
}

// jobsThat names the jobs with a property.
func (x *examination) jobsThat(property func(*snapshot.Job) bool) []string {
	var names []string
	for i := range x.Jobs {
		if property(&x.Jobs[i]) {
			names = append(names, words.Name(x.Jobs[i].ID))
		}
	}
	return names
}
