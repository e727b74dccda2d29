package check

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// unreachable explains an address that was not reached, or that does not speak TLS.
func unreachable(p probe, level Level) Finding {
	var plain tls.RecordHeaderError
	var timeout net.Error
	switch {
	case p.failed == stepResolve:
		return found(level, "%s: the name %s has no address", p.address, p.host).because("%v", p.err).
			advise("write a name that this machine can resolve, or the node's IP address, in `endpoints`")
	case errors.As(p.err, &plain):
		return found(level, "%s does not speak https", p.address).because("%v", p.err).
			advise("Proxmox VE's own port is 8006, as in https://" + net.JoinHostPort(p.host, "8006"))
	case p.failed == stepHandshake:
		return found(level, "%s: the TLS handshake failed", p.address).because("%v", p.err).
			advise("look at the server there: is it Proxmox VE? On the node", "systemctl status pveproxy")
	case errors.Is(p.err, syscall.ECONNREFUSED):
		return found(level, "%s: nothing listens there", p.address).because("%v", p.err).
			advise("look whether the API runs on that node, and whether its port is 8006", "systemctl status pveproxy")
	case errors.Is(p.err, context.DeadlineExceeded), errors.As(p.err, &timeout) && timeout.Timeout():
		return found(level, "%s: no answer", p.address).because("%v", p.err).
			advise("the host is down or overloaded, or a firewall drops the packets on the way: from this machine", "nc -vz "+quote(p.host)+" 8006")
	default:
		return found(level, "%s cannot be reached", p.address).because("%v", p.err).
			advise("the host is down, or this machine has no route to its network")
	}
}

// untrusted explains a certificate that the client does not take.
func (f *facts) untrusted(p probe, level Level) Finding {
	var (
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.Is(p.err, errFingerprint):
		return found(level, "%s shows another certificate than the pinned one", p.address).
			because("the certificate was renewed, or another server answers in the node's place").
			advise("compare with what the node itself says (pvenode cert info); if it is the same, write", pin(p.certificate))
	case errors.As(p.err, &name):
		finding := found(level, "%s: the certificate is for other names", p.address).
			because("it is for %s", words.List(certificateNames(p.certificate), 8)).
			advise("write one of these names in `endpoints`")
		return f.orPin(finding, p.certificate)
	case errors.As(p.err, &invalid) && invalid.Reason == x509.Expired:
		return found(level, "%s: the certificate has expired or is not valid yet", p.address).
			because("it is valid from %s to %s, and it is %s here", day(p.certificate.NotBefore), day(p.certificate.NotAfter), day(f.now)).
			advise("compare this machine's clock with the node's; if the clocks are right, renew the certificate on the node",
				"pvecm updatecerts --force", "systemctl restart pveproxy")
	}
	return f.unknownAuthority(p, level)
}

func (f *facts) unknownAuthority(p probe, level Level) Finding {
	finding := found(level, "%s: the certificate is signed by an authority that is not trusted", p.address)
	if f.connection.CAFile != "" {
		finding = finding.because("%s signed it, and not the authority in %s", issuer(p.certificate), f.connection.CAFile)
	} else {
		finding = finding.because("%s signed it, which this machine does not know; every cluster has an authority of its own", issuer(p.certificate))
	}
	local := f.cluster.Name + "-ca.pem"
	finding = finding.advise("copy the cluster's authority here, and name it in the declared file, under `clusters: "+f.cluster.Name+":`",
		"scp root@"+quote(p.host)+":/etc/pve/pve-root-ca.pem "+quote(filepath.Join(filepath.Dir(f.file.Path()), local)),
		"ca_file: "+local)
	return f.orPin(finding, p.certificate)
}

// orPin offers the other way to trust a certificate. One fingerprint fits one endpoint only.
func (f *facts) orPin(finding Finding, certificate *x509.Certificate) Finding {
	text := "or pin this certificate in its place, after comparing it with the node's own (pvenode cert info)"
	if len(f.connection.Endpoints) > 1 {
		text = "or declare this endpoint alone and pin its certificate, after comparing it with the node's own (pvenode cert info)"
	}
	return finding.advise(text, pin(certificate))
}

// pin is the line of the declared file that trusts one certificate.
func pin(certificate *x509.Certificate) string {
	return `fingerprint: "` + fingerprintOf(certificate) + `"`
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
