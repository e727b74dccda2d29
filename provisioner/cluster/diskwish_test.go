package cluster

import (
	"maps"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

func TestEveryVolumeOfADeclaredGuestIsWanted(t *testing.T) {
	in := func(key string) pve.IncludedVolume { return pve.IncludedVolume{Key: key, Included: true} }
	out := func(key string) pve.IncludedVolume { return pve.IncludedVolume{Key: key} }
	const file = `environments:
  prod:
    guests: {pools: [prod]}
    backup:
      profile: prod
      storage: local
      excluded_disks:
        - {vmid: 100, disks: [scsi1, scsi9]}
        - {vmid: 200, disks: [scsi0]}
  lab: {guests: {vmids: [102]}, backup: {profile: lab, storage: local, disks: unmanaged}}
  far: {guests: {nodes: [pve2]}, backup: {profile: lab, storage: local}}
exempt:
  - {vmid: 201, note: scratch}
`
	inv := inventory(t)
	inv.Volumes = map[int][]pve.IncludedVolume{
		100: {in("scsi0"), out("scsi1"), out("scsi2"), out("efidisk0"), in("tpmstate0")},
		101: {in("rootfs"), out("mp0"), {Key: "mp1", NotVolume: true}, in("mp2")},
		102: {out("scsi0")},
		200: {out("scsi0")},
		201: {out("mp0")},
		202: {out("efidisk0")},
	}
	inv.Firmware[202] = true
	inv.Pending[101] = map[string]bool{"mp0": true}
	made, wish := planOf(t, load(t, file), inv)
	got := map[string]string{}
	for _, one := range wish.Desired {
		if one.Kind == plan.GuestDisk {
			got[one.ID] = one.Environment + " " + one.Fields[FlagField].Text + " " + one.At
		}
	}
	const everywhere, exclusion, far = "config.yml:7:5", "config.yml:11:11", "config.yml:14:34"
	want := map[string]string{
		"qemu/100:scsi0": "prod 1 " + everywhere, "qemu/100:scsi1": "prod 0 " + exclusion, "qemu/100:scsi2": "prod 1 " + everywhere, "qemu/100:tpmstate0": "prod 1 " + everywhere,
		"lxc/101:mp0": "prod 1 " + everywhere, "lxc/101:mp2": "prod 1 " + everywhere, "qemu/200:scsi0": "far 1 " + far, "qemu/202:efidisk0": "far 1 " + far,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	const warnings = "config.yml:11:11: guest 100 has no volume scsi9\n" +
		"config.yml:12:11: guest 200 does not belong to environment prod: nothing is left out of its backups here\n"
	if lines(wish.Warnings) != warnings {
		t.Errorf("warnings: got %s", lines(wish.Warnings))
	}
	changed := map[string]bool{}
	for _, change := range made.Changes {
		if change.Kind == plan.GuestDisk {
			changed[change.ID] = true
		}
	}
	if want := map[string]bool{"qemu/100:scsi2": true, "qemu/200:scsi0": true, "qemu/202:efidisk0": true}; !maps.Equal(changed, want) {
		t.Errorf("changed: got %v, want %v", changed, want)
	}
	if len(made.Pending) != 1 || made.Pending[0].ID != "lxc/101:mp0" {
		t.Errorf("pending: got %+v", made.Pending)
	}
}

func TestVolumesOnANodeThatIsOffline(t *testing.T) {
	inv := inventory(t)
	inv.Nodes[1].Online = false
	inv.Volumes = map[int][]pve.IncludedVolume{200: {{Key: "scsi0", Included: true}, {Key: "scsi1"}}}
	made, wish := planOf(t, load(t, "environments:\n  a: {guests: {vmids: [200]}, backup: {profile: prod, storage: local}}\n"), inv)
	for _, change := range made.Changes {
		if change.Kind == plan.GuestDisk {
			t.Errorf("%s would be changed", change.ID)
		}
	}
	if got, want := lines(wish.Warnings), "config.yml:5:31: guest 200 cannot be changed while node pve2 is offline: scsi1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
