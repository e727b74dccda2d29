package setup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/sshsim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const (
	someProgram = "#!/bin/sh\nexit 0\n"
	canary      = `pass"w$rd\5ec2e7`
)

// bench is a machine that a server is set up on.
type bench struct {
	*testing.T
	machine *sshsim.Machine
	server  Server
	source  Source
	sent    int // how often the program was
}

func newBench(t *testing.T, machine *sshsim.Machine) *bench {
	b := &bench{T: t, machine: machine}
	b.install([]byte(someProgram))
	return b
}

// install declares a program.
func (b *bench) install(content []byte) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "minio")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256(content)
	b.source = Source{File: path, SHA256: hex.EncodeToString(sum[:])}
	before := b.server
	b.server = Server{SHA256: b.source.SHA256, User: "root-user", Password: canary, Data: "/srv/minio", Root: b.machine.Root, Certificate: before.Certificate, Key: before.Key}
}

func (b *bench) dial() *Shell {
	b.Helper()
	shell, err := Dial(b.Context(), Target{Address: b.machine.Address, Signer: b.machine.Signer, HostKeys: []string{"SHA256:other", b.machine.HostKey}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(shell.Close)
	return shell
}

func (b *bench) apply() error {
	return b.server.Apply(b.Context(), b.dial(), func(ctx context.Context) (io.ReadCloser, error) {
		b.sent++
		return b.source.Open(ctx)
	})
}

func (b *bench) mustApply() {
	b.Helper()
	if err := b.apply(); err != nil {
		b.Fatal(err)
	}
}

// restarts tells how often the service was restarted.
func (b *bench) restarts() int {
	return strings.Count(b.machine.Read("/.machine/systemctl"), "restart minio.service\n")
}

// isSetUp looks at the machine itself.
func (b *bench) isSetUp() {
	b.Helper()
	m := b.machine
	for path, mode := range map[string]os.FileMode{program: 0o755, environmentAt: 0o600, unitAt: 0o644, stampAt: 0o600} {
		if info, err := os.Stat(m.At(path)); err != nil || info.Mode().Perm() != mode {
			b.Errorf("%s: %v, wanted mode %o: %v", path, info, mode, err)
		}
	}
	want := "# Written by pve-backup-exporter provision.\nMINIO_ROOT_USER=\"root-user\"\nMINIO_ROOT_PASSWORD=\"pass\\\"w\\$rd\\\\5ec2e7\"\nMINIO_UPDATE=off\n"
	if got := m.Read(environmentAt); got != want {
		b.Errorf("environment file:\n%s", got)
	}
	if account := m.Read("/.machine/account"); !strings.Contains(account, "--system") || !strings.Contains(account, "nologin") {
		b.Errorf("account: %q", account)
	}
	if m.Read("/.machine/owners") == "" || !strings.Contains(m.Read("/.machine/owners"), "minio:minio "+m.At("/srv/minio/data")) {
		b.Errorf("the data is not the server's own: %s", m.Read("/.machine/owners"))
	}
	left, _ := filepath.Glob(m.At("/*/*/*.new")) // a pattern of ours
	if state, err := b.server.Look(b.Context(), b.dial()); err != nil || state[Service] != Running || len(left) > 0 {
		b.Errorf("%v %v, left behind: %v", state, err, left)
	}
}

// machines are those that every test of setting up runs on.
func machines() map[string]func(testing.TB) *sshsim.Machine {
	return map[string]func(testing.TB) *sshsim.Machine{"a server in this process": sshsim.Start, "a real sshd": sshsim.StartSSHD}
}

func TestAServerIsSetUpAndASecondRunChangesNothing(t *testing.T) {
	for name, start := range machines() {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, start(t))
			if state, err := b.server.Look(t.Context(), b.dial()); err != nil || state[Program] != "" || state[Service] == Running || state[Account] != "" {
				t.Fatalf("nothing is there yet: %v %v", state, err)
			}
			b.mustApply()
			b.isSetUp()
			state, err := b.server.Look(t.Context(), b.dial())
			if err != nil {
				t.Fatal(err)
			}
			for part, text := range b.server.Wanted() {
				if state[part] != text {
					t.Errorf("%s: %q, wanted %q", part, state[part], text)
				}
			}
			b.mustApply()
			if b.sent != 1 || b.restarts() != 1 {
				t.Errorf("the second run sent the program (%d times) or restarted the service (%d times)", b.sent, b.restarts())
			}
			b.changes()
		})
	}
}

// changes proves that what is declared anew is brought in line, and with it the service.
func (b *bench) changes() {
	b.Helper()
	b.server.Password = "another-" + canary
	b.mustApply()
	if b.sent != 1 || b.restarts() != 2 || !strings.Contains(b.machine.Read(environmentAt), "another-") {
		b.Errorf("a new password: %d times sent, %d restarts\n%s", b.sent, b.restarts(), b.machine.Read(environmentAt))
	}
	b.server.Certificate, b.server.Key = "a certificate", "a key"
	b.mustApply()
	if info, err := os.Stat(b.machine.At(keyAt)); err != nil || info.Mode().Perm() != 0o640 || b.machine.Read(certificateAt) != "a certificate" || b.restarts() != 3 {
		b.Errorf("a certificate: %v, %d restarts", err, b.restarts())
	}
	b.server.Certificate, b.server.Key = "", ""
	b.mustApply()
	if b.machine.Read(keyAt) != "" || b.machine.Read(certificateAt) != "" || b.restarts() != 4 {
		b.Errorf("the certificate stays, or %d restarts", b.restarts())
	}
	if err := os.Chmod(b.machine.At(environmentAt), 0o644); err != nil {
		b.Fatal(err)
	}
	b.mustApply()
	if info, err := os.Stat(b.machine.At(environmentAt)); err != nil || info.Mode().Perm() != 0o600 {
		b.Errorf("a file that was opened to others stays open: %v %v", info, err)
	}
}

// TestARunThatBreaksOffAtAnyCommandGoesOn cuts the connection before and after each command, then runs again.
func TestARunThatBreaksOffAtAnyCommandGoesOn(t *testing.T) {
	counting := newBench(t, sshsim.Start(t))
	counting.mustApply()
	all := counting.machine.Commands()
	if all < 6 {
		t.Fatalf("only %d commands", all)
	}
	for command := 1; command <= all; command++ {
		for _, after := range []bool{false, true} {
			b := newBench(t, sshsim.Start(t))
			b.machine.Cut(command, after)
			if err := b.apply(); err == nil {
				t.Fatalf("command %d: it was not noticed", command)
			}
			b.mustApply()
			b.isSetUp()
			if b.sent > 2 || b.restarts() > 2 {
				t.Errorf("command %d: sent %d times, restarted %d times", command, b.sent, b.restarts())
			}
			if at := b.machine.Commands(); at < 2 {
				t.Errorf("only %d commands", at)
			}
		}
	}
}

func TestWhatKeepsAServerFromBeingSetUp(t *testing.T) {
	for name, test := range map[string]struct {
		edit         func(b *bench)
		wanted, hint string
	}{
		"the data would not be on its own volume": {func(b *bench) { b.machine.Put(b, "/.machine/unmounted", "") }, "data: nothing is mounted at /srv/minio", "mp0"},
		"the service does not start":              {func(b *bench) { b.machine.Put(b, "/.machine/breaks", "") }, "the service does not start", "journalctl --unit minio.service"},
		"another program":                         {func(b *bench) { b.server.SHA256 = strings.Repeat("0", 64); b.source.SHA256 = b.server.SHA256 }, "is declared: nothing was installed", "which of the two"},
		"no program":                              {func(b *bench) { b.source.File += "-gone" }, "no such file", "server: {file"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, sshsim.Start(t))
			test.edit(b)
			err := b.apply()
			if err == nil || !strings.Contains(err.Error(), test.wanted) || !strings.Contains(strings.Join(ui.Hints(err), "\n"), test.hint) || strings.Contains(err.Error(), "5ec2e7") {
				t.Errorf("%v, hints %v", err, ui.Hints(err))
			}
			if name != "the service does not start" && b.machine.Read(program) != "" {
				t.Error("a program was installed")
			}
		})
	}
}

func TestAnotherMachineIsNotTrusted(t *testing.T) {
	for name, start := range machines() {
		t.Run(name, func(t *testing.T) {
			m := start(t)
			_, err := Dial(t.Context(), Target{Address: m.Address, Signer: m.Signer, HostKeys: []string{"SHA256:other"}})
			if !errors.Is(err, ErrHostKey) || !strings.Contains(err.Error(), m.HostKey) || m.Commands() != 0 {
				t.Errorf("%v", err)
			}
			_, err = Dial(t.Context(), Target{Address: m.Address, Signer: sshsim.Start(t).Signer, HostKeys: []string{m.HostKey}})
			if err == nil || !strings.Contains(strings.Join(ui.Hints(err), ""), "authorized_keys") {
				t.Errorf("another key: %v", err)
			}
		})
	}
}

func TestAProgramIsDownloaded(t *testing.T) {
	files := httptest.NewServer(http.HandlerFunc(func(reply http.ResponseWriter, request *http.Request) {
		if request.URL.Path != "/minio" {
			http.NotFound(reply, request)
			return
		}
		_, _ = io.WriteString(reply, someProgram)
	}))
	defer files.Close()
	b := newBench(t, sshsim.Start(t))
	b.source = Source{URL: files.URL + "/gone", SHA256: b.server.SHA256}
	if err := b.apply(); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("%v", err)
	}
	b.source.URL = files.URL + "/minio"
	b.mustApply()
	b.isSetUp()
	if b.machine.Read(program) != someProgram {
		t.Error("it is another one")
	}
}

// TestMinIOAnswers sets a real MinIO up, and ends with its own word that it is alive.
func TestMinIOAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs a real server")
	}
	content, err := os.ReadFile(testprogram.Path(t, "minio"))
	if err != nil {
		t.Fatal(err)
	}
	for name, start := range machines() {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, start(t))
			b.install(content)
			address := testprogram.FreeAddress(t)
			b.machine.Put(t, "/.machine/address", address)
			b.mustApply()
			b.isSetUp()
			if err := b.server.healthyAt(t.Context(), b.dial(), address); err != nil {
				t.Errorf("%v\n%s", err, b.machine.Read("/.machine/log"))
			}
		})
	}
}
