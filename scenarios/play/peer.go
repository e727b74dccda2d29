package play

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
)

// The target of the series that people have today.
const (
	peerJob      = "pve"
	peerInstance = "pve-exporter:9221"
)

// peer makes the series that rules of today are written for: those of a widely used exporter of Proxmox VE, as far as they are about
// backups and space, read from the same simulated API.
type peer struct {
	client http.Client
	header string
}

func newPeer(cluster *pvesim.Cluster, rights string) *peer {
	token, secret := pvesim.ExporterToken, pvesim.ExporterSecret
	if rights == story.Details {
		token, secret = pvesim.DetailsToken, pvesim.DetailsSecret
	}
	return &peer{client: http.Client{Transport: wire.InProcess{Handler: cluster.Handler()}}, header: "PVEAPIToken=" + token + "=" + secret}
}

// read asks for guests in no job and for space; what is not answered makes no series.
func (p *peer) read(time.Time) []sample {
	var guests []struct {
		VMID int
		Type string
	}
	var storages []struct {
		ID            string
		Disk, MaxDisk float64
		Status        string
	}
	list := []sample{}
	add := func(name, id string, value float64) {
		list = append(list, sample{map[string]string{labels.MetricName: name, "id": id}, value})
	}
	if p.get("/cluster/backup-info/not-backed-up", &guests) {
		add("pve_not_backed_up_total", "cluster/"+clusterName, float64(len(guests)))
		for _, guest := range guests {
			add("pve_not_backed_up_info", fmt.Sprintf("%s/%d", guest.Type, guest.VMID), 1)
		}
	}
	if p.get("/cluster/resources?type=storage", &storages) {
		for _, storage := range storages {
			add("pve_disk_usage_bytes", storage.ID, storage.Disk)
			add("pve_disk_size_bytes", storage.ID, storage.MaxDisk)
		}
	}
	return list
}

// get reads the data of an answer, and reports whether there was one.
func (p *peer) get(path string, into any) bool {
	request, err := http.NewRequest(http.MethodGet, "https://cluster.invalid/api2/json"+path, nil)
	if err != nil {
		return false
	}
	request.Header.Set("Authorization", p.header)
	response, err := p.client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	frame := struct{ Data any }{into}
	return response.StatusCode == http.StatusOK && json.NewDecoder(response.Body).Decode(&frame) == nil
}
