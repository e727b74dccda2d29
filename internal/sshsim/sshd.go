package sshsim

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// StartSSHD starts a machine with a real sshd, and skips the test, with the reason, where there is none or it cannot be run. The variable SSHD may
// name one that is not installed.
func StartSSHD(t testing.TB) *Machine {
	t.Helper()
	program := os.Getenv("SSHD")
	if program == "" {
		program = "/usr/sbin/sshd"
	}
	if _, err := os.Stat(program); err != nil { //nolint:gosec // whoever runs the tests names it
		t.Skipf("there is no sshd on this machine: %v (install openssh-server)", err)
	}
	if os.Geteuid() != 0 {
		t.Skip("a real sshd lets root in only if root started it")
	}
	m, hostKey := newMachine(t)
	folder := t.TempDir()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.Address = free.Addr().String()
	_ = free.Close()
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil { //nolint:gosec // as its package makes it
		t.Skipf("sshd needs /run/sshd: %v", err)
	}
	files := map[string]string{"host": hostKey, "keys": m.PublicKey, "config": fmt.Sprintf(`ListenAddress %s
HostKey %s/host
AuthorizedKeysFile %s/keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
SetEnv PATH=%s:/usr/sbin:/usr/bin:/sbin:/bin
`, m.Address, folder, folder, m.path)}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(program, "-D", "-e", "-f", filepath.Join(folder, "config")) //nolint:gosec // whoever runs the tests names it
	log := &lockedBuffer{}
	command.Stderr = log
	if err := command.Start(); err != nil {
		t.Skipf("sshd cannot be run here: %v", err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	})
	for range 100 {
		connection, err := net.Dial("tcp", m.Address)
		if err == nil {
			_ = connection.Close()
			return m
		}
		if said := log.String(); strings.Contains(said, "Privilege separation user") {
			t.Skipf("sshd was not installed by its package: %s", said)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("sshd does not answer:\n%s", log)
	return nil
}

// lockedBuffer is what a process said so far.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes a piece.
func (b *lockedBuffer) Write(piece []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(piece)
}

// String returns all of it.
func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
