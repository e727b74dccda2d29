package sshsim

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/crypto/ssh"
)

// Machine is a system that somebody can log in to as root.
type Machine struct {
	Address string // host:port of its SSH server
	Root    string // the folder in the place of the root
	HostKey string // the fingerprint of its SSH host key
	// Signer is the key that it lets in; PrivateKey and PublicKey are its files' contents.
	Signer                ssh.Signer
	PrivateKey, PublicKey string

	// Forward maps addresses that somebody connects to through SSH; others are connected to as they are. Only the server in this process does it.
	Forward map[string]string

	mu       sync.Mutex
	path     string
	config   *ssh.ServerConfig
	commands int
	cut      int
	after    bool
}

// newMachine makes keys and the root.
func newMachine(t testing.TB) (*Machine, string) {
	t.Helper()
	m := &Machine{Forward: map[string]string{}}
	m.Root, m.path = newRoot(t)
	t.Cleanup(m.stopService)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	m.Signer, m.PrivateKey = keyOf(t, private)
	m.PublicKey = string(ssh.MarshalAuthorizedKey(m.Signer.PublicKey()))
	_, host, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, text := keyOf(t, host)
	m.HostKey = ssh.FingerprintSHA256(signer.PublicKey())
	m.config = &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if ssh.FingerprintSHA256(key) != ssh.FingerprintSHA256(m.Signer.PublicKey()) {
			return nil, os.ErrPermission
		}
		return &ssh.Permissions{}, nil
	}}
	m.config.AddHostKey(signer)
	return m, text
}

func keyOf(t testing.TB, private ed25519.PrivateKey) (ssh.Signer, string) {
	t.Helper()
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	return signer, string(pem.EncodeToMemory(block))
}

// stopService ends what systemctl started.
func (m *Machine) stopService() {
	text, err := os.ReadFile(m.At("/.machine/pid"))
	if err != nil {
		return
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// At is a path of the machine, as this process sees it.
func (m *Machine) At(path string) string { return filepath.Join(m.Root, path) }

// Read returns a file's content, empty for none.
func (m *Machine) Read(path string) string {
	text, _ := os.ReadFile(m.At(path)) // which may not be there
	return string(text)
}

// Put writes a file.
func (m *Machine) Put(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(m.At(path), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Cut ends the connection at a command from now on, counted from one: before it is run, or after. The next ones are served again.
func (m *Machine) Cut(command int, after bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commands, m.cut, m.after = 0, command, after
}

// Commands tells how many commands were run since the last Cut, or since the beginning.
func (m *Machine) Commands() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.commands
}

// next counts a command, and says whether the connection ends before or after it.
func (m *Machine) next() (before, after bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commands++
	is := m.commands == m.cut
	return is && !m.after, is && m.after
}

// command is a line of the shell, with the machine's own programs first.
func (m *Machine) command(line string) *exec.Cmd {
	command := exec.Command("/bin/sh", "-c", line) //nolint:gosec // that is what the machine is for
	command.Env = []string{"PATH=" + m.path + ":/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + m.Root}
	return command
}
