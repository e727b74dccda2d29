package check

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// checkConnection looks at how the cluster is said to be reached.
func checkConnection(f *facts) []Finding {
	switch {
	case f.connectionErr != nil:
		return []Finding{found(Problem, "the cluster has no address").caused(f.connectionErr)}
	case f.clientErr != nil:
		return []Finding{found(Problem, "the settings of the connection cannot be used").caused(f.clientErr)}
	case f.connection.Local:
		return []Finding{found(Info, "no endpoint is declared: this machine is a node, and is asked at %s", strings.Join(f.connection.Endpoints, ", "))}
	}
	return nil
}

// checkEndpoints looks at every address: its name, whether something listens, the certificate, and whether it is a Proxmox VE API.
func checkEndpoints(f *facts) []Finding {
	level := Problem
	for i := range f.probes {
		if f.usable(i) {
			level = Warning // another address does: calls go there
		}
	}
	var findings []Finding
	for i, p := range f.probes {
		findings = append(findings, f.endpoint(i, p, level)...)
	}
	return findings
}

// usable reports that nothing is known against an address.
func (f *facts) usable(i int) bool {
	return f.probes[i].failed == "" && (i >= len(f.endpoints) || f.endpoints[i].LastError == nil)
}

func (f *facts) endpoint(i int, p probe, level Level) []Finding {
	switch p.failed {
	case stepResolve, stepConnect, stepHandshake:
		return []Finding{unreachable(p, level)}
	case stepTrust:
		return []Finding{f.untrusted(p, level)}
	}
	if i < len(f.endpoints) && f.endpoints[i].LastError != nil {
		return []Finding{found(level, "%s: the API does not answer as it should", p.address).caused(f.endpoints[i].LastError)}
	}
	if p.proxy != "" {
		return []Finding{found(OK, "%s answers, through the proxy %s", p.address, p.proxy)}
	}
	return append([]Finding{f.answers(i, p)}, expiry(f, p)...)
}

func (f *facts) answers(i int, p probe) Finding {
	verb := "is there"
	if i < len(f.endpoints) && f.endpoints[i].Up.Or(false) {
		verb = "answers"
	}
	pinned := ""
	if f.connection.Fingerprint != "" {
		pinned = "the pinned "
	}
	return found(OK, "%s %s: address %s, %scertificate signed by %s, valid until %s", p.address, verb, words.List(p.addresses, 3), pinned,
		issuer(p.certificate), p.certificate.NotAfter.UTC().Format(time.DateOnly))
}

// issuer names who signed a certificate. The authority of a Proxmox VE cluster has the telling name in its organization.
func issuer(certificate *x509.Certificate) string {
	name := cmp.Or(certificate.Issuer.CommonName, "an authority without a name")
	if of := certificate.Issuer.Organization; len(of) > 0 && of[0] != name {
		name += " (" + of[0] + ")"
	}
	return words.Name(name)
}

// renewalLate is when Proxmox VE should have renewed a certificate that it made itself: it does so in the last two weeks, once a day.
const renewalLate = 10 * 24 * time.Hour

// expiry warns before a certificate ends. A pinned one may end: nobody looks at its dates.
func expiry(f *facts, p probe) []Finding {
	left := p.certificate.NotAfter.Sub(f.now)
	if f.connection.Fingerprint != "" || left > renewalLate {
		return nil
	}
	return []Finding{found(Warning, "%s: the certificate ends %s", p.address, words.When(p.certificate.NotAfter.Unix(), f.now.Unix())).
		because("Proxmox VE renews the certificates that it made itself two weeks before: this was not done, or the certificate is not one of these").
		advise("renew it on that node", "pvecm updatecerts --force", "systemctl restart pveproxy")}
}

// certificateNames lists what a certificate is good for.
func certificateNames(certificate *x509.Certificate) []string {
	names := append([]string{}, certificate.DNSNames...)
	for _, ip := range certificate.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = append(names, fmt.Sprintf("no host at all (%s)", certificate.Subject.CommonName))
	}
	return names
}
