package collector

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
)

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestClustersComeAndGo(t *testing.T) {
	store := NewStore(silent())
	if got := series(t, store); len(got) != 0 {
		t.Errorf("an empty store has the series %v", got)
	}
	if store.Snapshot("home") != nil {
		t.Error("an unknown cluster has a snapshot")
	}
	home, away := healthy("home", 3), healthy("away", 2)
	store.Publish(home)
	alone := len(series(t, store))
	store.Publish(away)
	both := series(t, store)
	if store.Snapshot("away") != away || store.Snapshot("home") != home {
		t.Error("a published snapshot is not handed back")
	}
	if all := store.Snapshots(); len(all) != 2 || all[0] != away || all[1] != home {
		t.Errorf("got %d snapshots, want away and home in this order", len(all))
	}
	store.Publish(&snapshot.Cluster{Name: "home"})
	if got, want := len(series(t, store)), len(both)-alone+1; got != want {
		t.Errorf("a new picture of home must replace the old one: got %d series, want %d", got, want)
	}
	store.Publish(home)
	store.Keep("home", "unheard-of")
	left := series(t, store)
	if len(left) != alone {
		t.Errorf("got %d series after away was removed, want %d", len(left), alone)
	}
	for _, each := range left {
		if strings.Contains(each, `cluster="away"`) {
			t.Errorf("away was removed and still has %s", each)
		}
	}
}

// Two clusters with the same guest ids come out of a pedantic registry without a complaint, and the same through the gatherer.
func TestClustersShareFamilies(t *testing.T) {
	store := NewStore(silent())
	store.Publish(healthy("home", 4))
	store.Publish(healthy("away", 4))
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(store)
	checked, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(series(t, store)), count(checked); got != want {
		t.Errorf("got %d series, the registry has %d", got, want)
	}
}

// The metrics of the exporter itself stand among those of the clusters, sorted by name as every scrape is.
func TestGathererSortsByName(t *testing.T) {
	families, err := exporter(t).Gather()
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(families); i++ {
		if families[i-1].GetName() >= families[i].GetName() {
			t.Errorf("%s comes before %s", families[i-1].GetName(), families[i].GetName())
		}
	}
}

// A handler may filter and reorder what it gathered without another scrape noticing.
func TestGatheredSliceBelongsToTheCaller(t *testing.T) {
	store := NewStore(silent())
	store.Publish(everything())
	gatherer := store.Gatherer(prometheus.GathererFunc(none))
	first, err := gatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	want := first[0].GetName()
	slices.Reverse(first)
	clear(first[:2])
	if second, err := gatherer.Gather(); err != nil || second[0].GetName() != want {
		t.Errorf("got %v first and error %v, want %s", second[0], err, want)
	}
}

// Scrapes and refreshes at the same time see a whole picture each: every scrape has exactly the series of one of the published sizes.
func TestPublishWhileScraping(t *testing.T) {
	store := NewStore(silent())
	sizes := map[int]bool{}
	for _, guests := range []int{1, 2, 3} {
		store.Publish(healthy("home", guests))
		sizes[len(series(t, store))] = true
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(store)
	gatherers := []prometheus.Gatherer{registry, store.Gatherer(prometheus.NewRegistry())}

	var publishing, scraping sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		publishing.Go(func() {
			for i := range 60 {
				store.Publish(healthy("home", 1+i%3))
				store.Publish(healthy("away", 1))
				store.Keep("home")
			}
		})
	}
	for i := range 4 {
		scraping.Go(func() {
			for {
				families, err := gatherers[i%2].Gather()
				if err != nil {
					t.Error(err)
					return
				}
				var out bytes.Buffer
				write(t, &out, families, expfmt.NewFormat(expfmt.TypeTextPlain))
				home := strings.Count(out.String(), `cluster="home"`)
				if !sizes[home] {
					t.Errorf("a scrape shows %d series of home, which no published picture has", home)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	publishing.Wait()
	close(done)
	scraping.Wait()
}

// Things whose labels are the same cannot make a scrape fail: the first one is shown, the loss is logged once and not at each refresh.
func TestSameLabelsTwice(t *testing.T) {
	var log bytes.Buffer
	store := NewStore(slog.New(slog.NewTextHandler(&log, nil)))
	c := everything()
	store.Publish(c)
	want := series(t, store)

	doubled := everything()
	again := doubled.Guests[0]
	again.Name = "impostor"
	doubled.Guests = append(doubled.Guests, again)
	doubled.Targets = append(doubled.Targets, doubled.Targets...)
	doubled.Jobs = append(doubled.Jobs, doubled.Jobs...)
	doubled.Sources = append(doubled.Sources, doubled.Sources...)
	doubled.Storages = append(doubled.Storages, doubled.Storages...)
	doubled.Nodes = append(doubled.Nodes, doubled.Nodes...)
	doubled.Endpoints = append(doubled.Endpoints, doubled.Endpoints...)
	doubled.MissingPermissions = append(doubled.MissingPermissions, doubled.MissingPermissions...)
	store.Publish(doubled)
	store.Publish(doubled)

	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(store)
	if _, err := registry.Gather(); err != nil {
		t.Errorf("the scrape fails: %v", err)
	}
	if got := series(t, store); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got the series\n%s\nwant those of the cluster without doubles\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := strings.Count(log.String(), "level=WARN"); got != 1 {
		t.Errorf("got %d warnings, want 1:\n%s", got, log.String())
	}
	if !strings.Contains(log.String(), "resources") {
		t.Errorf("the warning does not name the first thing left out: %s", log.String())
	}
}
