package vzdump

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func TestLinesThatSayNothingDoNotAllocate(t *testing.T) {
	for name, line := range map[string]string{
		"hook output":         "INFO: HOOK: backup-start stop 101\n",
		"progress":            "INFO:  46% (59.9 MiB of 128.0 MiB) in 3s, read: 20.0 MiB/s, write: 8.0 MiB/s\n",
		"progress of old":     "INFO: status: 10% (3435134976/34359738368), sparse 2% (812345344), duration 12, read/write 286/218 MB/s\n",
		"archiver":            "INFO: tar: ./var/log/x: file changed as we read it\n",
		"client":              "INFO: processed 1.2 GiB in 1m, uploaded 100 MiB\n",
		"figures":             "INFO: transferred 32.00 GiB in 120 seconds (273.1 MiB/s)\n",
		"without level":       "  Logical volume \"snap_vm-200-disk-0_vzdump\" created.\n",
		"with a timestamp":    "2024-11-20 01:31:03 INFO: efidisk0: dirty-bitmap status: OK (528.0 KiB of 528.0 KiB dirty)\n",
		"from an e-mail":      "106: 2024-11-20 01:30:58 INFO: ionice priority: 7\n",
		"warning":             "WARN: something\n",
		"trouble that passes": "ERROR: VM 100 qmp command 'guest-fsfreeze-thaw' failed - got timeout\n",
		"same cause again":    "zstd: error 70 : Write error : cannot write block : No space left on device\n",
		"empty":               "\n",
		"another's end":       "INFO: Finished Backup of VM 999 (00:00:01)\n",
	} {
		t.Run(name, func(t *testing.T) {
			p := NewParser()
			feed(p, []byte("INFO: starting new backup job: vzdump 100\nINFO: Starting Backup of VM 100 (lxc)\nINFO: creating vzdump archive '/x.tar'\n"))
			chunk := []byte(line)
			feed(p, chunk)
			if allocations := testing.AllocsPerRun(100, func() { feed(p, chunk) }); allocations != 0 {
				t.Errorf("%v allocations", allocations)
			}
		})
	}
}

func TestMemoryDoesNotGrowWithTheLog(t *testing.T) {
	p := NewParser()
	feed(p, []byte("INFO: starting new backup job: vzdump 100\nINFO: Starting Backup of VM 100 (lxc)\nINFO: creating vzdump archive '/x.tar'\n"))
	chunk := []byte(strings.Repeat("INFO: excluding volume mount point mp1 ('/x') from backup (disabled)\nzstd: No space left on device\nWARN: x\nERROR: y\nINFO: unterminated ", 500))
	write := func(times int) (inUse uint64) {
		for range times {
			feed(p, chunk)
		}
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return memory.HeapAlloc
	}
	before := write(10)
	if after := write(500); after > before+1<<20 { // 36 MB of log
		t.Errorf("%d bytes in use after a short log, %d after a long one", before, after)
	}
	if got := p.Report().Guests[0].ExcludedDisks; len(got) != 1 {
		t.Errorf("excluded disks: %v", got)
	}
}

func TestLinesWithoutEndAreCut(t *testing.T) {
	endless := "INFO: VM Name: " + strings.Repeat("x", 3*maxLine)
	p := NewParser()
	feed(p, []byte("INFO: Starting Backup of VM 100 (qemu)\n"))
	for range 20 {
		feed(p, []byte(endless)) // one line of 4 MB
	}
	if len(p.pending) > maxLine || cap(p.pending) > 2*maxLine {
		t.Errorf("%d bytes of an unfinished line are kept", cap(p.pending))
	}
	feed(p, []byte("\nINFO: Finished Backup of VM 100 (00:00:01)\n"))
	guest := p.Report().Guests[0]
	if guest.Result != GuestSuccess || len(guest.Name) != maxName {
		t.Errorf("got %s, a name of %d bytes", guest.Result, len(guest.Name))
	}
}

func TestListsAndTextsHaveLimits(t *testing.T) {
	var log strings.Builder
	log.WriteString("INFO: Starting Backup of VM 100 (qemu)\nINFO: VM Name: " + strings.Repeat("ü", 5000) + "\n")
	for i := range 10 * maxDisks {
		fmt.Fprintf(&log, "INFO: exclude disk 'scsi%d' 'x' (backup=no)\nINFO: excluding bind mount point mp%d ('/x') from backup (not a volume)\n", i, i)
	}
	fmt.Fprintf(&log, "INFO: creating vzdump archive '%s'\n", strings.Repeat("/x", 5000))
	fmt.Fprintf(&log, "ERROR: Backup of VM 100 failed - begins %s ends\n", strings.Repeat("x", 50_000))
	log.WriteString(strings.Repeat("ERROR: "+strings.Repeat("y", 1000)+"\n", 1000))
	guest := parseBytes([]byte(log.String())).Guests[0]
	if n := utf8.RuneCountInString(guest.Name); n != 128 {
		t.Errorf("the name has %d runes", n)
	}
	if len(guest.ExcludedDisks) != maxDisks || len(guest.BindMounts) != maxDisks {
		t.Errorf("%d disks, %d mounts", len(guest.ExcludedDisks), len(guest.BindMounts))
	}
	if len(guest.Archive) > maxArchive {
		t.Errorf("the archive has %d bytes", len(guest.Archive))
	}
	if len(guest.Message) > maxMessage+8 || !strings.HasPrefix(guest.Message, "begins x") {
		t.Errorf("the message has %d bytes: %.20s", len(guest.Message), guest.Message)
	}
}

func TestTheNumberOfGuestsHasALimit(t *testing.T) {
	var log bytes.Buffer
	log.WriteString("INFO: starting new backup job: vzdump --all 1\n")
	const more = 5
	for vmid := 100; vmid < 100+maxGuests+more; vmid++ {
		fmt.Fprintf(&log, "INFO: Starting Backup of VM %d (qemu)\nINFO: Backup started at 2026-01-01 00:00:00\nINFO: VM Name: x\n", vmid)
		fmt.Fprintf(&log, "INFO: Finished Backup of VM %d (00:00:01)\nINFO: Backup finished at 2026-01-01 00:00:01\n", vmid)
	}
	log.WriteString("ERROR: Backup of VM 99 failed - unable to find VM '99'\nINFO: Failed at 2026-01-01 00:00:01\nTASK ERROR: job errors\n")
	report := parseBytes(log.Bytes())
	if len(report.Guests) != maxGuests || report.DroppedGuests != more+1 || report.Result != ResultFailed {
		t.Errorf("%d guests, %d dropped, %s", len(report.Guests), report.DroppedGuests, report.Result)
	}
	if last := report.Guests[maxGuests-1]; last.VMID != 100+maxGuests-1 || last.Result != GuestSuccess {
		t.Errorf("the last guest is %+v", last)
	}
}

// Lines that imitate the ends of other guests must not make the parser search all guests for each of them.
func TestImitatedEndsAreCheap(t *testing.T) {
	var log bytes.Buffer
	for vmid := 100; vmid < 5100; vmid++ {
		fmt.Fprintf(&log, "INFO: Starting Backup of VM %d (qemu)\nINFO: Backup started at 2026-01-01 00:00:00\n", vmid)
	}
	p := NewParser()
	feed(p, log.Bytes())
	line := []byte("INFO: Finished Backup of VM 99 (00:00:01)\n")
	for range 200_000 {
		feed(p, line)
	}
	if got := p.Report(); len(got.Guests) != 5000 || got.Guests[0].Result != GuestRunning {
		t.Errorf("%d guests, the first %s", len(got.Guests), got.Guests[0].Result)
	}
}

func TestParsePassesOnReadErrors(t *testing.T) {
	broken := errors.New("connection lost")
	report, err := Parse(io.MultiReader(strings.NewReader("INFO: Starting Backup of VM 100 (qemu)\n"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if len(report.Guests) != 1 {
		t.Errorf("what was read is lost: %+v", report)
	}
}
