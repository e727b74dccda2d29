package pvesim

import (
	"fmt"
	"strings"
)

// machineScript is the log of qmrestore.
func (c *Cluster) machineScript(j *restoreJob, s *script, w *work) (refusal string) {
	temporary := fmt.Sprintf("/var/tmp/vzdumptmp%d", j.pid)
	unpack := fmt.Sprintf("vma extract -v -r %s.fifo %s %s", temporary, j.file, temporary)
	if packer := map[string]string{"zst": "zstd -q -d -c", "gz": "zcat", "lzo": "lzop -d -c"}[lastPart(j.file)]; packer != "" {
		unpack = fmt.Sprintf("%s %s | vma extract -v -r %s.fifo - %s", packer, j.file, temporary, temporary)
	}
	w.command = "set -o pipefail && " + unpack
	pbs := j.file == ""
	if !pbs {
		s.say("restore vma archive: " + unpack)
	}
	if j.archive.Corrupt {
		s.pass(1)
		s.say("vma: restore failed - wrong vma header md5sum")
		return "command '" + w.command + "' failed: exit code 1"
	}
	full, refusal := c.reserve(j, "images", "Content type 'images' is not available on storage '%s'")
	if refusal != "" {
		return refusal
	}
	if pbs {
		return c.snapshotScript(j, s, w, full)
	}
	s.say(fmt.Sprintf("CFG: size: %d name: qemu-server.conf", len(configText(j.from))))
	var total int64
	for i, v := range j.volumes {
		s.say(fmt.Sprintf("DEV: dev_id=%d size: %d devname: drive-%s", i+1, v.size, v.key))
		total += v.size
	}
	s.say("CTIME: " + ctimeText(j.archive.Created, c.nodes[j.node].node.Zone))
	s.pass(1)
	for _, v := range j.volumes {
		s.say(append(v.allocation(j.seed), "new volume ID is '"+v.id+"'")...)
	}
	for _, v := range j.volumes {
		s.say(fmt.Sprintf("map 'drive-%s' to '%s' (write zeros = %d)", v.key, devicePath(v.storage, v.id), b2i(v.storage.Type == "lvm")))
	}
	if full {
		j.progress(s, total, 37, -1)
		s.say("vma: restore failed - blk_pwrite to "+j.volumes[0].key+" failed (-28)", "/bin/bash: line 1: Broken pipe")
		return "command '" + w.command + "' failed: exit code 1"
	}
	j.progress(s, total, 100, -1)
	holes := max(total-j.archive.data(), 0)
	s.say(fmt.Sprintf("total bytes read %d, sparse bytes %d (%.3g%%)", total, holes, 100*float64(holes)/float64(max(total, 1))),
		fmt.Sprintf("space reduction due to 4K zero blocks %.3g%%", between(j.seed, 0.3, 4)), "rescan volumes...")
	s.pass(1)
	return ""
}

// snapshotScript is the log of a restore from a Proxmox Backup Server.
func (c *Cluster) snapshotScript(j *restoreJob, s *script, w *work, full bool) (refusal string) {
	repository := c.model.Storage(j.archive.Storage).Repository()
	snapshot := j.archive.name()
	for _, v := range j.volumes {
		s.say(append(v.allocation(j.seed), "new volume ID is '"+v.id+"'")...)
	}
	s.pass(1)
	for _, v := range j.volumes {
		device := devicePath(v.storage, v.id)
		w.command = fmt.Sprintf("/usr/bin/pbs-restore --repository %s %s drive-%s.img.fidx %s --verbose --format raw --skip-zero", repository, snapshot, v.key, device)
		s.say("restore proxmox backup image: "+w.command, "connecting to repository '"+repository+"'", "using up to 4 threads", "open block backend for target",
			"starting to restore snapshot '"+snapshot+"'", "download and verify backup index")
		if full {
			return "command '" + w.command + "' failed: exit code 255"
		}
		began := s.at
		j.progress(s, v.size, 100, 100-min(100*j.archive.data()/max(v.size, 1), 100))
		took := float64(max(s.at-began, 1))
		s.say(fmt.Sprintf("restore image complete (bytes=%d, duration=%.2fs, speed=%.2fMB/s)", v.size, took, float64(v.size)/took/(1<<20)))
	}
	s.say("rescan volumes...")
	s.pass(1)
	return ""
}

// progress prints a line for each percent of the data up to the last. With holes, a share in percent, it is that of a backup server's client;
// below 0 it is vma's.
func (j *restoreJob) progress(s *script, total, last, holes int64) {
	began, zeroes := s.at, ""
	for percent := int64(1); percent <= last; percent++ {
		s.at = began + j.seconds*percent/100
		if holes >= 0 {
			zeroes = fmt.Sprintf("zeroes = %d%% (%d bytes), ", holes, total*percent/100*holes/100)
		}
		s.say(fmt.Sprintf("progress %d%% (read %d bytes, %sduration %d sec)", percent, total*percent/100, zeroes, s.at-began))
	}
}

// lastPart is what follows a path's last point.
func lastPart(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
