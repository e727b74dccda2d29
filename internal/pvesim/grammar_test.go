package pvesim_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// grammar lists the shapes of all lines that vzdump 9 and its helpers print, as its sources format them and as logs from the field show
// them. What follows a name in quotes may be anything: guests name themselves.
var grammar = compile(
	// the job
	`INFO: starting new backup job: vzdump( \d+)*( --[a-z-]+ ('.*'|\S+))*`,
	`INFO: skip external VMs: \d+(, \d+)*`,
	`INFO: trying to get global lock - waiting\.\.\.`,
	`INFO: got global lock`,
	`ERROR: can't acquire lock '/var/run/vzdump\.lock' - (got timeout|interrupted by signal)`,
	`INFO: Backup job finished (successfully|with errors)`,
	`ERROR: Backup job failed - .+`,
	"INFO: notified via target `[^`]+`",
	`TASK OK`, `TASK WARNINGS: [1-9]\d*`, `TASK ERROR: .+`,
	// a guest's frame
	`INFO: Starting Backup of VM \d+ \((qemu|lxc)\)`,
	`INFO: (Backup started|Backup finished|Failed) at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d`,
	`INFO: status = (running|stopped)`,
	`INFO: backup mode: (snapshot|suspend|stop)`,
	`INFO: bandwidth limit: \d+ KiB/s`, `INFO: ionice priority: \d`,
	`INFO: mode failure - some volumes do not support snapshots`, `INFO: trying 'suspend' mode instead`,
	`INFO: stopping virtual guest`, `INFO: suspending guest`, `INFO: resuming guest`, `INFO: resume vm`, `INFO: restarting vm`,
	`INFO: guest is online again after (<1|\d+) seconds`,
	`INFO: creating (vzdump|Proxmox Backup Server) archive '.+'`,
	`INFO: archive file size: (\d+KB|\d+MB|\d+\.\d\dGB|\d+\.\d\dTB)`,
	`INFO: adding notes to backup`, `WARN: unable to add notes - .+`, `INFO: marking backup as protected`,
	`INFO: prune older backups with retention: keep-[a-z]+=\d+(, keep-[a-z]+=\d+)*`,
	`INFO: removing backup '[^']+'`, `INFO: running 'proxmox-backup-client prune' for '(vm|ct)/\d+'`,
	`INFO: pruned (0 backup\(s\)|[1-9]\d* backup\(s\) not covered by keep-retention policy)`,
	`ERROR: error when removing backup '.+' - .+`, `ERROR: prune '(vm|ct)/\d+': .+`,
	`INFO: Finished Backup of VM \d+ \(\d\d+:\d\d:\d\d\)`,
	`ERROR: Backup of VM \d+ failed - .+`,
	`INFO: HOOK: (job-init|job-start|job-end|job-abort|(backup-start|backup-end|log-end) (snapshot|suspend|stop) \d+)`,
	`INFO: (DUMPDIR|HOSTNAME|STOREID|TARGET|VMTYPE)=.*`,
	`WARN: command '.+' failed: exit code \d+`,
	// machines
	`INFO: VM Name: .+`,
	`INFO: include disk '[a-z]+\d+' '.+' \d+[KMGT]?`, `INFO: exclude disk '[a-z]+\d+' '.+' \(.+\)`,
	`INFO: skip unused drive '.+' \(not included into backup\)`, `INFO: snapshots found \(not included into backup\)`,
	`INFO: backup contains no disks`, `INFO: starting diskless backup`, `INFO: /usr/bin/(vma create|proxmox-backup-client backup) .+`,
	`INFO: starting kvm to execute backup task`, `INFO: stopping kvm after backup task`,
	`INFO: issuing guest-agent 'fs-(freeze|thaw)' command`, `INFO: starting backup via QMP command`,
	`INFO: started backup task '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'`,
	`INFO: resuming VM again( after \d+ seconds)?`, `INFO: aborting backup job`,
	`INFO: [a-z]+\d+: dirty-bitmap status: (created new|OK \(.+ dirty\))`,
	`INFO: using fast incremental mode \(dirty-bitmap\), [\d.]+ [KMGT]?i?B dirty of [\d.]+ [KMGT]?i?B total`,
	`INFO: [ \d]{2}\d% \([\d.]+ [KMGT]?i?B of [\d.]+ [KMGT]iB\) in (\d+[wdhms])( \d+[dhms])*, read: ([\d.]+ [KMGT]?i?B|0 B)/s, write: ([\d.]+ [KMGT]?i?B|0 B)/s`,
	`INFO: backup is sparse: [\d.]+ [KMGT]?i?B \(\d+%\) total zero data`, `INFO: backup was done incrementally, reused [\d.]+ [KMGT]?i?B \(\d+%\)`,
	`INFO: transferred [\d.]+ [KMGT]?i?B in (\d+ seconds \([\d.]+ [KMGT]?i?B/s\)|<1 seconds)`,
	`ERROR: (job failed with err -\d+ - .+|VM \d+ qmp command 'backup' failed - .+|vma_queue_write: write error - .+|backup write data failed: .+|interrupted by signal|got unexpected uuid)`,
	`ERROR: start failed: QEMU exited with code 1`, `ERROR: VM \d+ not running`, `kvm: -drive file=.+: Could not open .+: Permission denied`,
	`zstd: error 70 : Write error : cannot write block : No space left on device `,
	// containers
	`INFO: CT Name: .*`,
	`INFO: including mount point (rootfs|mp\d+) \('.+'\) in backup`, `INFO: excluding (volume|bind|device) mount point mp\d+ \('.+'\) from backup \((disabled|not a volume)\)`,
	`INFO: create storage snapshot 'vzdump'`, `INFO: cleanup temporary 'vzdump' snapshot`,
	`INFO: starting (first|final) sync /proc/\d+/root/ to .+`, `INFO: (first|final) sync finished - transferred [\d.]+[KMGT]? bytes in \d+s`,
	`INFO: Total bytes written: \d+ \([\d.]+[KMGT]?i?B, [\d.]+[KMGT]?i?B/s\)`,
	`INFO: (tar|zstd|Error): .+`,
	`INFO: set max number of entries in memory for file-based backups to \d+`, `INFO: run: lxc-usernsexec .+`,
	`INFO: Starting backup: (vm|ct)/\d+/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ( {4})?`, `INFO: Client name: \S+ {4}`, `INFO: (Starting backup protocol|End Time): \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} {4}`,
	`INFO: No previous manifest available\. {4}`, `INFO: Downloading previous manifest \(.+\) {4}`,
	`INFO: Upload (config file|directory) '.+' to '.+' as (pct\.conf\.blob|root\.pxar\.didx) {4}`, `INFO: processed [\d.]+ [KMGT]?i?B in (\d+[hms] ?)+, uploaded [\d.]+ [KMGT]?i?B`,
	`INFO: root\.pxar: had to backup [\d.]+ [KMGT]?i?B of [\d.]+ [KMGT]?i?B \(compressed [\d.]+ [KMGT]?i?B\) in [\d.]+ s \(average [\d.]+ [KMGT]?i?B/s\)`,
	`INFO: root\.pxar: backup was done incrementally, reused [\d.]+ [KMGT]?i?B \([\d.]+%\)`, `INFO: Uploaded backup catalog \([\d.]+ [KMGT]?i?B\)`, `INFO: Duration: [\d.]+s( {4})?`,
)

// compile anchors the shapes.
func compile(shapes ...string) []*regexp.Regexp {
	all := make([]*regexp.Regexp, len(shapes))
	for i, shape := range shapes {
		all[i] = regexp.MustCompile("^(?s:" + shape + ")$")
	}
	return all
}

// checkGrammar complains of lines that no shape fits, and returns which shapes were seen.
func checkGrammar(t *testing.T, log []byte, seen map[int]bool) {
	t.Helper()
	for line := range strings.Lines(string(log)) {
		line = strings.TrimSuffix(line, "\n")
		found := false
		for i, shape := range grammar {
			if shape.MatchString(line) {
				seen[i], found = true, true
				break
			}
		}
		if !found {
			t.Errorf("no such line in vzdump: %.200q", line)
		}
	}
}

func TestLogsSpeakTheRealGrammar(t *testing.T) {
	seen := map[int]bool{}
	for _, storage := range []string{"nas", "pbs"} {
		for _, mode := range []string{"snapshot", "suspend", "stop"} {
			for _, outcome := range runlog.Outcomes() {
				for _, hook := range []string{"", "/usr/local/bin/hook.pl"} {
					c, clock := workbench(t)
					c.Change(func(m *pvesim.Model) { m.AddRule(pvesim.Rule{Outcome: outcome}) })
					options := map[string]string{"vmid": "100,101,102,103,104,999", "storage": storage, "mode": mode, "script": hook, "compress": "zstd", "bwlimit": "5000"}
					if hook != "" {
						options["notes-template"], options["compress"], options["protected"] = "{{guestname}}", "", "1"
					}
					for range 4 { // so that there is something to prune
						log, _, _ := backup(c, clock, options)
						checkGrammar(t, log, seen)
					}
				}
			}
		}
	}
	checkGrammar(t, logsOfRareThings(t), seen)
	for i, shape := range grammar {
		if !seen[i] {
			t.Errorf("nothing ever prints %s", shape)
		}
	}
}

// logsOfRareThings are runs that wait, are stopped or fail as a whole, and guests of uncommon sizes.
func logsOfRareThings(t *testing.T) (logs []byte) {
	c, clock := workbench(t)
	c.Change(func(m *pvesim.Model) {
		for i := range 5 {
			m.Guests[100+i].Snapshots = true
		}
		m.Guests[100].Config["scsi0"] = "local-zfs:vm-100-disk-0,size=4T"
		m.Guests[100].Used = 3 << 40
		m.Guests[101].Config["scsi0"] = "local-zfs:vm-101-disk-0,size=1M"
		m.Guests[101].Used = 1 << 10
		m.Guests[104].Node = "pve2"
		m.Storage("nas").Size = 1 << 50
		defer m.AddRule(pvesim.Rule{Task: "could not activate storage 'x': y"})()
		logs = append(logs, m.Log(m.Backup("pve1", map[string]string{"vmid": "100", "storage": "nas"}, "root@pam"))...)
	})
	c.Change(func(m *pvesim.Model) {
		m.AddRule(pvesim.Rule{VMID: 102, Outcome: runlog.Warned})
		first := m.Backup("pve1", map[string]string{"vmid": "100,101,104", "storage": "nas", "compress": "zstd"}, "root@pam")
		second := m.Backup("pve1", map[string]string{"vmid": "102", "storage": "nas"}, "root@pam")
		third := m.Backup("pve1", map[string]string{"vmid": "103", "storage": "nas"}, "root@pam")
		fourth := m.Backup("pve1", map[string]string{"vmid": "103", "storage": "nas"}, "root@pam")
		m.Stop(third)
		clock.Advance(2 * 24 * time.Hour)
		m.At(m.Now().Add(90*time.Minute), func(m *pvesim.Model) { m.Stop(first) })
		m.At(clock.Now(), func(m *pvesim.Model) {
			for _, upid := range []string{first, second, third, fourth} {
				logs = append(logs, m.Log(upid)...)
			}
		})
	})
	c.Change(func(*pvesim.Model) {})
	return logs
}
