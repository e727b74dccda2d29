package plan

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

var scratch = Scratch{
	VMID: 990000, Storage: "local-lvm", Pool: "backup-drill", Archive: "nas:backup/vzdump-qemu-101-2026_11_22-01_00_00.vma.zst",
	Mark: Mark{Run: "0123456789abcdef", Until: 1795400000},
}

const machine = `#a comment of the owner
agent: 1,fstrim_cloned_disks=1
args: -device foo
balloon: 1024
boot: order=scsi0;ide2;net0
hookscript: local:snippets/hook.pl
hostpci0: 0000:01:00,pcie=1,mdev=nvidia-63
ide0: local-lvm:vm-101-cloudinit,media=cdrom,size=4M
ide2: local:iso/debian.iso,media=cdrom,size=600M
memory: 8192
name: web
net0: virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1
net1: e1000=BC:24:11:00:00:02,bridge=vmbr1,tag=5
onboot: 1
protection: 1
scsi0: local-lvm:vm-101-disk-0,iothread=1,size=32G
scsi1: local-lvm:vm-101-disk-1,backup=0,size=500G
serial0: socket
serial1: /dev/ttyS0
startup: order=2
tags: prod;web
usb0: host=1-1
virtiofs0: share
#qmdump#map:scsi0:drive-scsi0:local-lvm::
[before-upgrade]
memory: 4096
net0: virtio=BC:24:11:00:00:09,bridge=vmbr9
`

const container = `arch: amd64
dev0: /dev/dri/renderD128
hostname: files
memory: 2048
mp0: local-lvm:vm-102-disk-1,mp=/data,backup=1,size=100G
mp1: /mnt/host,mp=/media
mp2: local-lvm:vm-102-disk-2,mp=/cache,size=20G
net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:03,ip=dhcp,type=veth
onboot: 1
rootfs: local-lvm:vm-102-disk-0,size=8G
unprivileged: 1
`

// apply carries changes out as Proxmox VE does.
func apply(settings Settings, changes Changes) Settings {
	changed := maps.Clone(settings)
	maps.Copy(changed, changes.Set)
	for _, key := range changes.Remove {
		delete(changed, key)
	}
	return changed
}

func TestNothingThatReachesOutsideIsLeft(t *testing.T) {
	for _, test := range []struct {
		kind, text string
		gone       []string
		kept       []string
	}{
		{VM, machine, []string{"hookscript", "hostpci0", "ide2", "net0", "net1", "serial1", "startup", "usb0", "virtiofs0"}, []string{"scsi0", "ide0", "serial0", "name", "agent"}},
		{Container, container, []string{"dev0", "mp1", "net0"}, []string{"rootfs", "mp0", "hostname"}},
	} {
		before := ParseSettings(test.text)
		changes := Isolate(test.kind, before, scratch)
		if !slices.Equal(changes.Remove, test.gone) {
			t.Errorf("%s: removed %q, want %q", test.kind, changes.Remove, test.gone)
		}
		after := apply(before, changes)
		for _, key := range test.kept {
			if after[key] != before[key] {
				t.Errorf("%s: %s was %q and is %q", test.kind, key, before[key], after[key])
			}
		}
		if after["onboot"] != "0" || after["protection"] == "1" || after["tags"] != Tag {
			t.Errorf("%s: got %v", test.kind, after)
		}
		if mark, found := FindMark(after["description"] + "\n"); !found || mark != scratch.Mark {
			t.Errorf("%s: the mark is not found again in %q", test.kind, after["description"])
		}
		if again := Isolate(test.kind, after, scratch); !again.Empty() {
			t.Errorf("%s: a second look wants %+v", test.kind, again)
		}
	}
}

func TestDiscsAreTakenOutAndCloudInitStays(t *testing.T) {
	changes := Isolate(VM, ParseSettings(machine), scratch)
	if !slices.Contains(changes.Remove, "ide2") || slices.Contains(changes.Remove, "ide0") || changes.Set["ide0"] != "" {
		t.Errorf("got %+v", changes)
	}
}

func TestMemoryIsLimitedWhereALimitIsDeclared(t *testing.T) {
	limited := scratch
	limited.Memory = 2048
	for text, want := range map[string]string{"8192": "2048", "current=4096": "2048", "2048": "", "1024": "", "": ""} {
		changes := Isolate(VM, Settings{"memory": text, "balloon": "512", "numa0": "cpus=0,memory=8192"}, limited)
		if changes.Set["memory"] != want || slices.Contains(changes.Remove, "balloon") != (want != "") || slices.Contains(changes.Remove, "numa0") != (want != "") {
			t.Errorf("memory %q: got %+v", text, changes)
		}
	}
}

func TestLastLookRefusesWhatIsNotCutOff(t *testing.T) {
	limited := scratch
	for _, test := range []struct {
		name, kind, key, value, want string
	}{
		{"as it should be", VM, "", "", ""},
		{"a network", VM, "net0", "virtio=BC:24:11:00:00:01,bridge=vmbr0", "net0"},
		{"a network without a bridge", VM, "net0", "virtio=BC:24:11:00:00:01", "net0"},
		{"a device", VM, "hostpci0", "mapping=gpu", "hostpci0"},
		{"autostart", VM, "onboot", "1", "onboot"},
		{"another mark", VM, "description", "[pve-backup-exporter drill run=ffffffffffffffff until=1795400000]", "description"},
		{"the source's disk", VM, "scsi1", "local-lvm:vm-101-disk-0,size=32G", "scsi1"},
		{"a disk elsewhere", VM, "scsi1", "other:vm-990000-disk-1,size=32G", "scsi1"},
		{"a raw disk", VM, "scsi1", "/dev/disk/by-id/ata-1", "scsi1"},
		{"raw arguments", VM, "args", "-netdev user", "args"},
		{"a folder of the host", Container, "mp1", "/mnt/host,mp=/media", "mp1"},
		{"the source's volume", Container, "mp1", "local-lvm:subvol-102-disk-1,mp=/data", "mp1"},
		{"raw lines", Container, "lxc.mount.entry", "/dev/dri dev/dri none bind", "lxc.mount.entry"},
	} {
		settings := Settings{"memory": "512", "description": limited.Mark.Description("x"), "tags": Tag, "onboot": "0", "rootfs": "local-lvm:subvol-990000-disk-0,size=8G"}
		if test.kind == VM {
			delete(settings, "rootfs")
			settings["scsi0"], settings["ide2"] = "local-lvm:990000/vm-990000-disk-0.qcow2,size=32G", "local-lvm:vm-990000-cloudinit,media=cdrom"
			settings["efidisk0"] = "file=local-lvm:vm-990000-disk-1,size=4M"
		}
		if test.key != "" {
			settings[test.key] = test.value
		}
		err := Refuse(test.kind, settings, limited)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}

func TestRestoreIsAskedForCutOffAndMarked(t *testing.T) {
	options := RestoreOptions(VM, ParseSettings(machine), scratch)
	for key, want := range map[string]string{
		"archive": scratch.Archive, "storage": "local-lvm", "pool": "backup-drill", "unique": "1", "onboot": "0", "tags": Tag,
		"net0": "virtio,link_down=1", "net1": "e1000,link_down=1", "usb0": "spice", "force": "", "start": "", "scsi0": "", "hostpci0": "",
	} {
		if options[key] != want {
			t.Errorf("virtual machine: %s is %q, want %q", key, options[key], want)
		}
	}
	options = RestoreOptions(Container, ParseSettings(container), scratch)
	for key, want := range map[string]string{
		"ostemplate": scratch.Archive, "restore": "1", "rootfs": "local-lvm:8", "mp0": "local-lvm:100,mp=/data,backup=1",
		"mp1": "", "mp2": "", "net0": "name=eth0", "dev0": "", "force": "", "unprivileged": "",
	} {
		if options[key] != want {
			t.Errorf("container: %s is %q, want %q", key, options[key], want)
		}
	}
	if _, found := FindMark(options["description"]); !found {
		t.Error("a restore is asked for without the mark")
	}
	// A root volume whose size nobody knows cannot be asked for: then all comes from the archive.
	options = RestoreOptions(Container, Settings{"rootfs": "local-lvm:vm-102-disk-0", "mp0": "local-lvm:vm-102-disk-1,mp=/data,backup=1,size=1G"}, scratch)
	if options["rootfs"] != "" || options["mp0"] != "" {
		t.Errorf("got %v", options)
	}
}

func TestSnapshotsInAnArchivesConfigurationAreNotTheGuest(t *testing.T) {
	settings := ParseSettings(machine)
	if settings["memory"] != "8192" || settings["net0"] != "virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1" || settings["scsi0"] == "" {
		t.Errorf("got %v", settings)
	}
}
