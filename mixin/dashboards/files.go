package dashboards

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
)

// File is a generated file.
type File struct {
	Name    string
	Content []byte
}

// Files returns a file for each dashboard, for Grafana's provisioning or its import. The same settings always give the same bytes.
func Files(cfg mixin.Config) ([]File, error) {
	board, err := Overview(cfg)
	if err != nil {
		return nil, err
	}
	content, err := render(board)
	if err != nil {
		return nil, err
	}
	return []File{{"backup-overview.json", content}}, nil
}

func render(board dashboard.Dashboard) ([]byte, error) {
	content, err := json.MarshalIndent(board, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", UID, err)
	}
	return append(content, '\n'), nil
}
