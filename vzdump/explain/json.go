package explain

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

type taskJSON struct {
	Result   vzdump.Result `json:"result"`
	Warnings int           `json:"warnings"`
	Command  string        `json:"command,omitzero"`
	Error    string        `json:"error"`
	Guests   []guestJSON   `json:"guests"`
}

type guestJSON struct {
	VMID             int                   `json:"vmid"`
	Type             string                `json:"type,omitzero"`
	Name             string                `json:"name,omitzero"`
	Result           vzdump.GuestResult    `json:"result"`
	Reason           vzdump.Reason         `json:"reason,omitzero"`
	Message          string                `json:"message,omitzero"`
	Mode             string                `json:"mode,omitzero"`
	DurationSeconds  optional.Value[int64] `json:"duration_seconds,omitzero"`
	Archive          string                `json:"archive,omitzero"`
	ArchiveBytes     optional.Value[int64] `json:"archive_bytes,omitzero"`
	TransferredBytes optional.Value[int64] `json:"transferred_bytes,omitzero"`
	DowntimeSeconds  optional.Value[int64] `json:"downtime_seconds,omitzero"`
	ExcludedDisks    []string              `json:"excluded_disks,omitempty"`
	Pruned           optional.Value[int64] `json:"pruned,omitzero"`
}

// JSON writes the report as one indented JSON object. What the log does not state is left out; it never becomes a zero.
func JSON(w io.Writer, report vzdump.Report) error {
	task := taskJSON{
		Result: report.Result, Warnings: report.Warnings, Command: report.Command, Error: report.Error,
		Guests: make([]guestJSON, 0, len(report.Guests)),
	}
	for _, g := range report.Guests {
		task.Guests = append(task.Guests, guestJSON{
			VMID: g.VMID, Type: g.Type, Name: g.Name, Result: g.Result, Reason: g.Reason, Message: g.Message, Mode: g.Mode,
			DurationSeconds: g.Duration, Archive: g.Archive, ArchiveBytes: g.ArchiveBytes, TransferredBytes: g.TransferredBytes,
			DowntimeSeconds: g.DowntimeSeconds, ExcludedDisks: g.ExcludedDisks, Pruned: g.Pruned,
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(task); err != nil {
		return fmt.Errorf("writing the explanation: %w", err)
	}
	return nil
}
