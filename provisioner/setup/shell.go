package setup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// Target is where to log in, and as whom.
type Target struct {
	Address string // host:port
	Signer  ssh.Signer
	// HostKeys are the SHA-256 fingerprints of which the server's key must have one, as in "SHA256:...".
	HostKeys []string
}

// Shell runs commands as root on one machine.
type Shell struct{ client *ssh.Client }

// dialTimeout bounds connecting and logging in; commandTimeout one command without its input.
const (
	dialTimeout    = 20 * time.Second
	commandTimeout = 2 * time.Minute
	uploadTimeout  = 30 * time.Minute
)

// ErrHostKey tells that another machine answers than the one that was made.
var ErrHostKey = errors.New("the SSH host key is not the expected one")

// Dial logs in. A host key that is not expected is an [ErrHostKey].
func Dial(ctx context.Context, target Target) (*Shell, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", target.Address)
	if err != nil {
		return nil, ui.Hint(fmt.Errorf("log in by SSH: %w", err), "the machine that provisions must reach port 22 of the container: see `allow_ssh`, and that its system came up")
	}
	if deadline, has := ctx.Deadline(); has {
		_ = connection.SetDeadline(deadline) // of a connection that is open
	}
	config := &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.PublicKeys(target.Signer)},
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256},
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			if got := ssh.FingerprintSHA256(key); !slices.Contains(target.HostKeys, got) {
				return fmt.Errorf("%w: %s answers with %s", ErrHostKey, target.Address, got)
			}
			return nil
		},
	}
	inner, channels, requests, err := ssh.NewClientConn(connection, target.Address, config)
	if err != nil {
		_ = connection.Close()
		return nil, explain(err)
	}
	_ = connection.SetDeadline(time.Time{})
	return &Shell{client: ssh.NewClient(inner, channels, requests)}, nil
}

func explain(err error) error {
	switch {
	case errors.Is(err, ErrHostKey):
		return ui.Hint(err, "another machine may have this address; if the container was made anew, or its keys were, declare `ssh_host_key`")
	case strings.Contains(err.Error(), "unable to authenticate"):
		return ui.Hint(fmt.Errorf("log in by SSH: %w", err), "`ssh_private_key_file` must belong to a key of /root/.ssh/authorized_keys in the container, where `ssh_public_key_file` came when it was made")
	}
	return ui.Hint(fmt.Errorf("log in by SSH: %w", err), "look at the container's console: systemctl status ssh")
}

// Close ends the connection.
func (s *Shell) Close() { _ = s.client.Close() }

// run runs a script of the POSIX shell, with input, and returns its output. A script that fails is an error with what it said last.
func (s *Shell) run(ctx context.Context, script string, input io.Reader) (string, error) {
	limit := commandTimeout
	if input != nil {
		limit = uploadTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	session, err := s.client.NewSession()
	if err != nil {
		return "", fmt.Errorf("run a command by SSH: %w", err)
	}
	defer func() { _ = session.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = s.client.Close() })
	defer stop()
	var out, said bytes.Buffer
	session.Stdin, session.Stdout, session.Stderr = input, &out, &said
	if err := session.Run("exec sh -c " + quote("set -eu\n"+script)); err != nil {
		if ctx.Err() != nil {
			return "", fmt.Errorf("run a command by SSH: %w", ctx.Err())
		}
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return "", fmt.Errorf("%w: %s", err, words.Line(lines[len(lines)-1]))
	}
	return out.String(), nil
}

// quote makes one word of the shell out of a text.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
