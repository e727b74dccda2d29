package server

import (
	"net/http"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const program = "pve-backup-exporter"

// reload is how a reload went.
type reload struct {
	at  time.Time
	err error
}

// Reload has the exporter load the declared file again. A failure is logged, shown on the page until a reload succeeds, and returned.
func (s *Server) Reload() error {
	err := s.Exporter.Reload()
	s.reload.Store(&reload{s.Now(), err})
	if err != nil {
		s.Logger.Error("the declared file could not be loaded again: the older one stays in effect", "err", err, "hint", strings.Join(ui.Hints(err), "; "))
	}
	return err
}

func (s *Server) reloadNow(w http.ResponseWriter, _ *http.Request) {
	if err := s.Reload(); err != nil {
		var text strings.Builder
		ui.PrintError(&text, program, err)
		say(w, http.StatusInternalServerError, text.String())
		return
	}
	say(w, http.StatusOK, "reloaded\n")
}
