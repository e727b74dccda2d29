package server

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// healthy says that the process answers. It never depends on a cluster: restarting the exporter would mend none.
func healthy(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, "healthy\n")
}

// ready says whether the metrics are worth scraping: every cluster was read, or tried, or is known from before the start.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if waiting := s.waiting(); len(waiting) > 0 {
		say(w, http.StatusServiceUnavailable, fmt.Sprintf("not ready: not read yet: cluster %s\n", strings.Join(waiting, ", ")))
		return
	}
	say(w, http.StatusOK, "ready\n")
}

// waiting names the clusters of which there is no picture yet.
func (s *Server) waiting() []string {
	known := map[string]bool{}
	for _, cluster := range s.Exporter.Snapshots() {
		known[cluster.Name] = true
	}
	var names []string
	for _, cluster := range watched(s.Exporter.File()) {
		if !known[cluster.Name] {
			names = append(names, cluster.Name)
		}
	}
	return names
}

// watched returns the clusters that the exporter has a token for.
func watched(file *config.File) []config.Cluster {
	var clusters []config.Cluster
	for _, cluster := range file.Clusters {
		if cluster.Exporter != nil {
			clusters = append(clusters, cluster)
		}
	}
	return clusters
}

// say replies with plain text. A client that is gone by then needs no answer.
func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
