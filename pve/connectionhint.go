package pve

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// advise adds what the reader can do about an address that could not be asked.
func (e *ConnectionError) advise() error {
	pin := fmt.Sprintf(`fingerprint: "%s"`, e.Fingerprint)
	switch e.Kind {
	case ConnectionRefused:
		return ui.Hint(e, "%s", e.refusedHint())
	case ConnectionReset:
		return ui.Hint(e, "pveproxy may be restarting, or a device in between cuts connections: systemctl status pveproxy")
	case ConnectionTimeout:
		if e.sent && e.Node != "" {
			return ui.Hint(e, "node %s is busy, or one of its storages hangs: pvesm status", e.Node)
		}
		return ui.Hint(e, "the host is down or overloaded, or a firewall drops the packets on their way to it")
	case ConnectionUnresolved:
		return ui.Hint(e, "use a name that this machine can resolve, or the node's IP address")
	case ConnectionNoRoute:
		return ui.Hint(e, "the host is down, or this machine has no route to its network")
	case ConnectionNotTLS:
		return ui.Hint(e, "Proxmox VE speaks https, usually at port 8006")
	case ConnectionUntrusted:
		return ui.Hint(ui.Hint(e, "or pin the certificate that was shown, after comparing it with the node's own (pvenode cert info): %s", pin),
			"set ca_file to a copy of the cluster's authority, /etc/pve/pve-root-ca.pem on any node")
	case ConnectionWrongName:
		return ui.Hint(ui.Hint(e, "or pin it, after comparing it with the node's own (pvenode cert info): %s", pin),
			"the certificate is for %s: write one of these in endpoints", e.Names)
	case ConnectionExpired:
		return ui.Hint(e, "compare this machine's clock with the node's; a Proxmox VE certificate is renewed with: pvecm updatecerts --force && systemctl restart pveproxy")
	case ConnectionWrongFingerprint:
		return ui.Hint(e, "the certificate was renewed, or another server answers in the node's place; compare with pvenode cert info on the node before writing %s", pin)
	}
	return e
}

func (e *ConnectionError) refusedHint() string {
	hint := "nothing listens there: systemctl status pveproxy"
	if u, err := url.Parse(e.Address); err == nil && u.Port() != defaultPort {
		hint += fmt.Sprintf("; Proxmox VE's own port is %s, as in https://%s:%s", defaultPort, u.Hostname(), defaultPort)
	}
	return hint
}

// namesOf lists what a certificate is for, as advice: the first few names and addresses.
func namesOf(leaf *x509.Certificate) string {
	names := append([]string{}, leaf.DNSNames...)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{leaf.Subject.CommonName}
	}
	if len(names) > 8 {
		names = append(names[:8], "...")
	}
	return clean(strings.Join(names, ", "))
}
