package pvesim

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/strict"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

var (
	sizePattern  = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?[KMGT]?$`)
	tokenPattern = regexp.MustCompile(`^[^@!\s]+@[^@!\s]+![^@!\s]+$`)

	kinds = []string{"qemu", "lxc"} // of guests
	// storageTypes and contents are those of Proxmox VE 7 to 9.
	storageTypes = []string{
		"btrfs", "cephfs", "cifs", "dir", "esxi", "glusterfs", "iscsi", "iscsidirect", "lvm", "lvmthin", "nfs", "pbs", "rbd", "zfs", "zfspool",
	}
	contents = []string{"backup", "images", "import", "iso", "rootdir", "snippets", "vztmpl"}
	locks    = []string{
		"backup", "clone", "create", "destroyed", "disk", "fstrim", "migrate", "mounted", "rollback", "snapshot", "snapshot-delete", "suspended", "suspending",
	}
	// jobOptions are what a job may have in jobs.cfg, and what a backup by hand may state.
	jobOptions = []string{
		"all", "bwlimit", "comment", "compress", "dow", "dumpdir", "exclude", "exclude-path", "fleecing", "ionice", "job-id", "lockwait", "mailnotification",
		"mailto", "maxfiles", "mode", "node", "notes-template", "notification-mode", "notification-policy", "notification-target", "pbs-change-detection-mode",
		"performance", "pigz", "pool", "protected", "prune-backups", "quiet", "remove", "repeat-missed", "script", "starttime", "stdexcludes", "stdout", "stop",
		"stopwait", "storage", "tmpdir", "vmid", "zstd",
	}
)

func (s *Scenario) checkStorages(m *mistakes) {
	seen := map[string]bool{}
	for i, st := range s.Storages {
		add := func(key string, err error) {
			if err != nil {
				m.add(fmt.Errorf("storage %q: %w", st.ID, err), "storages", i, key)
			}
		}
		m.add(needed("id", st.ID != ""), "storages", i)
		m.twice(seen, "storage", st.ID, "storages", i)
		add("type", needed("type", st.Type != ""))
		add("type", oneOf("type", st.Type, storageTypes))
		for _, content := range st.Content {
			add("content", oneOf("content", content, contents))
		}
		for _, node := range st.Nodes {
			add("nodes", s.isNode(node))
		}
		for _, node := range st.Down {
			if node != "*" {
				add("down", s.isNode(node))
			}
		}
		add("retention", isRetention(st.Retention))
		add("size", isSize("size", st.Size))
		add("base", isSize("base", st.Base))
		if st.Type == "pbs" && (st.Config["server"] == "" || st.Config["datastore"] == "" || st.Config["username"] == "") {
			add("config", ui.Hint(errors.New("is of the type pbs and does not say where that is"), "add config: {server: 192.0.2.30, datastore: main, username: backup@pbs}"))
		}
	}
}

func (s *Scenario) checkPools(m *mistakes) {
	for name, pool := range s.Pools {
		for _, storage := range pool.Storages {
			m.add(s.isStorage(storage), "pools", name)
		}
	}
}

func (s *Scenario) checkGuests(m *mistakes) {
	seen := map[string]bool{}
	for i := range s.Guests {
		m.add(s.checkGuest(&s.Guests[i]), "guests", i)
		m.twice(seen, "guest", strconv.Itoa(s.Guests[i].ID), "guests", i)
	}
}

func (s *Scenario) checkGuest(g *ScenarioGuest) error {
	if g.ID < 100 {
		return strict.At(ui.Hint(fmt.Errorf("guest %d: is no id of a guest", g.ID), "ids of guests begin at 100"), "id")
	}
	var found []error
	add := func(key string, err error) {
		if err != nil {
			found = append(found, strict.At(fmt.Errorf("guest %d: %w", g.ID, err), key))
		}
	}
	if !slices.Contains(kinds, g.Type) {
		add("type", unknown(fmt.Errorf("type %q is neither qemu nor lxc", g.Type), g.Type, kinds))
	}
	add("node", needed("node", g.Node != ""))
	add("node", s.isNode(g.Node))
	add("pool", s.isPool(g.Pool))
	add("lock", oneOf("lock", g.Lock, locks))
	add("size", isSize("size", g.Size))
	add("used", isSize("used", g.Used))
	add("rate", isSize("rate", g.Rate))
	return first(found...)
}

func (s *Scenario) checkJobs(m *mistakes) {
	seen := map[string]bool{}
	for i := range s.Jobs {
		m.add(s.checkJob(&s.Jobs[i]), "jobs", i)
		m.twice(seen, "job", s.Jobs[i].ID, "jobs", i)
	}
}

func (s *Scenario) checkJob(j *ScenarioJob) error {
	if j.ID == "" {
		return needed("id", false)
	}
	found := []error{strict.At(isSchedule(j.Schedule), "schedule"), strict.At(s.checkOptions(j.Options), "options")}
	if j.Options["vmid"] == "" && j.Options["pool"] == "" && !isYes(j.Options["all"]) {
		found = append(found, ui.Hint(errors.New("selects no guest"), `its options need vmid: "100,101", pool: NAME or all: "1"`))
	}
	if err := first(found...); err != nil {
		return fmt.Errorf("job %q: %w", j.ID, err)
	}
	return nil
}

func isYes(text string) bool { return text == "1" || text == "true" }

// checkOptions finds options that no job has, and values that name what is not there. Ids may be of guests that are gone; storages too,
// see the story's own check.
func (s *Scenario) checkOptions(options map[string]string) error {
	var found []error
	for name, value := range options {
		err := oneOf("option", name, jobOptions)
		switch name {
		case "prune-backups":
			err = isRetention(value)
		case "pool":
			err = s.isPool(value)
		case "node":
			err = s.isNode(value)
		case "vmid", "exclude":
			for word := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(",; \t", r) }) {
				if _, wrong := strconv.Atoi(word); wrong != nil {
					err = ui.Hint(fmt.Errorf("%s: %q is no id of a guest", name, word), `ids are separated by commas: "100,101"`)
				}
			}
		case "mode":
			err = oneOf("mode", value, []string{"snapshot", "suspend", "stop"})
		}
		if err != nil {
			found = append(found, strict.At(err, name))
		}
	}
	slices.SortFunc(found, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return first(found...)
}
