package sshsim

import (
	"os"
	"path/filepath"
	"testing"
)

// programs stand before the real ones. They keep what they are told in the folder .machine of the root.
func programs(root string) map[string]string {
	const head = "#!/bin/sh\nM="
	machine := "'" + root + "/.machine'\n"
	return map[string]string{
		"id":         head + machine + `[ -f "$M/account" ]` + "\n",
		"useradd":    head + machine + `[ ! -f "$M/account" ] || { echo "useradd: user exists" >&2; exit 9; }; echo "$@" >"$M/account"` + "\n",
		"mountpoint": head + machine + `[ ! -f "$M/unmounted" ]` + "\n",
		"chown":      head + machine + `echo "$1 $2" >>"$M/owners"` + "\n",
		"sync":       "#!/bin/sh\n",
		// The owner is the one that chown was told; everything else is as it is.
		"stat": head + machine + `if [ "$2" = '%U %a' ]; then
	owner="$(grep " $3\$" "$M/owners" 2>/dev/null | tail -n 1 | cut -d: -f1)"
	echo "${owner:-root} $(/usr/bin/stat -c %a "$3")"
else
	exec /usr/bin/stat "$@"
fi
`,
		"systemctl": head + machine + `R="$(dirname "$M")"
echo "$@" >>"$M/systemctl"
command="$1"
case "$command" in
daemon-reload) ;;
enable) [ -f "$R/etc/systemd/system/$3" ] && touch "$M/enabled" ;;
is-enabled) if [ -f "$M/enabled" ]; then echo enabled; else echo disabled; exit 1; fi ;;
is-active) if [ -f "$M/active" ]; then [ "$2" = --quiet ] || echo active; else [ "$2" = --quiet ] || echo inactive; exit 3; fi ;;
restart)
	[ ! -f "$M/breaks" ] || { echo "Job for $2 failed because the control process exited with error code." >&2; exit 1; }
	[ ! -f "$M/pid" ] || kill "$(cat "$M/pid")" 2>/dev/null || true
	touch "$M/active"
	if [ -f "$M/address" ]; then
		set -a
		. "$R/etc/minio/environment"
		set +a
		setsid "$R/usr/local/bin/minio" server --address "$(cat "$M/address")" --certs-dir "$R/etc/minio/certs" "$R/srv/minio/data" >"$M/log" 2>&1 </dev/null &
		echo $! >"$M/pid"
	fi ;;
*) exit 1 ;;
esac
`,
	}
}

// newRoot makes the folder of a machine that has just been installed, and returns it with that of its programs.
func newRoot(t testing.TB) (root, path string) {
	t.Helper()
	root = t.TempDir()
	path = filepath.Join(root, ".machine", "bin")
	for _, folder := range []string{path, filepath.Join(root, "srv", "minio"), filepath.Join(root, "etc", "systemd", "system")} {
		if err := os.MkdirAll(folder, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range programs(root) {
		if err := os.WriteFile(filepath.Join(path, name), []byte(text), 0o755); err != nil { //nolint:gosec // programs are run
			t.Fatal(err)
		}
	}
	return root, path
}
