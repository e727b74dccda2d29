package cluster

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// chance picks at random, the same for the same seed.
type chance struct{ *rand.Rand }

func (c chance) of(words ...string) string { return words[c.IntN(len(words))] }

func (c chance) one(in int) bool { return c.IntN(in) == 0 }

// ids lists some guests, now and then one that does not exist, in any order and with Proxmox VE's separators.
func (c chance) ids() string {
	var list []string
	for _, i := range c.Perm(12)[:1+c.IntN(5)] {
		list = append(list, strconv.Itoa(100+i))
	}
	return strings.Join(list, c.of(",", ";", ", "))
}

func (c chance) id(n int) string {
	switch c.IntN(8) {
	case 0:
		return fmt.Sprintf("58366bfd-f479-4691-a4f2-58ddbed29d%02d", n)
	case 1:
		return fmt.Sprintf("da39a3ee5e6b4b0d3255bfef95601890afd807%02d:%d", n, n)
	case 2:
		return fmt.Sprintf("f3a1c2b4-5678-4abc-9def-0123456789%02d", n)
	case 3:
		return strings.Repeat("x", 49) + fmt.Sprintf("%02d", n)
	}
	return fmt.Sprintf("%s%d", c.of("backup-Prod_", "unassigned", "j", "backup-12345678-"), n)
}

// job makes a job of any kind, with what old versions and other programs may have left in it.
func (c chance) job(n int) *pvesim.Job {
	job := &pvesim.Job{ID: c.id(n), Schedule: c.of("01:00", "sun 05:00", "mon..fri 22:30", "*-*-01 04:00", "2020-01-01 00:00", "daily"), Disabled: c.one(3), Options: map[string]string{}}
	set := func(in int, name string, values ...string) {
		if c.one(in) {
			job.Options[name] = c.of(values...)
		}
	}
	switch c.IntN(5) {
	case 0:
		job.Options["all"] = "1"
		set(2, "exclude", c.ids())
	case 1:
		job.Options["pool"] = c.of("prod", "lab/web")
		set(3, "exclude", c.ids())
	case 2:
		job.Options["exclude"] = c.ids()
	default:
		job.Options["vmid"] = c.ids()
	}
	set(3, "node", "pve1", "pve2", "ghost")
	job.Options["storage"] = c.of("local", "backup-nfs", "pbs-remote", "ceph", "nope", "usb.1")
	if c.one(12) {
		delete(job.Options, "storage")
	}
	set(2, "mode", "snapshot", "suspend", "stop")
	set(2, "compress", "0", "1", "gzip", "lzo", "zstd")
	set(2, "prune-backups", "keep-last=3", "keep-daily=7,keep-last=0", "keep-all=1", "keep-last=0", "keep-weekly=4,keep-daily=7")
	set(5, "zstd", "0", "4")
	set(5, "bwlimit", "0", "51200")
	set(5, "protected", "0", "1")
	set(5, "repeat-missed", "0", "1")
	set(5, "notification-mode", "auto", "legacy-sendmail", "notification-system")
	set(5, "mailnotification", "always", "failure")
	set(5, "mailto", "ops@example.org", "b@example.org;a@example.org", "root", "odd address@", "x@y,x@y")
	set(4, "notes-template", "{{guestname}}", "{{vmid}}\\n{{node}}", "{{nonsense}}", "[job x]: \"#'")
	set(5, "fleecing", "1,storage=local-zfs", "enabled=0", "enabled=1,storage=nope")
	set(5, "pbs-change-detection-mode", "legacy", "data", "metadata")
	set(4, "comment", "nightly: # of \"all\"", " blanks ", "[pve-backup-exporter environment=prod]", "x [pve-backup-exporter owner=b environment=unassigned]", "two\nlines", "ünïcode")
	set(8, "ionice", "3")
	set(8, "lockwait", "10")
	set(8, "remove", "0")
	set(8, "exclude-path", "/tmp/?*\n/var/cache")
	set(8, "performance", "max-workers=4,pbs-entries-max=1048576")
	set(8, "script", "/root/hook.pl")
	set(12, "dumpdir", "/var/old")
	return job
}

// storages are those of the cluster, each with some of what its type can have.
func (c chance) storages(m *pvesim.Model) {
	for _, storage := range m.Storages {
		storage.Disabled = c.one(6)
		if c.one(4) {
			storage.Nodes = []string{c.of("pve1", "pve2")}
		}
		storage.Retention = c.of("", "keep-last=3", "keep-all=1", "keep-daily=7,keep-last=0")
		if c.one(3) {
			storage.Config["max-protected-backups"] = c.of("-1", "0", "5")
		}
	}
	add := func(id, kind string, config map[string]string, content ...string) {
		m.Storages = append(m.Storages, &pvesim.Storage{ID: id, Type: kind, Content: content, Config: config})
	}
	add("usb.1", "dir", map[string]string{"path": "/mnt/usb", "is_mountpoint": c.of("1", "yes", "no", "/mnt"), "create-base-path": c.of("0", "1"), "shared": c.of("0", "1")}, "backup", "iso")
	add("share", "cifs", map[string]string{"server": "nas", "share": c.of("backup", "a b"), "username": "b", "domain": "W", "smbversion": c.of("default", "3.0", "3")}, "backup")
	add("ceph", "cephfs", map[string]string{"path": "/mnt/pve/ceph"}, "backup", "vztmpl")
	add("pbs2", "pbs", map[string]string{
		"server": "pbs", "datastore": "d", "namespace": c.of("a", "a/b"), "port": c.of("8007", "443"), "username": "b@pbs!t", "encryption-key": "ab:cd",
		"fingerprint": strings.TrimSuffix(strings.Repeat(c.of("ab:", "AB:"), 32), ":"),
	}, "backup")
}

// guests get volumes of all kinds, in and out of backups.
func (c chance) guests(m *pvesim.Model) {
	for _, vmid := range m.VMIDs() {
		guest := m.Guests[vmid]
		guest.Pool = c.of("", "prod", "lab/web")
		config := guest.Config
		if guest.Type == "lxc" {
			config["mp0"] = "local-zfs:subvol-1-disk-1,mp=/data" + c.of("", ",backup=0", ",backup=1")
			config["mp1"] = "/srv/host,mp=/host" + c.of("", ",backup=1")
			continue
		}
		config["scsi1"] = "local-zfs:vm-1-disk-1,size=1G" + c.of("", ",backup=0", ",backup=1")
		config["ide2"] = "local:iso/debian.iso,media=cdrom"
		config["efidisk0"] = "local-zfs:vm-1-disk-2,size=4M" + c.of("", ",backup=0")
		config["bios"] = c.of("seabios", "ovmf")
	}
	if c.one(4) {
		m.Node("pve2").Offline = true
	}
}

// TestAPlanByADumpOfAnyClusterChangesNothing is the promise of a dump, on clusters at random.
func TestAPlanByADumpOfAnyClusterChangesNothing(t *testing.T) {
	rounds := 120
	if testing.Short() {
		rounds = 20
	}
	pairs, comments := 0, 0
	for seed := range rounds {
		c := chance{rand.New(rand.NewPCG(uint64(seed), 4))}
		_, client := simulate(t, pvesim.Options{}, func(m *pvesim.Model) {
			m.Pools = map[string]*pvesim.Pool{"prod": {}, "lab/web": {}}
			c.storages(m)
			c.guests(m)
			m.Jobs = nil
			for n := range c.IntN(8) {
				job := c.job(n)
				m.Jobs = append(m.Jobs, job)
				if c.one(3) { // the same guests onto another storage
					twin := c.job(50 + n)
					for _, name := range []string{"all", "vmid", "pool", "exclude", "node"} {
						delete(twin.Options, name)
						if value := job.Options[name]; value != "" {
							twin.Options[name] = value
						}
					}
					m.Jobs = append(m.Jobs, twin)
				}
			}
		})
		text, file := dumpOf(t, client)
		made, wish := planOf(t, file, read(t, client, NeedOf(file, "home", nil)))
		if len(made.Changes)+len(made.Pending)+len(made.Refusals)+len(wish.Problems) > 0 {
			t.Fatalf("seed %d: got %+v\n%s\n%s", seed, made, lines(wish.Problems), text)
		}
		pairs += strings.Count(text, "offsite:")
		comments += strings.Count(text, "is left as it is:")
	}
	if pairs < rounds/50 || comments < rounds/50 {
		t.Errorf("%d pairs of jobs and %d unsayable properties in %d clusters: the clusters are too plain", pairs, comments, rounds)
	}
}
