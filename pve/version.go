package pve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// MinimumVersion is the oldest Proxmox VE that reading backups works with: the first with jobs in jobs.cfg and schedule-analyze.
const MinimumVersion = "7.1"

// Version is the version of pve-manager on the node that answered (GET /version).
type Version struct {
	Major, Minor, Patch int
	Text                string // as sent: 9.2.11, 7.4-17
	Release             string // as sent: 9.2
}

// String returns the version as Proxmox VE writes it.
func (v Version) String() string { return v.Text }

// Compare is negative, zero or positive as v is older than, as old as or newer than other.
func (v Version) Compare(other Version) int {
	return cmp.Or(cmp.Compare(v.Major, other.Major), cmp.Compare(v.Minor, other.Minor), cmp.Compare(v.Patch, other.Patch))
}

var versionPattern = regexp.MustCompile(`^(\d{1,4})\.(\d{1,4})(?:[.-](\d{1,6}))?`)

// ParseVersion reads a version such as 9.2.11, 7.4-17 or 7.1.
func ParseVersion(text string) (Version, error) {
	parts := versionPattern.FindStringSubmatch(text)
	if parts == nil {
		return Version{}, fmt.Errorf("%.40q is not a version of Proxmox VE", text)
	}
	numbers := make([]int, 3)
	for i, digits := range parts[1:] {
		numbers[i], _ = strconv.Atoi(digits) // the pattern lets only short digits through; an absent patch is 0
	}
	return Version{Major: numbers[0], Minor: numbers[1], Patch: numbers[2], Text: text}, nil
}

// Version asks a node for its version (GET /version). Every token may.
func (c *Client) Version(ctx context.Context) (Version, error) {
	return fetchObject(ctx, c, nil, readVersion, "/version")
}

func readVersion(r *record) Version {
	text := r.required("version")
	v, err := ParseVersion(text)
	if err != nil && r.err == nil {
		r.err = errors.New("version: not one of Proxmox VE")
	}
	v.Release = r.text("release")
	return v
}

// RequireVersion refuses a cluster that is older than the minimum, such as [MinimumVersion], and returns its version otherwise.
func (c *Client) RequireVersion(ctx context.Context, minimum string) (Version, error) {
	want, err := ParseVersion(minimum)
	if err != nil {
		return Version{}, err
	}
	v, err := c.Version(ctx)
	if err != nil {
		return Version{}, err
	}
	if v.Compare(want) < 0 {
		return v, ui.Hint(fmt.Errorf("Proxmox VE %s is too old", v), "%s is the oldest that this works with: upgrade the cluster", minimum)
	}
	return v, nil
}
