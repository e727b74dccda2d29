package server

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/problems"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	styleText string

	pageTemplate = template.Must(template.New("page").Parse(pageText))
	// styleHash is the one style that the content security policy lets a browser use.
	styleHash = hashSource(styleText)
)

func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// A page stays readable: there may be thousands of guests.
const (
	mostProblems = 100
	mostDetails  = 100
)

// page is what the template shows.
type page struct {
	Title, Version, Telemetry string
	Style                     template.CSS
	Now                       moment
	Waiting                   []string // clusters of which there is no picture yet
	Several                   bool     // clusters
	Tally                     string   // how many problems of which severity
	Problems                  []shownProblem
	More                      int // problems that are not listed
	Figures                   []figure
	Clusters                  []clusterView
	Stores                    []storeView
}

type shownProblem struct {
	problems.Problem
	Details  []string
	Unlisted int
}

// figure is one number for a whole.
type figure struct {
	Name  string
	Count int
}

// moment is a time as people see it, and exactly.
type moment struct{ Text, Exact string }

func at(seconds snapshot.Seconds, now int64) moment {
	known, ok := seconds.Get()
	if !ok {
		return moment{}
	}
	return moment{words.When(known, now), time.Unix(known, 0).UTC().Format(time.RFC3339)}
}

func (s *Server) page(w http.ResponseWriter, _ *http.Request) {
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, s.look()); err != nil {
		s.Logger.Error("page", "err", err)
		say(w, http.StatusInternalServerError, "the page could not be made: the log says why\n")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(out.Bytes())
}

// look puts together what the page shows of this moment.
func (s *Server) look() page {
	now, clusters, stores := s.Now(), s.Exporter.Snapshots(), s.Exporter.ObjectStores()
	found := problems.List(clusters, now, stores...)
	if last := s.reload.Load(); last != nil && last.err != nil {
		found = problems.Merge(found, problems.Reload(last.err, last.at, now))
	}
	p := page{
		Title: program, Version: s.Version, Telemetry: s.TelemetryPath,
		Style:   template.CSS(styleText), //nolint:gosec // our own file, not a cluster's text
		Now:     moment{now.UTC().Format("2 Jan 2006 15:04:05 UTC"), now.UTC().Format(time.RFC3339)},
		Waiting: s.waiting(), Several: len(watched(s.Exporter.File())) > 1,
		Tally: tally(found), Figures: figures(clusters),
	}
	if len(found) > 0 && found[0].Severity < problems.Info {
		p.Title = tally(found) + " - " + program
	}
	for _, each := range found[:min(len(found), mostProblems)] {
		shown := shownProblem{Problem: each, Details: each.Details}
		if most := len(each.Details); most > mostDetails {
			shown.Details, shown.Unlisted = each.Details[:mostDetails], most-mostDetails
		}
		p.Problems = append(p.Problems, shown)
	}
	p.More = len(found) - len(p.Problems)
	for _, cluster := range clusters {
		p.Clusters = append(p.Clusters, viewCluster(cluster, now.Unix()))
	}
	for _, store := range stores {
		p.Stores = append(p.Stores, viewStore(store, now.Unix()))
	}
	return p
}

// tally counts problems by severity: "1 critical, 3 warnings, 2 to know".
func tally(found []problems.Problem) string {
	var count [problems.Info + 1]int
	for _, each := range found {
		count[each.Severity]++
	}
	var parts []string
	if n := count[problems.Critical]; n > 0 {
		parts = append(parts, words.Count(n, "critical", "critical"))
	}
	if n := count[problems.Warning]; n > 0 {
		parts = append(parts, words.Count(n, "warning", "warnings"))
	}
	if n := count[problems.Info]; n > 0 {
		parts = append(parts, words.Count(n, "to know", "to know"))
	}
	return strings.Join(parts, ", ")
}

// figures counts guests of all clusters. One guest may be in several figures.
func figures(clusters []*snapshot.Cluster) []figure {
	var guests, covered, uncovered, exempt, running, failed, overdue int
	for _, cluster := range clusters {
		exempted := map[string]bool{}
		for i := range cluster.Guests {
			guest := &cluster.Guests[i]
			exempted[guest.ID] = guest.Exempt
			guests++
			switch {
			case guest.Exempt:
				exempt++
			case guest.Covered.Or(false):
				covered++
			case guest.Covered.Known():
				uncovered++
			}
			if guest.Running {
				running++
			}
		}
		bad, late := map[string]bool{}, map[string]bool{}
		for i := range cluster.Targets {
			target := &cluster.Targets[i]
			if exempted[target.Guest] {
				continue
			}
			if target.LastAttemptFailed {
				bad[target.Guest] = true
			}
			if due, known := target.Due.Get(); known && due < target.Observed.Or(0) {
				late[target.Guest] = true
			}
		}
		failed, overdue = failed+len(bad), overdue+len(late)
	}
	return []figure{
		{"Guests", guests},
		{"Covered", covered},
		{"Uncovered", uncovered},
		{"Exempt", exempt},
		{"Last one failed", failed},
		{"Overdue", overdue},
		{"Running now", running},
	}
}
