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

	// Beyond what was there first: where the log comes from, and what to make of it.
	Reason    vzdump.Reason  `json:"reason,omitzero"`
	Diagnosis *diagnosisJSON `json:"diagnosis,omitempty"`
	Task      *taskOfJSON    `json:"task,omitempty"`
	Asked     *askedJSON     `json:"asked,omitempty"`
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
	Diagnosis        *diagnosisJSON        `json:"diagnosis,omitempty"`
}

// diagnosisJSON is there where a reason is.
type diagnosisJSON struct {
	Meaning string   `json:"meaning"`
	Confirm []string `json:"confirm"` // commands
	Fix     string   `json:"fix"`
	Prevent string   `json:"prevent"`
}

type taskOfJSON struct {
	Cluster string `json:"cluster"`
	Node    string `json:"node"`
	UPID    string `json:"upid"`
	Started int64  `json:"started_timestamp_seconds"`
}

type askedJSON struct {
	VMID     int           `json:"vmid"`
	Type     string        `json:"type,omitzero"`
	Name     string        `json:"name,omitzero"`
	Node     string        `json:"node,omitzero"`
	Attempts []attemptJSON `json:"attempts"`
	NotAsked []string      `json:"nodes_not_asked,omitempty"`
}

type attemptJSON struct {
	taskOfJSON

	Storage   string             `json:"storage,omitzero"`
	Result    vzdump.GuestResult `json:"result"`
	Reason    vzdump.Reason      `json:"reason,omitzero"`
	Explained bool               `json:"explained"`
}

// JSON writes the answer as one indented JSON object. What the log does not state is left out; it never becomes a zero. Of an answer about
// one guest, the guests of the object are that one.
func JSON(w io.Writer, answer Answer) error {
	guests := answer.shown()
	task := taskJSON{
		Result: answer.Result, Warnings: answer.Warnings, Command: answer.Command, Error: answer.Error,
		Guests: make([]guestJSON, 0, len(guests)),
		Reason: answer.Reason, Diagnosis: diagnosisOf(answer.Reason, answer.place()), Asked: askedOf(answer.Guest),
	}
	if answer.Task != (Task{}) {
		from := taskOfJSON(answer.Task)
		task.Task = &from
	}
	for _, g := range guests {
		task.Guests = append(task.Guests, guestJSON{
			VMID: g.VMID, Type: g.Type, Name: g.Name, Result: g.Result, Reason: g.Reason, Message: g.Message, Mode: g.Mode,
			DurationSeconds: g.Duration, Archive: g.Archive, ArchiveBytes: g.ArchiveBytes, TransferredBytes: g.TransferredBytes,
			DowntimeSeconds: g.DowntimeSeconds, ExcludedDisks: g.ExcludedDisks, Pruned: g.Pruned,
			Diagnosis: diagnosisOf(g.Reason, answer.placeOf(g)),
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

func diagnosisOf(reason vzdump.Reason, place Place) *diagnosisJSON {
	if reason == "" {
		return nil
	}
	of := Of(reason).For(place)
	return &diagnosisJSON{Meaning: of.Meaning, Confirm: of.Confirm, Fix: of.Advice, Prevent: of.Prevent}
}

func askedOf(guest *Guest) *askedJSON {
	if guest == nil {
		return nil
	}
	asked := &askedJSON{VMID: guest.VMID, Type: guest.Type, Name: guest.Name, Node: guest.Node, NotAsked: guest.NotAsked}
	for _, attempt := range guest.Attempts {
		asked.Attempts = append(asked.Attempts, attemptJSON{
			taskOfJSON: taskOfJSON(attempt.Task), Storage: attempt.Storage, Result: attempt.Result, Reason: attempt.Reason, Explained: attempt.Explained,
		})
	}
	return asked
}
