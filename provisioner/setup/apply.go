package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Apply brings about what is wanted, step by step; each step is left out where [Server.Look] finds its part as it should be. The program is asked for
// only if it has to be sent.
func (s Server) Apply(ctx context.Context, shell *Shell, open func(ctx context.Context) (io.ReadCloser, error)) error {
	state, err := s.Look(ctx, shell)
	if err != nil {
		return err
	}
	wanted := s.Wanted()
	steps := []struct {
		part string
		do   func() error
	}{
		{Account, func() error { return s.script(ctx, shell, s.accountScript()) }},
		{Data, func() error { return s.data(ctx, shell) }},
		{Program, func() error { return s.program(ctx, shell, open) }},
		{Environment, func() error {
			return s.put(ctx, shell, environmentAt, "0600", "root:root", environment(s.User, s.Password))
		}},
		{Certificate, func() error { return s.put(ctx, shell, certificateAt, "0644", "root:root", s.Certificate) }},
		{Key, func() error { return s.put(ctx, shell, keyAt, "0640", "root:"+account, s.Key) }},
		{Unit, func() error { return s.put(ctx, shell, unitAt, "0644", "root:root", unit(s.Data)) }},
		{Service, func() error { return s.start(ctx, shell) }},
	}
	if s.Certificate == "" && state[Certificate] != "" {
		if err := s.script(ctx, shell, "rm -f "+s.at(certificateAt)+" "+s.at(keyAt)); err != nil {
			return fmt.Errorf("certificate: %w", err)
		}
	}
	for _, step := range steps {
		text, has := wanted[step.part]
		if !has || state[step.part] == text {
			continue
		}
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.part, err)
		}
	}
	return nil
}

func (s Server) script(ctx context.Context, shell *Shell, script string) error {
	_, err := shell.run(ctx, script, nil)
	return err
}

func (s Server) accountScript() string {
	return "useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin " + account
}

// data makes the folder of the buckets, on the volume that is mounted there and on no other.
func (s Server) data(ctx context.Context, shell *Shell) error {
	if _, err := shell.run(ctx, "mountpoint -q "+s.at(s.Data), nil); err != nil {
		return ui.Hint(fmt.Errorf("nothing is mounted at %s: the buckets would lie on the system's own volume, and not in the backup of the data", s.Data),
			"look at mp0 of the container; after a change it needs a restart")
	}
	folder := s.at(s.Data + "/data")
	return s.script(ctx, shell, fmt.Sprintf("mkdir -p %[1]s\nchown %[2]s:%[2]s %[1]s\nchmod 0750 %[1]s", folder, account))
}

// program sends the program, and looks at its checksum again where it arrived.
func (s Server) program(ctx context.Context, shell *Shell, open func(ctx context.Context) (io.ReadCloser, error)) error {
	file, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	target := s.at(program)
	script := fmt.Sprintf(`new=%[1]s.new
trap 'rm -f "$new"' EXIT
mkdir -p "$(dirname %[1]s)"
cat >"$new"
[ "$(sha256sum <"$new" | cut -d' ' -f1)" = %[2]s ] || { echo 'it arrived damaged' >&2; exit 1; }
chown root:root "$new"
chmod 0755 "$new"
sync "$new"
mv "$new" %[1]s`, target, s.SHA256)
	_, err = shell.run(ctx, script, file)
	return err
}

// put writes a file so that it is whole or as before, and at no moment open to more than it may be.
func (s Server) put(ctx context.Context, shell *Shell, path, mode, owner, content string) error {
	script := fmt.Sprintf(`new=%[1]s.new
trap 'rm -f "$new"' EXIT
mkdir -p "$(dirname %[1]s)" %[4]s
umask 077
cat >"$new"
chown %[3]s "$new"
chmod %[2]s "$new"
sync "$new"
mv "$new" %[1]s`, s.at(path), mode, owner, s.at(certificates+"/CAs"))
	_, err := shell.run(ctx, script, strings.NewReader(content))
	return err
}

// start enables and restarts the service, and notes what it runs.
func (s Server) start(ctx context.Context, shell *Shell) error {
	script := fmt.Sprintf(`systemctl daemon-reload
systemctl enable --quiet %[1]s
systemctl restart %[1]s
systemctl is-active --quiet %[1]s
umask 077
echo %[2]s >%[3]s.new
mv %[3]s.new %[3]s`, unitName, s.stamp(), s.at(stampAt))
	if err := s.script(ctx, shell, script); err != nil {
		return ui.Hint(errors.Join(errors.New("the service does not start"), err), "in the container: journalctl --unit %s --no-pager", unitName)
	}
	return nil
}
