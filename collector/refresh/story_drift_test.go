package refresh

import (
	"fmt"
	"maps"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/derive"
	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// compareJobs stands for the comparison with a declared file that wants no jobs: each one is too many.
func (b *bench) compareJobs() {
	b.refresher.Drift = func(w *derive.World, lacks []snapshot.Permission) []snapshot.Drift {
		if !w.JobsKnown || len(lacks) > 0 {
			return nil
		}
		drift := snapshot.Drift{Kind: snapshot.DriftJob}
		for _, job := range w.Jobs {
			drift.Objects = append(drift.Objects, snapshot.Drifted{ID: job.ID, What: fmt.Sprint(len(w.Volumes[job.ID]), " guests")})
		}
		return []snapshot.Drift{drift}
	}
}

const jobDrift = `drift{kind="job",store=""}`

func TestDriftIsWorkedOutOnTheSlowCycleWithoutFurtherCalls(t *testing.T) {
	without := newStory(t, setting{days: 2})
	without.slow()
	without.slow()
	want := without.cluster.Requests.Counts()

	b := newStory(t, setting{days: 2})
	b.compareJobs()
	b.slow()
	b.slow()
	if got := b.cluster.Requests.Counts(); !maps.Equal(got, want) {
		t.Errorf("the comparison costs calls: got %v, want %v", got, want)
	}
	b.wantSeries(map[string]float64{jobDrift: 2})
	b.cluster.Change(func(m *pvesim.Model) { m.Jobs = m.Jobs[:1] })
	b.fast()
	b.wantSeries(map[string]float64{jobDrift: 2})
	b.slow()
	b.wantSeries(map[string]float64{jobDrift: 1})
}

func TestDriftStaysWhileTheClusterCannotBeRead(t *testing.T) {
	b := newStory(t, setting{days: 2})
	b.compareJobs()
	b.slow()
	b.cluster.Requests.Reset()
	b.cluster.Change(func(m *pvesim.Model) { m.Down = true })
	b.slow()
	b.wantSeries(map[string]float64{"up": 0, jobDrift: 2})
	b.restart()
	b.wantSeries(map[string]float64{"up": 0, jobDrift: 2})

	b.memory.ConfigChecksum = "of an older file"
	b.restart()
	b.wantNoSeries("drift")
}

func TestDriftIsAbsentUntilJobsWereRead(t *testing.T) {
	b := newStory(t, setting{days: 2})
	b.compareJobs()
	b.cluster.Faults.Add(broken("/cluster/backup"))
	b.slow()
	b.wantNoSeries("drift")
}
