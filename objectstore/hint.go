package objectstore

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

var hints = map[Reason]string{
	Refused:       "nothing listens there: is the server running, and is this its port? MinIO's own is 9000; 9001 is its console",
	Reset:         "the server may be restarting, or a device in between cuts connections",
	Timeout:       "the host is down or overloaded, one of its disks hangs, or a firewall drops the packets on their way to it",
	Unresolved:    "use a name that this machine can resolve, or the IP address",
	NoRoute:       "the host is down, or this machine has no route to its network",
	NotTLS:        "write the endpoint with http://, or give the server a certificate",
	Untrusted:     "set ca_file to the certificate of the authority that signed the server's, or to the server's own if it signed itself; before it is trusted nothing is sent",
	Expired:       "renew the server's certificate; if it looks valid, compare this machine's clock with the server's",
	WrongKey:      "the key is unknown there or switched off, or the secret is of another key: compare the two secret files with the server",
	BucketMissing: "create it, or let `pve-backup-exporter provision` do that; bucket names are case-sensitive",
	Denied:        "give the access key the right; docs/object-stores.md has the rights of the exporter's key and of provisioning's",
	WrongRegion:   "set the store's `region` to the server's own",
	Busy:          "look at the server's own log: it may be starting, lack drives, or be out of disk space",
	Redirected:    "redirects are not followed: write the address that the server itself has as `endpoint`",
	NotS3:         "is this the address of the S3 API? MinIO's console, for one, has another port; and `kind: minio` is for MinIO alone",
	NotState:      "compare `bucket` and `key` with those of the Terraform backend",
	Failed:        "compare the endpoint with the server's address",
}

// advise adds what the reader can do about it.
func (e *Error) advise() error {
	switch {
	case e.Reason == WrongName && e.Names != "":
		return ui.Hint(e, "the certificate is for %s: write one of these in `endpoint`", e.Names)
	case e.Reason == ClockSkew && e.Behind > 0:
		return ui.Hint(e, "this machine's clock is %s behind the server's: let both follow the same time servers", e.Behind)
	case e.Reason == ClockSkew && e.Behind < 0:
		return ui.Hint(e, "this machine's clock is %s ahead of the server's: let both follow the same time servers", -e.Behind)
	case e.Reason == ClockSkew:
		return ui.Hint(e, "let both machines follow the same time servers")
	}
	if hint, ok := hints[e.Reason]; ok {
		return ui.Hint(e, "%s", hint)
	}
	return e
}

// namesIn lists what the certificate is for that an error is about: the first few names and addresses.
func namesIn(err error) string {
	var verification *tls.CertificateVerificationError
	if !errors.As(err, &verification) || len(verification.UnverifiedCertificates) == 0 {
		return ""
	}
	names := namesOf(verification.UnverifiedCertificates[0])
	if len(names) > 8 {
		names = append(names[:8], "...")
	}
	return clean(strings.Join(names, ", "))
}

func namesOf(leaf *x509.Certificate) []string {
	names := append([]string{}, leaf.DNSNames...)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}
