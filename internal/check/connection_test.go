package check

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

func dial(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }

// broken makes the first of two addresses fail.
func broken(at step, err error) func(*facts) {
	return func(f *facts) { f.probes[0].failed, f.probes[0].err = at, err }
}

// alone leaves the cluster a single address, that fails.
func alone(at step, err error) func(*facts) {
	return func(f *facts) {
		f.connection.Endpoints, f.probes, f.endpoints = f.connection.Endpoints[:1], f.probes[:1], f.endpoints[:1]
		f.endpoints[0].LastError = err
		broken(at, err)(f)
	}
}

func TestEndpoints(t *testing.T) {
	expired := x509.CertificateInvalidError{Reason: x509.Expired}
	unknown := x509.UnknownAuthorityError{}
	try(t, "endpoints", []trial{
		{"both answer", func(*facts) {}, OK, []string{"https://pve1.example:8006 answers: address 192.0.2.11, certificate signed by Proxmox Virtual Environment (PVE Cluster Manager CA), valid until 2027-11-23", "pve2"}, nil},
		{"one of two is dead", broken(stepConnect, dial(syscall.ECONNREFUSED)), Warning, []string{"https://pve1.example:8006: nothing listens there", "systemctl status pveproxy", "https://pve2.example:8006 answers"}, nil},
		{"the only one is dead", alone(stepConnect, dial(syscall.ECONNREFUSED)), Problem, []string{"nothing listens there"}, nil},
		{"no such name", alone(stepResolve, &net.DNSError{Err: "no such host", Name: "pve1.example", IsNotFound: true}), Problem, []string{"the name pve1.example has no address", "no such host"}, nil},
		{"no route", alone(stepConnect, dial(syscall.EHOSTUNREACH)), Problem, []string{"cannot be reached", "route"}, nil},
		{"a firewall drops", alone(stepConnect, dial(os.ErrDeadlineExceeded)), Problem, []string{"no answer", "nc -vz pve1.example 8006"}, nil},
		{"plain http", alone(stepHandshake, tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}), Problem, []string{"does not speak https", "https://pve1.example:8006"}, nil},
		{"another server", alone(stepHandshake, errors.New("remote error: tls: internal error")), Problem, []string{"handshake failed"}, nil},
		{"unknown authority", alone(stepTrust, unknown), Problem, []string{
			"signed by an authority that is not trusted", "Proxmox Virtual Environment (PVE Cluster Manager CA) signed it",
			"scp root@pve1.example:/etc/pve/pve-root-ca.pem /etc/backup/home-ca.pem", "ca_file: home-ca.pem", `fingerprint: "`,
		}, []string{"endpoint alone"}},
		{"unknown authority of one of two", broken(stepTrust, unknown), Warning, []string{"ca_file: home-ca.pem", "declare this endpoint alone and pin"}, nil},
		{"another authority than declared", func(f *facts) {
			alone(stepTrust, unknown)(f)
			f.connection.CAFile = "/etc/backup/ca.pem"
		}, Problem, []string{"and not the authority in /etc/backup/ca.pem"}, nil},
		{"another name", alone(stepTrust, x509.HostnameError{Certificate: certificate(noon), Host: "10.0.0.1"}), Problem, []string{"it is for pve1.example and localhost", `fingerprint: "`}, nil},
		{"expired", func(f *facts) {
			alone(stepTrust, expired)(f)
			f.probes[0].certificate = certificate(noon.AddDate(0, 0, -3))
		}, Problem, []string{"valid from 2024-11-20 to 2026-11-20, and it is 2026-11-23 here", "pvecm updatecerts --force"}, nil},
		{"another fingerprint", alone(stepTrust, errFingerprint), Problem, []string{"another certificate than the pinned one", `fingerprint: "`}, nil},
		{"ends soon", func(f *facts) { f.probes[1].certificate = certificate(noon.AddDate(0, 0, 6)) }, Warning, []string{"pve2.example:8006: the certificate ends in 6 d", "pvecm updatecerts"}, nil},
		{"ends soon, and nobody looks", func(f *facts) {
			f.connection.Fingerprint = "AB"
			f.probes[1].certificate = certificate(noon.AddDate(0, 0, 6))
		}, OK, []string{"the pinned certificate"}, nil},
		{"not an API", func(f *facts) {
			f.endpoints[0].LastError = ui.Hint(errors.New("GET /version: not a reply of Proxmox VE"), "it is something else")
		}, Warning, []string{"the API does not answer as it should", "not a reply of Proxmox VE", "it is something else"}, nil},
		{"through a proxy", func(f *facts) { f.probes[0] = probe{address: f.probes[0].address, proxy: "proxy.example:3128"} }, OK, []string{"through the proxy proxy.example:3128"}, nil},
		{"not asked by the client", func(f *facts) { f.endpoints, f.secretErr = nil, errors.New("no secret") }, OK, []string{"https://pve1.example:8006 is there"}, []string{"answers"}},
	})
}

func TestConnection(t *testing.T) {
	try(t, "connection", []trial{
		{"declared", func(*facts) {}, "", nil, nil},
		{"local", func(f *facts) { f.connection.Local, f.connection.Endpoints = true, []string{"https://localhost:8006"} }, Info, []string{"this machine is a node"}, nil},
		{"nowhere", func(f *facts) {
			f.connectionErr = ui.Hint(errors.New("not a node"), "name the addresses")
			f.probes, f.endpoints = nil, nil
		}, Problem, []string{"no address", "not a node", "hint: name the addresses"}, nil},
		{"bad settings", func(f *facts) { f.clientErr = errors.New("ca_file: no such file") }, Problem, []string{"ca_file: no such file"}, nil},
	})
}

// A step that fails leaves out what needs it, and says what and why.
func TestSkipped(t *testing.T) {
	refused := &pve.Error{Status: 401, Reason: "Authentication failed!", Method: "GET", Path: "/version", Address: "https://pve1.example:8006"}
	for _, tt := range []struct {
		name   string
		change func(*facts)
		first  string // of the checks left out
		why    string
	}{
		{"no exporter token", func(f *facts) { f.cluster.Exporter = nil }, "token", "they need the exporter's token"},
		{"no address", func(f *facts) { f.connectionErr = errors.New("x") }, "token", "they need a connection"},
		{"no client", func(f *facts) { f.clientErr = errors.New("x") }, "token", "they need a connection"},
		{"no secret", func(f *facts) { f.secretErr, f.endpoints = errors.New("x"), nil }, "token", "they need the token's secret"},
		{"nothing answers", func(f *facts) {
			for i := range f.endpoints {
				f.endpoints[i].LastError = errors.New("down")
			}
		}, "token", "no address of the cluster can be asked"},
		{"wrong token", func(f *facts) { f.version = failed[pve.Version](refused) }, "version", "they need a token that is accepted"},
		{"API broken", func(f *facts) { f.version = failed[pve.Version](errors.New("x")) }, "version", "the API does not answer"},
		{"too old", func(f *facts) { f.version.value = pve.Version{Major: 7, Minor: 0, Text: "7.0-8"} }, "privileges", "this version is too old"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := healthy(t)
			tt.change(f)
			findings := f.findings()
			last := findings[len(findings)-1]
			if last.Check != "skipped" || last.Level != Info || last.Why != tt.why || last.What[:len("not checked: ")+len(tt.first)] != "not checked: "+tt.first {
				t.Errorf("got %+v", last)
			}
		})
	}
	for _, finding := range healthy(t).findings() {
		if finding.Check == "skipped" {
			t.Errorf("nothing is left out of a healthy cluster: %+v", finding)
		}
	}
}

func TestToken(t *testing.T) {
	refused := &pve.Error{Status: 401, Reason: "Authentication failed!"}
	try(t, "token", []trial{
		{"accepted", func(*facts) {}, OK, []string{"token backup-exporter@pve!metrics is accepted"}, nil},
		{"refused", func(f *facts) { f.version = failed[pve.Version](refused) }, Problem, []string{
			"refuses the token backup-exporter@pve!metrics (401)", "home.exporter",
			"pveum user token list backup-exporter@pve\n",
			`pveum role add BackupExporter --privs "Sys.Audit VM.Audit Datastore.Audit Pool.Audit"`,
			`pveum user add backup-exporter@pve --comment "pve-backup-exporter"`,
			"pveum user token add backup-exporter@pve metrics --privsep 1",
			"pveum acl modify / --users backup-exporter@pve --tokens 'backup-exporter@pve!metrics' --roles BackupExporter",
		}, nil},
		{"too slow", func(f *facts) { f.version = failed[pve.Version](context.DeadlineExceeded) }, Problem, []string{"no answer in time", "--timeout allows more than 30s"}, nil},
		{"broken", func(f *facts) { f.version = failed[pve.Version](ui.Hint(errors.New("it has no data"), "look there")) }, Problem, []string{"it has no data", "hint: look there"}, nil},
	})
}

func TestVersion(t *testing.T) {
	is := func(text string) func(*facts) {
		return func(f *facts) {
			f.version.value, _ = pve.ParseVersion(text)
			f.cluster.Provisioner = &config.Token{ID: "admin@pve!provision"}
		}
	}
	try(t, "version", []trial{
		{"new", is("9.2.11"), OK, []string{"Proxmox VE 9.2.11"}, []string{"lacks"}},
		{"7.4", is("7.4-17"), OK, nil, []string{"lacks"}},
		{"7.3 before the raw download", is("7.3-3"), Info, []string{"lacks the raw download of task logs (since 7.3-5)", "in pages"}, nil},
		{"7.1", is("7.1-8"), Warning, []string{"raw download", "next run", "too old for provisioning", "needs 7.2"}, nil},
		{"the oldest", is("7.1"), Warning, nil, []string{"problem"}},
		{"too old", is("7.0-11"), Problem, []string{"Proxmox VE 7.0-11 is too old", "needs 7.1 or newer"}, nil},
		{"6", is("6.4-13"), Problem, nil, nil},
	})
}

func TestSkew(t *testing.T) {
	at := func(second int64, took time.Duration) answer[pve.NodeTime] {
		return answer[pve.NodeTime]{value: pve.NodeTime{Time: second}, asked: true, began: noon, ended: noon.Add(took)}
	}
	for _, tt := range []struct {
		clock answer[pve.NodeTime]
		want  float64
	}{
		{at(noon.Unix(), 0), 0},
		{at(noon.Unix(), 800*time.Millisecond), 0},
		{at(noon.Unix()+20, 0), 20.5},
		{at(noon.Unix()-20, 0), -19.5},
		{at(noon.Unix()+5, 10*time.Second), 0}, // the call's length explains it
	} {
		if got := skew(tt.clock); got != tt.want {
			t.Errorf("%+v: %v, want %v", tt.clock, got, tt.want)
		}
	}
}

func TestClocks(t *testing.T) {
	try(t, "clocks", []trial{
		{"agree", func(*facts) {}, OK, []string{"the clocks of 2 nodes agree", "zone Etc/UTC"}, nil},
		{"a second off is nothing", func(f *facts) { f.nodes["pve1"].clock = clock(noon.Add(2*time.Second), "Etc/UTC") }, OK, nil, nil},
		{"one node ahead", func(f *facts) { f.nodes["pve2"].clock = clock(noon.Add(40*time.Second), "Etc/UTC") }, Warning, []string{"the clock of node pve2 is 40 s ahead of this machine's", "timedatectl"}, []string{"node pve1 is"}},
		{"one node behind", func(f *facts) { f.nodes["pve2"].clock = clock(noon.Add(-time.Hour), "Etc/UTC") }, Warning, []string{"node pve2 is 59 min behind"}, nil},
		{"this machine is wrong", func(f *facts) {
			for _, node := range f.nodes {
				node.clock = clock(noon.Add(90*time.Second), "Etc/UTC")
			}
		}, Warning, []string{"this machine's clock is 90 s behind all 2 nodes'"}, []string{"node pve1"}},
		{"two zones", func(f *facts) { f.nodes["pve2"].clock = clock(noon, "Europe/Paris") }, Warning, []string{"2 time zones (Etc/UTC: pve1; Europe/Paris: pve2)", "timedatectl set-timezone Etc/UTC"}, nil},
		{"unknown zone", func(f *facts) { f.nodes["pve2"].clock = clock(noon, "Mars/Olympus") }, Warning, []string{"does not know the time zone 'Mars/Olympus' of pve2", "tzdata"}, nil},
		{"unreadable", func(f *facts) {
			f.nodes["pve2"].clock = failed[pve.NodeTime](&pve.Error{Status: 403, Message: "Permission check failed (/nodes/pve2, Sys.Audit)"})
		}, Problem, []string{"the clock of node pve2 cannot be read", "pveum user token permissions"}, nil},
	})
}

func TestNodes(t *testing.T) {
	try(t, "nodes", []trial{
		{"fine", func(*facts) {}, OK, []string{"2 nodes, all online, quorate"}, nil},
		{"one offline", func(f *facts) { f.resources.value.Nodes[1].Online = false }, Warning, []string{"1 node of 2 offline: pve2"}, nil},
		{"no quorum", func(f *facts) { f.status.value.Quorate = false }, Problem, []string{"no quorum", "pvecm status"}, nil},
		{"one endpoint", func(f *facts) { f.connection.Endpoints = f.connection.Endpoints[:1] }, Info, []string{"2 nodes and one endpoint"}, nil},
		{"inventory unreadable", func(f *facts) { f.resources = failed[pve.Resources](errors.New("500 no")) }, Problem, []string{"the inventory cannot be read", "500 no"}, nil},
		{"status unreadable", func(f *facts) { f.status = failed[pve.ClusterStatus](errors.New("500 no")) }, Problem, []string{"/cluster/status"}, nil},
	})
}

func TestBudget(t *testing.T) {
	try(t, "budget", []trial{
		{"quick", func(*facts) {}, Info, []string{"took 120ms, one begins every 1m"}, nil},
		{"slow", func(f *facts) { f.cycle = 40 * time.Second }, Warning, []string{"took 40s", "refresh_interval"}, nil},
	})
}
