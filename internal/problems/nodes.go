package problems

import (
	"math"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

func (x *examination) nodes() {
	for _, node := range x.Nodes {
		name := "Node " + words.Name(node.Name)
		if !node.Online {
			text := name + " is offline"
			if count := x.guestsOn(node.Name); count > 0 {
				text += ": of its " + words.Count(count, "guest", "guests") + " the last known facts are shown, and nothing counts as missing until it is back"
			}
			x.add(Problem{Severity: Warning, Kind: NodeOffline, Text: text, Subject: Subject{Node: node.Name}})
		}
		if node.UnattributedFailure {
			x.add(Problem{
				Severity: Critical, Kind: UnattributedFailure,
				Text:    name + ": a backup task failed that names no guest and fits no job",
				Hint:    "find the failed task of type Backup in the node's task history, and read its log with `pve-backup-exporter explain UPID`",
				Subject: Subject{Node: node.Name},
			})
		}
	}
}

func (x *examination) guestsOn(node string) int {
	count := 0
	for _, guest := range x.guests {
		if guest.Node == node {
			count++
		}
	}
	return count
}

// skewBound is the difference of clocks in seconds up to which times can be compared.
const skewBound = 5

// clocks tells of clocks that are off. When all nodes differ by the same, it is the exporter's own.
func (x *examination) clocks() {
	least, most, known := math.Inf(1), math.Inf(-1), 0
	for _, node := range x.Nodes {
		if skew, ok := node.ClockSkew.Get(); ok && node.Online {
			least, most = min(least, skew), max(most, skew)
			known++
		}
	}
	const hint = "let both keep time by NTP (chronyc tracking); times of backups are compared across these clocks"
	if known > 1 && least*most > 0 && min(math.Abs(least), math.Abs(most)) > skewBound && most-least <= 2 {
		x.add(Problem{
			Severity: Warning, Kind: ClockSkew, Hint: hint,
			Text: "The clock of this exporter is " + words.Span(seconds(most)) + " " + direction(-most) + " those of all nodes of cluster " + words.Name(x.Name),
		})
		return
	}
	for _, node := range x.Nodes {
		if skew, ok := node.ClockSkew.Get(); ok && node.Online && math.Abs(skew) > skewBound {
			x.add(Problem{
				Severity: Warning, Kind: ClockSkew, Hint: hint,
				Text:    "The clock of node " + words.Name(node.Name) + " is " + words.Span(seconds(skew)) + " " + direction(skew) + " that of this exporter",
				Subject: Subject{Node: node.Name},
			})
		}
	}
}

func seconds(skew float64) int64 { return int64(math.Round(math.Abs(skew))) }

func direction(skew float64) string {
	if skew > 0 {
		return "ahead of"
	}
	return "behind"
}
