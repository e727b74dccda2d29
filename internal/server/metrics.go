package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// scrapesAtOnce bounds the scrapes that run at the same time: clients that read slowly each hold a reply in memory until they time out.
const scrapesAtOnce = 40

// metrics serves what the exporter knows, with the metrics of the Go runtime and of the process. Should a part fail, the others are served
// and the failure is logged: backups are not to go unwatched for it. Gathers are not joined, since the series are made before any scrape.
func (s *Server) metrics() http.Handler {
	gatherer := s.Exporter.Gatherer(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{
		ErrorLog:            errorLog{s.Logger},
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: scrapesAtOnce,
		EnableOpenMetrics:   true,
	})
}

// errorLog writes what goes wrong in a scrape into the log, on one line.
type errorLog struct{ logger *slog.Logger }

// Println implements [promhttp.Logger].
func (l errorLog) Println(v ...any) {
	l.logger.Error("scrape", "err", strings.TrimSpace(fmt.Sprintln(v...)))
}
