package vzdump

import (
	"bufio"
	"bytes"
	"fmt"
	"testing"
	"time"
)

// BenchmarkParser compares the parser with the least that anybody can do with a log, a bufio.Scanner that splits it into lines, on the
// same bytes in the same run. The metric x-scan is the parser's throughput as a share of the scanner's.
func BenchmarkParser(b *testing.B) {
	for name, log := range map[string][]byte{"virtual-machines": machinesLog(2000), "containers": containersLog(2000)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(log)))
			b.ReportAllocs()
			var scan, parse time.Duration
			for b.Loop() {
				begin := time.Now()
				lines := bufio.NewScanner(bytes.NewReader(log))
				count := 0
				for lines.Scan() {
					count += len(lines.Bytes())
				}
				scan += time.Since(begin)
				if count == 0 {
					b.Fatal("nothing was scanned")
				}
				begin = time.Now()
				if report, err := Parse(bytes.NewReader(log)); err != nil || report.Result != ResultOK {
					b.Fatal(report.Result, err)
				}
				parse += time.Since(begin)
			}
			b.ReportMetric(float64(scan)/float64(parse), "x-scan")
		})
	}
}

func BenchmarkReport(b *testing.B) {
	p := NewParser()
	feed(p, machinesLog(2000))
	b.ReportAllocs()
	for b.Loop() {
		if len(p.Report().Guests) == 0 {
			b.Fatal("no guests")
		}
	}
}

// machinesLog is a task with many virtual machines; most of its lines are progress.
func machinesLog(guests int) []byte {
	var log bytes.Buffer
	log.WriteString("INFO: starting new backup job: vzdump --all 1 --mode snapshot --storage nas --compress zstd\n")
	for vmid := 100; vmid < 100+guests; vmid++ {
		fmt.Fprintf(&log, "INFO: Starting Backup of VM %d (qemu)\nINFO: Backup started at 2026-03-01 02:00:02\nINFO: status = running\n", vmid)
		fmt.Fprintf(&log, "INFO: VM Name: mail\nINFO: include disk 'scsi0' 'local-lvm:vm-%d-disk-0' 32G\nINFO: backup mode: snapshot\n", vmid)
		fmt.Fprintf(&log, "INFO: ionice priority: 7\nINFO: creating vzdump archive '/mnt/pve/nas/dump/vzdump-qemu-%d-2026_03_01-02_00_02.vma.zst'\n", vmid)
		log.WriteString("INFO: issuing guest-agent 'fs-freeze' command\nINFO: issuing guest-agent 'fs-thaw' command\n")
		log.WriteString("INFO: started backup task '6f1c9b62-8a3f-4a0f-9d32-0a5b8f5a6c11'\nINFO: resuming VM again\n")
		for percent := range 101 {
			fmt.Fprintf(&log, "INFO: %3d%% (%d.7 GiB of 32.0 GiB) in %dm 1s, read: 243.3 MiB/s, write: 201.0 MiB/s\n", percent, percent/3, percent)
		}
		log.WriteString("INFO: backup is sparse: 12.34 GiB (38%) total zero data\nINFO: transferred 32.00 GiB in 118 seconds (277.7 MiB/s)\n")
		log.WriteString("INFO: archive file size: 9.07GB\nINFO: prune older backups with retention: keep-daily=7\nINFO: pruned 0 backup(s)\n")
		fmt.Fprintf(&log, "INFO: Finished Backup of VM %d (00:02:07)\nINFO: Backup finished at 2026-03-01 02:02:09\n", vmid)
	}
	log.WriteString("INFO: Backup job finished successfully\nTASK OK\n")
	return log.Bytes()
}

// containersLog is a task with many containers, short blocks with an archiver that has something to say and a hook script that talks.
func containersLog(guests int) []byte {
	var log bytes.Buffer
	log.WriteString("INFO: starting new backup job: vzdump --all 1 --mode snapshot --storage nas --compress zstd\n")
	for vmid := 100; vmid < 100+guests; vmid++ {
		fmt.Fprintf(&log, "INFO: Starting Backup of VM %d (lxc)\nINFO: Backup started at 2026-03-01 02:00:02\nINFO: status = running\n", vmid)
		log.WriteString("INFO: CT Name: web\nINFO: including mount point rootfs ('/') in backup\nINFO: backup mode: snapshot\n")
		for range 8 {
			fmt.Fprintf(&log, "INFO: HOOK: backup-start snapshot %d\nINFO: DUMPDIR=/mnt/pve/nas/dump\n", vmid)
		}
		fmt.Fprintf(&log, "INFO: create storage snapshot 'vzdump'\n  Logical volume \"snap_vm-%d-disk-0_vzdump\" created.\n", vmid)
		fmt.Fprintf(&log, "INFO: creating vzdump archive '/mnt/pve/nas/dump/vzdump-lxc-%d-2026_03_01-02_00_02.tar.zst'\n", vmid)
		for i := range 8 {
			fmt.Fprintf(&log, "INFO: tar: ./var/lib/postgresql/15/main/base/16384/%d: file changed as we read it\n", i)
		}
		log.WriteString("INFO: Total bytes written: 564357120 (539MiB, 93MiB/s)\nINFO: archive file size: 210MB\n")
		fmt.Fprintf(&log, "INFO: cleanup temporary 'vzdump' snapshot\n  Logical volume \"snap_vm-%d-disk-0_vzdump\" successfully removed\n", vmid)
		fmt.Fprintf(&log, "INFO: Finished Backup of VM %d (00:02:07)\nINFO: Backup finished at 2026-03-01 02:02:09\n", vmid)
	}
	log.WriteString("INFO: Backup job finished successfully\nTASK OK\n")
	return log.Bytes()
}
