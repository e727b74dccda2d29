package collector

import "github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"

// Labels of the missing permissions.
const (
	LabelPath      = "path"      // the path of Proxmox VE's access control, as /vms
	LabelPrivilege = "privilege" // as VM.Audit
)

// PermissionMissing is the name of the metric about privileges that the token lacks.
const PermissionMissing = Prefix + "permission_missing"

var permissions = group[snapshot.Permission]{
	labels:   []string{LabelPath, LabelPrivilege},
	identity: func(p *snapshot.Permission) []string { return []string{p.Path, p.Privilege} },
	families: []family[snapshot.Permission]{
		{
			name:    PermissionMissing,
			meaning: "1 for a privilege that the declared file's features need and that the token lacks on this path.",
			origin:  "GET /access/permissions",
			value:   one[snapshot.Permission],
		},
	},
}
