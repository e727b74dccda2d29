package setup

import (
	"fmt"
	"strings"
)

// The places of the server's files.
const (
	account       = "minio"
	unitName      = "minio.service"
	program       = "/usr/local/bin/minio"
	folder        = "/etc/minio"
	environmentAt = folder + "/environment"
	certificates  = folder + "/certs"
	certificateAt = certificates + "/public.crt"
	keyAt         = certificates + "/private.key"
	stampAt       = folder + "/running"
	unitAt        = "/etc/systemd/system/" + unitName
)

// unit is the server's systemd unit. It refuses to run while its data would lie on the system's own volume, which is what would happen without the mount
// point; and it may write nowhere else.
func unit(data string) string {
	return fmt.Sprintf(`# Written by pve-backup-exporter provision. Changes are undone by its next run; put yours into a drop-in: systemctl edit %[1]s
[Unit]
Description=Object store
Wants=network-online.target
After=network-online.target
RequiresMountsFor=%[2]s
AssertPathIsMountPoint=%[2]s

[Service]
Type=exec
User=%[3]s
Group=%[3]s
EnvironmentFile=%[4]s
ExecStart=%[5]s server --address :9000 --console-address :9001 --certs-dir %[6]s %[2]s/data
Restart=always
RestartSec=5
LimitNOFILE=65536
UMask=0027
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ReadWritePaths=%[2]s
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`, unitName, data, account, environmentAt, program, certificates)
}

// environment is the server's environment file, as systemd reads it.
func environment(user, password string) string {
	return "# Written by pve-backup-exporter provision.\nMINIO_ROOT_USER=" + systemdWord(user) + "\nMINIO_ROOT_PASSWORD=" + systemdWord(password) + "\nMINIO_UPDATE=off\n"
}

// systemdWord quotes a value of an environment file.
func systemdWord(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(text) + `"`
}
