package setup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Server is a server as it is wanted.
type Server struct {
	// SHA256 is that of its program, in lower-case hexadecimal.
	SHA256 string
	// User and Password are those of its root user.
	User, Password string
	// Certificate with its chain, and Key, are PEM; empty for plain http.
	Certificate, Key string
	// Data is where its volume is mounted.
	Data string

	// Root stands before every path: empty, but in tests.
	Root string
}

// State is what is there, by part: a SHA-256 with the file's mode, or what is wrong with it. A part that is not there is missing.
type State map[string]string

// The parts of a server.
const (
	Account     = "account"
	Data        = "data"
	Program     = "program"
	Environment = "environment" // a secret, even its checksum
	Certificate = "certificate"
	Key         = "key" // a secret, even its checksum
	Unit        = "unit"
	Service     = "service"
)

const present = "present"

// Running is the state of a service that is enabled, and runs what is installed.
const Running = "enabled and running"

// Wanted is the state that [Server.Apply] brings about.
func (s Server) Wanted() State {
	state := State{
		Account: present, Data: present, Program: s.SHA256 + " 755", Environment: sum(environment(s.User, s.Password)) + " 600",
		Unit: sum(unit(s.Data)) + " 644", Service: Running,
	}
	if s.Certificate != "" {
		state[Certificate], state[Key] = sum(s.Certificate)+" 644", sum(s.Key)+" 640"
	}
	return state
}

func sum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// stamp says what was installed when the service was started last: one that runs something older has to be restarted.
func (s Server) stamp() string {
	wanted := s.Wanted()
	return sum(strings.Join([]string{wanted[Program], wanted[Environment], wanted[Certificate], wanted[Key], wanted[Unit]}, "\n"))
}

// at is a path on the machine, as a word of the shell.
func (s Server) at(path string) string { return quote(s.Root + path) }

// Look says what is there. It changes nothing.
func (s Server) Look(ctx context.Context, shell *Shell) (State, error) {
	script := fmt.Sprintf(`
file() { if [ -f "$2" ]; then echo "$1 $(sha256sum <"$2" | cut -d' ' -f1) $(stat -c %%a "$2")"; fi; }
if id -u %[1]s >/dev/null 2>&1; then echo 'account present'; fi
if mountpoint -q %[2]s && [ "$(stat -c '%%U %%a' %[3]s 2>/dev/null || true)" = '%[1]s 750' ]; then echo 'data present'; fi
file program %[4]s
file environment %[5]s
file certificate %[6]s
file key %[7]s
file unit %[8]s
enabled="$(systemctl is-enabled %[9]s 2>/dev/null || true)"
active="$(systemctl is-active %[9]s 2>/dev/null || true)"
stamp="$(cat %[10]s 2>/dev/null || true)"
echo "service $enabled/$active/$stamp"
`, account, s.at(s.Data), s.at(s.Data+"/data"), s.at(program), s.at(environmentAt), s.at(certificateAt), s.at(keyAt), s.at(unitAt), unitName, s.at(stampAt))
	out, err := shell.run(ctx, script, nil)
	if err != nil {
		return nil, fmt.Errorf("look at the server: %w", err)
	}
	state := State{}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		if part, text, found := strings.Cut(line, " "); found {
			state[part] = text
		}
	}
	state[Service] = s.service(state[Service])
	if s.Certificate == "" { // what is left there from before is not used by anybody who does not want it
		delete(state, Key)
	}
	return state, nil
}

// service says what a service does: enabled or not, running or not, what is installed or what was before.
func (s Server) service(text string) string {
	parts := strings.SplitN(text, "/", 3)
	switch {
	case len(parts) < 3 || parts[0] == "" || parts[0] == "not-found":
		return "not there"
	case parts[1] != "active":
		return "not running"
	case parts[0] != "enabled":
		return "not enabled"
	case parts[2] != s.stamp():
		return "running what was installed before"
	}
	return Running
}
