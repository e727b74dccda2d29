package pvesim

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// startRestore makes the guest, locked, and starts the task that fills it. What is wrong with the archive or the storages shows in there.
func (c *Cluster) startRestore(r restore) string {
	g := &Guest{VMID: r.vmid, Type: r.kind, Node: r.node, Stopped: true, Lock: "create"}
	before := c.model.Guests[r.vmid]
	r.taken = map[string]bool{}
	if before != nil {
		g.Pool = before.Pool
		for _, v := range before.volumes() {
			r.taken[v.ID] = true
		}
	}
	c.change(func(m *Model) { m.AddGuest(g) })
	s, w := &script{at: c.at}, &work{}
	w.fails = func(reason string) string {
		if r.kind == "qemu" {
			w.lines = append(w.lines, timedLine{c.at, fmt.Sprintf("error before or during data restore, some or all disks were not completely restored. VM %d state is NOT cleaned up.", r.vmid)})
		}
		return c.undoRestore(g, before, reason)
	}
	config, refusal := c.restoreScript(&r, g, s, w)
	if before != nil {
		c.release(before)
	}
	w.ends = func() string {
		if refusal != "" {
			return w.failed(refusal)
		}
		g.Config, g.Lock, g.Pool = config, "", cmp.Or(r.pool, g.Pool)
		w.fails = nil
		if r.start {
			c.startGuest(g, r.user)
		}
		return "OK"
	}
	kind := map[string]string{"qemu": "qmrestore", "lxc": "vzrestore"}[r.kind]
	return c.beginWork(r.node, kind, decimal(r.vmid), r.user, s, w).upid
}

// undoRestore is what a failed restore leaves. A container goes away again, or stays as it was where it existed; a virtual machine stays,
// without its lock and without anything in it.
func (c *Cluster) undoRestore(g, before *Guest, reason string) string {
	c.release(g)
	if g.Type == "qemu" {
		g.Lock = ""
		return reason
	}
	delete(c.model.Guests, g.VMID)
	if before != nil {
		c.model.Guests[g.VMID] = before
	}
	return "unable to restore CT " + decimal(g.VMID) + " - " + reason
}

// restoreScript writes the log of a restore and plans its time. It returns the configuration that comes of it, or why it fails.
func (c *Cluster) restoreScript(r *restore, g *Guest, s *script, w *work) (config map[string]string, refusal string) {
	if r.kind == "lxc" {
		s.say("recovering backed-up configuration from '" + r.archive + "'")
	}
	s.pass(1)
	a := c.model.archiveAt(r.archive, r.node)
	if refusal := c.model.refusal(storageOf(r.archive), r.node); refusal != "" {
		return nil, refusal
	}
	if a == nil {
		return nil, "volume '" + r.archive + "' does not exist"
	}
	from, seed := c.model.contents(a), hash(c.options.Seed, uint64(r.vmid), uint64(c.at))
	if refusal := r.forbidden(from); refusal != "" {
		return nil, refusal
	}
	config = r.configuration(from, seed)
	job := restoreJob{restore: r, archive: a, from: from, guest: g, seed: seed, file: c.model.Storage(a.Storage).file(r.archive), pid: 1000 + int(seed%60000)}
	if r.kind == "qemu" {
		job.volumes = r.disks(c.model, from, config)
	} else if job.volumes, refusal = r.mountsOf(c.model, from); refusal != "" {
		return nil, refusal
	}
	for _, v := range job.volumes {
		config[v.key] = v.value
	}
	job.seconds = job.duration()
	if r.kind == "lxc" {
		defaultContainer(config, r.vmid)
		return config, c.containerScript(&job, s, w)
	}
	return config, c.machineScript(&job, s, w)
}

// restoreJob is one restore with all that is known of it.
type restoreJob struct {
	*restore
	archive *Archive
	from    *Guest
	guest   *Guest
	volumes []newVolume
	seed    uint64
	file    string
	pid     int
	seconds int64
}

// duration is how long the data takes, in seconds.
func (j *restoreJob) duration() int64 {
	bytes := j.archive.data()
	if j.kind == "qemu" {
		var total int64
		for _, v := range j.volumes {
			total += v.size
		}
		bytes += total / 8 // holes are cheap
	}
	rate := int64(200 << 20)
	if j.limit > 0 {
		rate = min(rate, j.limit<<10)
	}
	return max(bytes/rate, 2)
}

// forbidden says what of an archive's guest the caller may not have back: bridges, and devices of the node itself.
func (r *restore) forbidden(from *Guest) string {
	for key, value := range from.Config {
		if given, is := r.given[key]; is {
			value = given
		}
		_, properties := splitProperties(value)
		bridge := properties["bridge"]
		switch {
		case strings.HasPrefix(key, "net") && bridge != "" && !r.may("/sdn/zones/localnetwork/"+bridge, "SDN.Use"):
			return "Permission check failed (/sdn/zones/localnetwork/" + bridge + ", SDN.Use)"
		case r.kind != "qemu":
		case strings.HasPrefix(key, "hostpci") && properties["mapping"] == "":
			return "only root can set '" + key + "' config for non-mapped devices"
		case strings.HasPrefix(key, "usb") && properties["mapping"] == "" && !strings.Contains(value, "spice"):
			return "only root can set '" + key + "' config for real devices"
		}
	}
	return ""
}

// reserve takes the place of a restore on its storages, or says why it cannot.
func (c *Cluster) reserve(j *restoreJob, content, missing string) (full bool, refusal string) {
	if len(j.volumes) == 0 {
		return false, ""
	}
	share := j.archive.data() / int64(len(j.volumes))
	for _, v := range j.volumes {
		switch {
		case v.storage == nil:
			return false, "storage '" + cmp.Or(j.storage, storageOf(j.from.Config[v.key])) + "' does not exist"
		case c.model.refusal(v.storage.ID, j.node) != "":
			return false, c.model.refusal(v.storage.ID, j.node)
		case !v.storage.Holds(content):
			return false, fmt.Sprintf(missing, v.storage.ID)
		case !j.may("/storage/"+v.storage.ID, "Datastore.AllocateSpace"):
			return false, "Permission check failed (/storage/" + v.storage.ID + ", Datastore.AllocateSpace)"
		}
		full = full || v.storage.Size > 0 && share > c.free(v.storage, j.node)
		c.hold(j.guest, v.storage, share)
	}
	return full, ""
}

// containerScript is the log of pct restore.
func (c *Cluster) containerScript(j *restoreJob, s *script, w *work) (refusal string) {
	if j.archive.Corrupt {
		s.say("tar: This does not look like a tar archive", `zstd: /*stdin*\: unexpected end of file `, "tar: Child returned status 1", "tar: Error is not recoverable: exiting now")
		return "ERROR: archive contains no configuration file"
	}
	full, refusal := c.reserve(j, "rootdir", "storage '%s' does not support container directories")
	if refusal != "" {
		return refusal
	}
	for _, v := range j.volumes {
		s.say(v.allocation(j.seed)...)
	}
	s.pass(1)
	s.say("restoring '" + j.restore.archive + "' now..")
	w.command = "lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- tar xpf - --zstd --totals -C /var/lib/lxc/" + decimal(j.vmid) + "/rootfs"
	if j.file == "" {
		w.command = "/usr/bin/proxmox-backup-client restore " + strings.TrimPrefix(j.restore.archive, storageOf(j.restore.archive)+":backup/") + " root.pxar /var/lib/lxc/" + decimal(j.vmid) + "/rootfs"
	} else {
		s.say("extracting archive '" + j.file + "'")
	}
	if full {
		s.pass(max(j.seconds/2, 1))
		s.say("tar: ./var/log/journal: Cannot write: No space left on device", "tar: Exiting with failure status due to previous errors")
		return "command '" + w.command + "' failed: exit code 2"
	}
	s.pass(j.seconds)
	if j.file != "" {
		s.say(totals(j.archive.data(), j.seconds))
	}
	s.say("merging backed-up and given configuration..")
	s.pass(1)
	return ""
}

// totals is tar's last line.
func totals(bytes, seconds int64) string {
	return fmt.Sprintf("Total bytes read: %d (%s, %s/s)", bytes, tarSize(bytes), tarSize(bytes/max(seconds, 1)))
}

// tarSize writes a size as tar does: a digit behind the point below ten.
func tarSize(bytes int64) string {
	value, unit := float64(bytes), 0
	for value >= 1024 && unit < 4 {
		value, unit = value/1024, unit+1
	}
	name := []string{"B", "KiB", "MiB", "GiB", "TiB"}[unit]
	if value < 10 && unit > 0 {
		return fmt.Sprintf("%.1f%s", value, name)
	}
	return fmt.Sprintf("%.0f%s", value, name)
}

// defaultContainer is what PVE fills in for a container.
func defaultContainer(config map[string]string, vmid int) {
	for key, value := range map[string]string{"hostname": "CT" + decimal(vmid), "memory": "512", "swap": "512", "arch": "amd64"} {
		if config[key] == "" {
			config[key] = value
		}
	}
}

// ctimeText is a time as vma prints it.
func ctimeText(t int64, zone *time.Location) string {
	return time.Unix(t, 0).In(zone).Format("Mon Jan _2 15:04:05 2006")
}
