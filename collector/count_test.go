package collector

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// What one thing costs, in series, when every fact of it is known and it is well.
const (
	seriesPerCluster     = 1
	seriesPerGuest       = 5  // info, covered, running, excluded disks, bind mounts
	seriesPerTarget      = 19 // all but the failure reason and the four of archive details
	seriesPerJob         = 9
	seriesPerKeep        = 1
	seriesPerStorage     = 3
	seriesPerStorageNode = 3 // one less where the visibility of its content is unknown
	seriesPerUsage       = 3
)

func TestNumberOfSeries(t *testing.T) {
	for _, guests := range []int{0, 1, 20, 500} {
		c := healthy("home", guests)
		store := NewStore(silent())
		store.Publish(c)
		want := seriesPerCluster + seriesPerGuest*len(c.Guests) + seriesPerTarget*len(c.Targets) +
			seriesPerJob*1 + seriesPerKeep*2 +
			seriesPerStorage*1 + seriesPerStorageNode*2 - 1 + seriesPerUsage*1
		if got := len(series(t, store)); got != want {
			t.Errorf("%d guests: got %d series, want %d", guests, got, want)
		}
	}
}

// A scrape takes the same few allocations whatever the size of the cluster: the series were built when they were published.
func TestScrapeAllocatesNothingPerSeries(t *testing.T) {
	cost := func(guests int) float64 {
		store := NewStore(silent())
		store.Publish(healthy("home", guests))
		gatherer := store.Gatherer(prometheus.GathererFunc(none))
		return testing.AllocsPerRun(100, func() {
			if families, err := gatherer.Gather(); err != nil || len(families) == 0 {
				panic(fmt.Sprint(len(families), err))
			}
		})
	}
	small, large := cost(1), cost(500)
	if small != large || large > 2 {
		t.Errorf("got %v allocations for one guest and %v for 500, want the same, at most 2", small, large)
	}
}
