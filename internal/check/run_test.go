package check

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/exporter"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site is a simulated cluster of two nodes, each with an address, and a declared file that names it.
type site struct {
	cluster *pvesim.Cluster
	clock   *pvesim.Clock
	servers []*wire.Server
	dir     string
	timeout time.Duration
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{clock: pvesim.NewClock(noon), dir: t.TempDir(), timeout: 30 * time.Second}
	s.cluster = pvesim.Scale(pvesim.Options{Name: "home", Now: s.clock.Now, Seed: 1, Start: noon.AddDate(0, 0, -3)}, 2, 4)
	s.cluster.Change(func(m *pvesim.Model) { m.Access.Tokens[pvesim.ExporterToken].Secret = canary })
	for _, node := range []string{"pve1", "pve2"} {
		server, err := s.cluster.Start(node)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		s.servers = append(s.servers, server)
	}
	s.write(t, "home-ca.pem", string(s.servers[0].CAPEM))
	s.write(t, "home.exporter", canary+"\n")
	s.declare(t, fmt.Sprintf("endpoints: [%s, %s]\n    ca_file: home-ca.pem", s.servers[0].URL, s.servers[1].URL))
	return s
}

func (s *site) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// declare writes the declared file with other lines for the connection.
func (s *site) declare(t *testing.T, connection string) {
	t.Helper()
	s.write(t, "config.yml", "version: 1\nclusters:\n  home:\n    "+connection+
		"\n    exporter: {token_id: "+pvesim.ExporterToken+", token_secret_file: home.exporter}\n"+
		"environments:\n  prod: {guests: {nodes: [pve1, pve2]}, backup: {profile: prod, storage: backup-nfs}}\n")
}

// run checks the site as a user would, and looks for the secret in all that comes out, the debug log included.
func (s *site) run(t *testing.T) (Report, string) {
	t.Helper()
	var logged bytes.Buffer
	report := Run(context.Background(), Options{
		ConfigFile: filepath.Join(s.dir, "config.yml"), Root: s.dir, Timeout: s.timeout, Now: s.clock.Now,
		Logger: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	var text, document strings.Builder
	if err := errors.Join(report.Text(&text, Style{}), report.JSON(&document)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String()+document.String()+logged.String()+fmt.Sprintf("%+v", report), canary) {
		t.Errorf("the secret is in\n%s\n%s\n%s", text.String(), document.String(), logged.String())
	}
	if len(report.Findings) > 10 && !strings.Contains(logged.String(), "level=DEBUG") {
		t.Error("the debug log is empty: the search for the secret looked at nothing")
	}
	if strings.Contains(text.String(), "goroutine ") {
		t.Errorf("a stack is in\n%s", text.String())
	}
	return report, s.neutral(text.String())
}

// neutral replaces what differs from run to run.
func (s *site) neutral(text string) string {
	for i, server := range s.servers {
		text = strings.NewReplacer(server.URL, fmt.Sprintf("https://pve%d.example:8006", i+1), server.Fingerprint, fmt.Sprintf("FINGER:PRINT:%d", i+1)).Replace(text)
	}
	return strings.ReplaceAll(text, s.dir, "/etc/backup")
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s differs (go test -update writes it anew). Got:\n%s", path, text)
	}
}

func closedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return "https://" + listener.Addr().String()
}

func TestRunHealthy(t *testing.T) {
	s := newSite(t)
	report, text := s.run(t)
	if report.Count(Problem) != 0 || report.Count(Warning) != 0 {
		t.Error("nothing is wrong with this cluster")
	}
	golden(t, "healthy", text)
	for _, request := range s.cluster.Requests.Requests() {
		if request.Method != "GET" {
			t.Errorf("%s %s: only reading is allowed", request.Method, request.Path)
		}
	}
}

func TestRunWrongToken(t *testing.T) {
	s := newSite(t)
	s.cluster.Change(func(m *pvesim.Model) { m.Access.Tokens[pvesim.ExporterToken].Secret = "another" })
	report, text := s.run(t)
	if report.Count(Problem) != 1 {
		t.Errorf("%d problems: one cause is one problem", report.Count(Problem))
	}
	golden(t, "wrong-token", text)
	if refused := s.cluster.Requests.Statuses()[401]; refused > len(s.servers) {
		t.Errorf("the token was presented %d times: every time is delayed and logged", refused)
	}
}

// What is advised against an unknown authority works when it is pasted.
func TestRunUnknownAuthority(t *testing.T) {
	s := newSite(t)
	s.declare(t, fmt.Sprintf("endpoints: [%s]", s.servers[0].URL))
	report, text := s.run(t)
	if report.Count(Problem) != 1 {
		t.Errorf("%d problems", report.Count(Problem))
	}
	golden(t, "unknown-authority", text)
	for _, line := range []string{pasted(t, report, "fingerprint: "), pasted(t, report, "ca_file: ")} {
		s.declare(t, fmt.Sprintf("endpoints: [%s]\n    %s", s.servers[0].URL, line))
		if report, text := s.run(t); report.Count(Problem) != 0 {
			t.Errorf("with %s:\n%s", line, text)
		}
	}
	s.declare(t, fmt.Sprintf("endpoints: [%s]\n    fingerprint: %q", s.servers[0].URL, strings.Repeat("AB:", 31)+"AB"))
	_, text = s.run(t)
	wantContains(t, text, "another certificate than the pinned one", `fingerprint: "FINGER:PRINT:1"`)
}

// pasted finds the line to paste that begins like this.
func pasted(t *testing.T, report Report, prefix string) string {
	t.Helper()
	for _, finding := range report.Findings {
		for _, advice := range finding.Fix {
			for _, line := range advice.Paste {
				if strings.HasPrefix(line, prefix) {
					return line
				}
			}
		}
	}
	t.Fatalf("no line to paste begins with %q", prefix)
	return ""
}

func TestRunUnreachable(t *testing.T) {
	s := newSite(t)
	dead := closedAddress(t)
	s.declare(t, fmt.Sprintf("endpoints: [%s, %s]\n    ca_file: home-ca.pem", dead, s.servers[1].URL))
	report, text := s.run(t)
	if report.Count(Problem) != 0 || report.Count(Warning) != 1 {
		t.Errorf("one of two addresses is dead, which is a warning:\n%s", text)
	}
	wantContains(t, text, dead+": nothing listens there", "https://pve2.example:8006 answers", "token backup-exporter@pve!metrics is accepted")

	s.declare(t, "endpoints: ["+dead+"]")
	report, text = s.run(t)
	if report.Count(Problem) != 1 {
		t.Errorf("got\n%s", text)
	}
	golden(t, "unreachable", strings.ReplaceAll(text, strings.TrimPrefix(dead, "https://"), "pve9.example:8006"))
}

// What answers may be something else than Proxmox VE, or a file may not be what the declared file says.
func TestRunWrongServer(t *testing.T) {
	s := newSite(t)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	encrypted := httptest.NewUnstartedServer(http.NotFoundHandler())
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	for _, tt := range []struct{ connection, want string }{
		{"endpoints: [" + strings.Replace(plain.URL, "http:", "https:", 1) + "]", "does not speak https"},
		{fmt.Sprintf("endpoints: [%s]\n    fingerprint: %q", encrypted.URL, fingerprintOf(encrypted.Certificate())), "404"},
		{"endpoints: [" + s.servers[0].URL + "]\n    ca_file: config.yml", "ca_file holds no certificate"},
		{"endpoints: [" + s.servers[0].URL + "]\n    ca_file: nowhere.pem", "nowhere.pem: no such file"},
		{"refresh_interval: 1m", "this machine is not a Proxmox VE node"},
	} {
		s.declare(t, tt.connection)
		report, text := s.run(t)
		if report.Count(Problem) != 1 {
			t.Errorf("%d problems with %s:\n%s", report.Count(Problem), tt.connection, text)
		}
		wantContains(t, text, tt.want, "not checked: ")
	}
}

// A token without any ACL gets mostly empty lists with status 200. The printed role is enough to make all well.
func TestRunWithoutPrivileges(t *testing.T) {
	s := newSite(t)
	s.cluster.Change(func(m *pvesim.Model) { m.Access.Grants = nil })
	report, text := s.run(t)
	if report.Count(Problem) != 1 || report.Count(Warning) != 0 {
		t.Errorf("%d problems, %d warnings: one cause is one problem", report.Count(Problem), report.Count(Warning))
	}
	golden(t, "no-privileges", text)
	s.cluster.Change(func(m *pvesim.Model) {
		m.Access.Roles[Role] = strings.Fields(rolePrivileges)
		for _, who := range []string{"backup-exporter@pve", pvesim.ExporterToken} {
			m.Access.Grants = append(m.Access.Grants, access.Grant{Path: "/", Who: who, Role: Role})
		}
	})
	if report, text := s.run(t); report.Count(Problem)+report.Count(Warning) != 0 {
		t.Errorf("with the role that the commands make:\n%s", text)
	}
}

// With archive_details and PVEAuditor, the content listing is empty and nothing says so but the check. Its role is enough.
func TestRunWithoutDetails(t *testing.T) {
	s := newSite(t)
	s.declare(t, fmt.Sprintf("endpoints: [%s, %s]\n    ca_file: home-ca.pem\n    archive_details: true", s.servers[0].URL, s.servers[1].URL))
	report, text := s.run(t)
	if report.Count(Problem) != 1 {
		t.Errorf("%d problems: one cause is one problem:\n%s", report.Count(Problem), text)
	}
	wantContains(t, text, "lacks Datastore.AllocateSpace on /storage/backup-nfs", "VM.Backup on /vms")
	s.cluster.Change(func(m *pvesim.Model) {
		m.Access.Roles[Role], m.Access.Roles[DetailsRole] = strings.Fields(rolePrivileges), strings.Fields(detailsPrivileges)
		for _, line := range strings.Split(text, "\n") {
			words := strings.Fields(strings.ReplaceAll(line, "'", ""))
			if len(words) != 10 || words[0] != "pveum" || words[1] != "acl" {
				continue
			}
			for _, role := range strings.Split(words[9], ",") {
				m.Access.Grants = append(m.Access.Grants, access.Grant{Path: words[3], Who: words[5], Role: role}, access.Grant{Path: words[3], Who: words[7], Role: role})
			}
		}
	})
	if report, text := s.run(t); report.Count(Problem)+report.Count(Warning) != 0 {
		t.Errorf("after the printed commands:\n%s", text)
	}
}

func TestRunOldVersion(t *testing.T) {
	s := newSite(t)
	s.cluster.Change(func(m *pvesim.Model) { m.Version = "7.0-14" })
	report, text := s.run(t)
	if report.Count(Problem) != 1 {
		t.Errorf("got\n%s", text)
	}
	wantContains(t, text, "x problem  Proxmox VE 7.0-14 is too old", "not checked: privileges, excess")
}

func TestRunClocks(t *testing.T) {
	s := newSite(t)
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Skip("this machine has no time zones")
	}
	s.cluster.Change(func(m *pvesim.Model) { m.Node("pve2").ClockSkew, m.Node("pve2").Zone = 42*time.Second, paris })
	report, text := s.run(t)
	if report.Count(Warning) != 2 {
		t.Errorf("got\n%s", text)
	}
	wantContains(t, text, "the clock of node pve2 is 42 s ahead of this machine's", "2 time zones (Europe/Paris: pve2; UTC: pve1)")
}

func TestRunBadFiles(t *testing.T) {
	s := newSite(t)
	s.write(t, "config.yml", "version: 1\nclusters: [home\n")
	report, text := s.run(t)
	if report.Count(Problem) != 1 {
		t.Errorf("got\n%s", text)
	}
	wantContains(t, text, "config.yml:", "hint: ", "1 problem, 0 warnings")

	if err := os.Remove(filepath.Join(s.dir, "config.yml")); err != nil {
		t.Fatal(err)
	}
	report, text = s.run(t)
	if report.Count(Problem) != 1 {
		t.Errorf("got\n%s", text)
	}
	wantContains(t, text, "config.yml", "no such file", "hint: ")
}

// A broken cluster, and a node that hangs, leave the rest as it is.
func TestRunGoesOn(t *testing.T) {
	s := newSite(t)
	content, err := os.ReadFile(filepath.Join(s.dir, "config.yml"))
	if err != nil {
		t.Fatal(err)
	}
	other := "  away:\n    endpoints: [" + closedAddress(t) + "]\n    exporter: {token_id: a@pve!b, token_secret_file: home.exporter}\nenvironments:\n"
	both := strings.NewReplacer("environments:\n", other, "prod: {", "prod: {cluster: home, ").Replace(string(content))
	s.write(t, "config.yml", both)
	report, text := s.run(t)
	if report.Count(Problem) != 1 {
		t.Errorf("got\n%s", text)
	}
	wantContains(t, text, "cluster away\n", "nothing listens there", "archives in ")

	s.write(t, "config.yml", string(content))
	s.timeout = 10 * time.Second
	s.cluster.Faults.Add(wire.Fault{Endpoint: "/nodes/{node}/storage/{storage}/prunebackups", Storage: "pbs-remote", Hang: true})
	report, text = s.run(t)
	if report.Count(Problem) != 1 {
		t.Errorf("got\n%s", text)
	}
	wantContains(t, text, "the archives on pbs-remote cannot be listed: no answer in time", "--timeout allows more than 10s", "in 3 places listed")
}

// The check judges certificates itself, to say more about them. It must come to what the client comes to.
func TestTrustAgreesWithTheClient(t *testing.T) {
	s := newSite(t)
	stranger, err := wire.NewAuthority("stranger")
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "stranger.pem", string(stranger.PEM))
	named := strings.Replace(s.servers[0].URL, "127.0.0.1", "127.0.0.2", 1) // the certificate is for 127.0.0.1; Linux answers at both
	for _, tt := range []struct {
		connection string
		trusted    bool
	}{
		{"endpoints: [" + s.servers[0].URL + "]\n    ca_file: home-ca.pem", true},
		{"endpoints: [" + s.servers[0].URL + "]\n    ca_file: stranger.pem", false},
		{"endpoints: [" + s.servers[0].URL + "]", false},
		{"endpoints: [" + named + "]\n    ca_file: home-ca.pem", false},
		{fmt.Sprintf("endpoints: [%s]\n    fingerprint: %q", s.servers[0].URL, s.servers[0].Fingerprint), true},
		{fmt.Sprintf("endpoints: [%s]\n    fingerprint: %q", s.servers[0].URL, s.servers[1].Fingerprint), false},
	} {
		s.declare(t, tt.connection)
		file, err := config.Load(filepath.Join(s.dir, "config.yml"))
		if err != nil {
			t.Fatal(err)
		}
		connect := func(cluster config.Cluster) (Client, error) {
			return exporter.Connect(cluster, s.dir, slog.New(slog.DiscardHandler), nil)
		}
		f := gather(context.Background(), Options{Root: s.dir, Now: s.clock.Now, Connect: connect}, file, file.Clusters[0])
		if client, own := f.endpoints[0].LastError == nil, f.probes[0].failed == ""; client != tt.trusted || own != tt.trusted {
			t.Errorf("%s\nthe client trusts it: %v (%v); the check: %v (%v)", tt.connection, client, f.endpoints[0].LastError, own, f.probes[0].err)
		}
	}
}
