package provisioner

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// TestEveryRefusalReachesTheUser answers the first write with what a real node said to wrong values.
func TestEveryRefusalReachesTheUser(t *testing.T) {
	const verification = "Parameter verification failed."
	const job, storage, guest = "/cluster/backup", "/storage", "/nodes/{node}/qemu/{vmid}/config"
	for _, c := range []struct {
		endpoint string
		status   int
		reason   string
		fields   string // the member errors
		message  string // where it is not the reason
		line     string
		want     string
	}{
		{job, 400, verification, `"schedule":"invalid format - invalid calendar event 'every 25:99'"`, "", "14:", "refuses schedule: invalid format"},
		{job, 400, verification, `"storage":"invalid format - storage ID '1 bad' contains illegal characters"`, "", "13:", "refuses storage: invalid format"},
		{job, 400, verification, `"mode":"value 'live' does not have a value in the enumeration 'snapshot, suspend, stop'"`, "", "15:", "refuses mode: value 'live'"},
		{job, 400, verification, `"compress":"value 'xz' does not have a value in the enumeration '0, 1, gzip, lzo, zstd'"`, "", "16:", "refuses compress: value 'xz'"},
		{job, 400, verification, `"prune-backups":"invalid format - format error\nkeep-last: value must have a minimum value of 0\n"`, "", "17:", "refuses prune-backups: invalid format"},
		{job, 400, verification, `"vmid":"invalid format - value does not look like a valid VM ID\n"`, "", "10:", "refuses vmid: invalid format"},
		{job, 400, verification, `"id":"invalid format - invalid configuration ID 'has space'"`, "", "", "refuses id: invalid format"},
		{job, 400, verification, `"bogus":"property is not defined in schema and the schema does not allow additional properties"`, "", "", "this version of Proxmox VE does not know it"},
		{job, 400, verification, `"script":"Only root may set this option."`, "", "", "no API token may set it"},
		{job, 500, "400 Parameter verification failed.", "", `400 Parameter verification failed.\nnotes-template: found unknown: variable 'foo' at char 4\n\n`, "", "refuses notes-template: found unknown: variable 'foo'"},
		{job, 500, "400 Parameter verification failed.", "", `400 Parameter verification failed.\nvmid: property is missing\n`, "10:", "refuses vmid: property is missing"},
		{job, 403, "Permission check failed (/, Sys.Modify)", "", "", "", "give the token the privilege Sys.Modify on /"},
		{job, 403, "Permission check failed (/storage/nas, Datastore.Allocate)", "", "", "13:", "give the token the privilege Datastore.Allocate on /storage/nas"},
		{job, 403, "Permission check failed (pool 'lab' does not exist)", "", "", "", "pool 'lab' does not exist"},
		{job, 500, "job state already exists", "", "", "", "/var/lib/pve-manager/jobs"},
		{job, 500, "cfs-lock 'file-jobs_cfg' error: no quorum!", "", "", "", "no quorum!"},
		{job, 595, "Connection refused", "", "", "", "the daemon behind that node's proxy does not answer"},
		{job, 500, "RPCEnvironment init request failed: Unable to load access control list: Connection refused", "", "", "", "pve-cluster"},
		{job, 501, "Method 'POST /cluster/backup' not implemented", "", "", "", "too old"},
		{job, 401, "Authentication failed!", "", "", "", "the token is unknown or expired"},
		{storage, 500, "create storage failed: unable to activate storage 'disk' - directory is expected to be a mount point but is not mounted: '/mnt/backup'", "", "", "8:", "mount it on every node"},
		{storage, 500, "create storage failed: storage 'disk' is not online", "", "", "8:", "must reach the server"},
		{storage, 500, "create storage failed: disk: error fetching datastores - 500 Can't connect to 127.0.0.1:8007 (Connection refused)", "", "", "8:", "must reach the Proxmox Backup Server"},
		{storage, 500, "missing value for required option 'path'", "", "", "8:", "missing value for required option 'path'"},
		{storage, 400, verification, `"path":"invalid format - value does not look like a valid absolute path"`, "", "8:", "refuses path: invalid format"},
		{storage, 400, verification, `"content":"invalid format - invalid content type 'bogus'"`, "", "8:", "refuses content: invalid format"},
		{storage, 400, verification, `"prune-backups":"invalid format - format error\nkeep-lst: property is not defined in schema"`, "", "8:", "refuses prune-backups: invalid format"},
		{storage, 403, "Permission check failed (/storage, Datastore.Allocate)", "", "", "8:", "give the token the privilege Datastore.Allocate on /storage"},
		{guest, 403, "Permission check failed (/vms/102, VM.Config.Disk)", "", "", "11:", "give the token the privilege VM.Config.Disk on /vms/102"},
		{guest, 500, "VM is locked (backup)", "", "", "11:", "run this again when it is done"},
		{guest, 500, "Configuration file 'nodes/pve2/qemu-server/102.conf' does not exist", "", "", "11:", "does not exist"},
		{guest, 400, verification, `"scsi1":"invalid format - format error\nscsi1.backup: type check ('boolean') failed\n"`, "", "11:", "refuses scsi1: invalid format"},
	} {
		t.Run(c.reason+c.fields, func(t *testing.T) {
			b := newBench(t)
			b.declare(`storages:
  disk: {type: dir, path: /mnt/backup}
environments:
  prod: {guests: {vmids: [100, 102]},
    backup:
      {
      storage: nas,
      schedule: "01:00",
      mode: snapshot,
      compress: zstd,
      retention: {keep-last: 3}}}
`)
			message := c.message
			if message == "" {
				message = c.reason + `\n`
			}
			fault := wire.Fault{Endpoint: c.endpoint, Status: c.status, Reason: c.reason, Header: http.Header{"Content-Type": {"application/json;charset=UTF-8"}}}
			fault.Method = map[string]string{job: http.MethodPost, storage: http.MethodPost, guest: http.MethodPut}[c.endpoint]
			fault.Body = fmt.Sprintf(`{"data":null,"message":"%s","errors":{%s}}`, message, c.fields)
			if c.status == http.StatusUnauthorized || c.status > 590 || strings.HasPrefix(c.reason, "RPC") {
				fault.Body, fault.Header = "", nil
			}
			b.cluster.Faults.Add(fault)
			b.fails(nil, "config.yml:"+c.line, c.want, "Stopped: ")
			errors := strings.Count(b.said, "provision: error: ")
			if errors != 1 {
				t.Errorf("%d errors:\n%s", errors, withoutLog(b.said))
			}
		})
	}
}

// repeating answers what changes something with all that was sent, in every way that a server has.
type repeating struct {
	http.RoundTripper
	status int
}

func (r repeating) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodGet {
		return r.RoundTripper.RoundTrip(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	all := fmt.Sprint(string(body), " ", form, " ", request.Header.Get("Authorization"))
	text, err := json.Marshal(map[string]any{"data": nil, "message": all, "errors": map[string]any{"password": form.Get("password"), all: all}})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: r.status, Status: fmt.Sprint(r.status, " ", all), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header: http.Header{"Content-Type": {"application/json"}, "X-Echo": {all}}, Body: io.NopCloser(strings.NewReader(string(text))),
	}, nil
}

// TestAServerThatRepeatsSecrets: what it sends back is not passed on. The bench looks at all that is said.
func TestAServerThatRepeatsSecrets(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		for _, status := range []int{200, 400, 401, 403, 500, 501, 595} {
			b := newBench(t)
			b.inProcess = true
			b.put("far.password", "far & 5ec2e7'\"+%")
			b.put("far.key", `{"kdf": null, "data": "a2V5LTVlYzJlNy1rZXk5ec2e7=="}`)
			b.declare(strings.Replace(farStorage, "far.password}", "far.password, encryption_key_file: far.key}", 1))
			err := b.run(func(o *Options) {
				o.JSON, o.transport = asJSON, repeating{o.transport, status}
			})
			if err == nil || len(b.said) == 0 {
				t.Errorf("%d: got %v: the test looks at nothing", status, err)
			}
		}
	}
}
