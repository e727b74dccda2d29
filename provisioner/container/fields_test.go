package container

import (
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

func TestTheNewestTemplateIsChosen(t *testing.T) {
	there := []string{
		"debian-12-standard_12.7-1_amd64.tar.zst", "debian-13-standard_13.9-1_amd64.tar.zst", "debian-13-standard_13.10-1_amd64.tar.zst", "debian-13-standard_13.10-1_amd64.tar.gz", "debian-13-standardised_99_amd64.tar.zst",
	}
	for wanted, want := range map[string]string{
		"debian-13-standard":                      "debian-13-standard_13.10-1_amd64.tar.zst",
		"debian-12-standard_12.7-1_amd64.tar.zst": "debian-12-standard_12.7-1_amd64.tar.zst",
		"debian-13-standard_13.9-1":               "debian-13-standard_13.9-1_amd64.tar.zst",
		"alpine":                                  "",
	} {
		if got := newest(there, wanted); got != want {
			t.Errorf("%s: %q", wanted, got)
		}
	}
}

// TestAConfigurationIsReadAsItWasWanted: what Proxmox VE makes of the wanted properties is recognised as the same.
func TestAConfigurationIsReadAsItWasWanted(t *testing.T) {
	container := &config.StoreContainer{
		Cores: 2, Memory: 2048, Storage: "local-zfs", Disk: 8, DataDisk: 1024, Bridge: "vmbr0", Address: "192.0.2.30/24", Gateway: "192.0.2.1", DNS: []string{"192.0.2.1", "192.0.2.2"},
	}
	const mark = "[pve-backup-exporter store=minio]"
	want := wanted(container, "minio", mark)
	got := current(map[string]string{
		"hostname": "minio", "cores": "2", "memory": "2048", "unprivileged": "1", "onboot": "1", "features": "nesting=1", "nameserver": "192.0.2.1 192.0.2.2", "ostype": "debian",
		"description": "mine %5B\n" + mark + "\n", "rootfs": "local-zfs:subvol-130-disk-0,size=8192M", "mp0": "local-zfs:subvol-130-disk-1,mp=/srv/minio,backup=1,size=1T",
		"net0": "name=eth0,bridge=vmbr0,firewall=1,gw=192.0.2.1,hwaddr=BC:24:11:00:00:09,ip=192.0.2.30/24,type=veth",
	}, mark)
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s: %q, wanted %q", name, got[name], text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	for flags, want := range map[string]string{"mp=/srv/minio,size=1G": "0", "mp=/srv/minio,backup=0,size=1G": "0", "mp=/srv/minio,backup=1,size=1G": "1"} {
		if got := current(map[string]string{"mp0": "local-zfs:x," + flags}, mark)[backupField]; got != want {
			t.Errorf("%s: %s", flags, got)
		}
	}
}

func TestAVolumeThatWasEnlargedIsKnown(t *testing.T) {
	for current, want := range map[string]bool{"a:50,mp=/x": true, "a:32,mp=/x": false, "a:16,mp=/x": false, "b:50,mp=/x": false, "a:50,mp=/y": false, "a:huge,mp=/x": false} {
		if grown(current, "a:32,mp=/x") != want {
			t.Errorf("%s", current)
		}
	}
}

func TestANetworkCardKeepsItsOwnAddress(t *testing.T) {
	got := withNetwork("name=eth0,bridge=vmbr9,hwaddr=BC:24:11:00:00:09,gw=192.0.2.254,ip=dhcp,tag=7,type=veth", "name=eth0,bridge=vmbr0,ip=192.0.2.30/24,firewall=1")
	if got != "name=eth0,bridge=vmbr0,ip=192.0.2.30/24,firewall=1,hwaddr=BC:24:11:00:00:09,tag=7,type=veth" {
		t.Error(got)
	}
}

func TestFingerprintsAreFoundInTheLogOfACreation(t *testing.T) {
	one, other := "SHA256:"+strings.Repeat("a", 43), "SHA256:"+strings.Repeat("B", 42)+"/"
	log := "extracting archive '/x'\nCreating SSH host key 'ssh_host_rsa_key' - this may take some time ...\ndone: " + one + " root@minio\nCreating SSH host key 'ssh_host_ed25519_key' - this may take some time ...\ndone: " + other +
		" root@minio\ndone: nothing\n  done: " + one + "x\nTASK OK\n"
	if got := strings.Join(fingerprints(log), " "); got != one+" "+other {
		t.Error(got)
	}
}
