package pvesim

import (
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/runlog"
)

// measure decides how many bytes a guest's backup reads and stores, and how long it takes. The figures wander a little from run to run and
// grow slowly over the months, as real ones do.
func (c *Cluster) measure(run *backupRun, gr *runlog.GuestRun, guest *Guest, storage *Storage) {
	var provisioned int64
	for _, v := range gr.Guest.Volumes {
		if v.Included {
			provisioned += v.Size
		}
	}
	days := float64(c.at-c.options.Start.Unix()) / 86400
	own := hash(c.options.Seed, uint64(guest.VMID), 3)
	now := hash(c.options.Seed, uint64(guest.VMID), uint64(c.at))
	used := float64(guest.Used)
	if guest.Used == 0 {
		used = float64(provisioned) * 0.4
	}
	used *= (1 + days*0.0008) * between(now, 0.98, 1.02)
	shrink := between(own, 0.38, 0.55)
	if run.Options.Compress == "" || run.Options.Compress == "0" {
		shrink = 0.97
	}
	rate := float64(guest.Rate)
	if rate == 0 {
		rate = map[string]float64{"qemu": 180, "lxc": 80}[guest.Type] * (1 << 20) * between(own>>3, 0.8, 1.3)
	}
	rate *= between(now>>7, 0.92, 1.08)
	pbs := storage != nil && storage.Type == "pbs"
	gr.First = pbs && len(c.shelfAt(c.model.place(storage, run.task.node)).byGuest[guest.VMID]) == 0
	changed := between(now>>11, 0.01, 0.06)
	gr.Total = provisioned
	if guest.Type == "lxc" {
		gr.Total = int64(used)
	}
	switch {
	case pbs && guest.Type == "lxc":
		gr.Read = pick(gr.First, int64(used), int64(used*changed))
		gr.Size = int64(float64(gr.Read) * shrink)
		gr.End = gr.Start + int64(used/rate/2)
	case pbs:
		incremental := !gr.First && gr.Guest.Running
		gr.Read = pick(incremental, int64(used*changed), provisioned)
		gr.Size = int64(pickFloat(gr.First, used, used*changed) * shrink)
		gr.End = gr.Start + int64(float64(gr.Read)/rate)
	case guest.Type == "lxc":
		gr.Read, gr.Size = int64(used), int64(used*shrink)
		gr.End = gr.Start + int64(used/rate)
	default:
		gr.Read, gr.Size = provisioned, int64(used*shrink)
		gr.End = gr.Start + int64((used+float64(provisioned)/8)/rate)
	}
	gr.End = max(gr.End, gr.Start+1)
}

func pick(first bool, a, b int64) int64 {
	if first {
		return a
	}
	return b
}

func pickFloat(first bool, a, b float64) float64 {
	if first {
		return a
	}
	return b
}

// free is what is left on a storage.
func (c *Cluster) free(s *Storage, node string) int64 { return s.Size - c.used(s, node) }

// used is what lies on a storage, backups and the rest.
func (c *Cluster) used(s *Storage, node string) int64 {
	at := c.model.place(s, node)
	return min(s.Base+c.shelfAt(at).bytes+c.volumes[at], max(s.Size, 0))
}
