package spec

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// What Proxmox VE looks for in a template of notes, and what it knows (PVE::API2::VZDump and recordings of its refusals).
var (
	placeholder = regexp.MustCompile(`\{\{([^\s{}]+)\}\}`)
	escape      = regexp.MustCompile(`\\.?`)
)

const placeholderHint = "there are `{{cluster}}`, `{{guestname}}`, `{{node}}` and `{{vmid}}`"

func parseNotesTemplate(text string) (string, error) {
	for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
		switch match[1] {
		case "cluster", "guestname", "node", "vmid":
		default:
			return "", ui.Hint(fmt.Errorf("Proxmox VE has no placeholder `%s`", match[0]), placeholderHint)
		}
	}
	for _, match := range escape.FindAllString(text, -1) {
		if match != `\n` && match != `\\` {
			return "", ui.Hint(fmt.Errorf("Proxmox VE does not know `%s` in notes", match), "write `\\n` for a new line, `\\\\` for a backslash")
		}
	}
	return text, nil
}

// volumePattern has the drives of virtual machines and the mount points of containers, as far as Proxmox VE counts them.
const volumePattern = `^(ide[0-3]|sata[0-5]|scsi([12]?[0-9]|30)|virtio([0-9]|1[0-5])|efidisk0|tpmstate0|mp([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))$`

var volumeShape = regexp.MustCompile(volumePattern)

func parseVolume(text string) (string, error) {
	switch {
	case volumeShape.MatchString(text):
		return text, nil
	case text == "rootfs":
		return "", ui.Hint(fmt.Errorf("`rootfs` cannot be left out: Proxmox VE always backs up a container's root volume"), "take it out of the list")
	case strings.HasPrefix(text, "unused"):
		return "", ui.Hint(fmt.Errorf("`%s` is never in a backup", text), "take it out of the list")
	}
	return "", ui.Hint(fmt.Errorf("`%s` is not a volume of a guest", text), "write it as the guest's configuration does, such as scsi1, virtio0, sata0, ide0, efidisk0, tpmstate0 or mp0")
}
