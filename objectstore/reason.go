package objectstore

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"

	"github.com/minio/minio-go/v7"
)

// Reason says why a probe failed.
type Reason string

// The reasons of an [Error]. Those of the first group say that the store could not be asked, those of the second that it answered.
const (
	Refused      Reason = "refused"       // nothing listens there
	Reset        Reason = "reset"         // it broke off before the reply was complete
	Timeout      Reason = "timeout"       // no answer within the probe's time
	Unresolved   Reason = "unresolved"    // the name has no address
	NoRoute      Reason = "no_route"      // the network does not lead there
	NotTLS       Reason = "not_tls"       // it answers in plain HTTP
	Untrusted    Reason = "untrusted"     // certificate of an unknown authority
	WrongName    Reason = "wrong_name"    // certificate for other names
	Expired      Reason = "expired"       // certificate that is not valid now
	BadHandshake Reason = "bad_handshake" // any other failure of TLS
	Failed       Reason = "failed"        // anything else of the network

	WrongKey       Reason = "wrong_key"       // the access key is unknown or switched off, or its secret is another
	ClockSkew      Reason = "clock_skew"      // the two clocks differ by more than S3 accepts, 15 minutes
	Denied         Reason = "denied"          // the access key lacks a right
	BucketMissing  Reason = "bucket_missing"  // there is no such bucket
	ObjectMissing  Reason = "object_missing"  // there is no such object
	NotImplemented Reason = "not_implemented" // the server does not know the call
	Precondition   Reason = "precondition"    // what the call demands of the present state does not hold
	WrongRegion    Reason = "wrong_region"    // the server is of another region
	Busy           Reason = "busy"            // the server has too much to do, is starting or lacks drives
	Redirected     Reason = "redirected"      // it points elsewhere
	NotS3          Reason = "not_s3"          // it answers something else than S3, or than MinIO
	NotState       Reason = "not_state"       // the object is no Terraform state
	Other          Reason = "other"           // any other refusal
)

// reasonOf sorts out what the network or TLS says.
func reasonOf(err error) Reason {
	if reason, ok := tlsReason(err); ok {
		return reason
	}
	var (
		dns        *net.DNSError
		network    net.Error
		redirected *redirectError
	)
	switch {
	case errors.As(err, &redirected):
		return Redirected
	case errors.Is(err, errTooLong):
		return NotS3
	case errors.As(err, &dns):
		return Unresolved
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return NoRoute
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return Timeout
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return Reset
	}
	return Failed
}

func tlsReason(err error) (Reason, bool) {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		other     *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &name):
		return WrongName, true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Expired, true
	case errors.As(err, &authority):
		return Untrusted, true
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/":
		return NotTLS, true
	case errors.As(err, &record), errors.As(err, &alert), errors.As(err, &invalid), errors.As(err, &other):
		return BadHandshake, true
	}
	return "", false
}

// reasons sorts out the codes of S3. Servers agree on most of them.
var reasons = map[string]Reason{
	"InvalidAccessKeyId": WrongKey, "SignatureDoesNotMatch": WrongKey, "InvalidClientTokenId": WrongKey, "XAdminUserNotFound": WrongKey, "XMinioAccessKeyDisabled": WrongKey,
	"RequestTimeTooSkewed": ClockSkew, "RequestExpired": ClockSkew, "RequestNotReadyYet": ClockSkew,
	"AccessDenied": Denied, "AllAccessDisabled": Denied, "AccountProblem": Denied,
	"NoSuchBucket": BucketMissing, "NoSuchKey": ObjectMissing, "NoSuchVersion": ObjectMissing,
	"NotImplemented": NotImplemented, "APINotSupported": NotImplemented, "MethodNotAllowed": NotImplemented, "VersioningNotConfigured": NotImplemented,
	"PreconditionFailed": Precondition, "ConditionalRequestConflict": Precondition,
	"AuthorizationHeaderMalformed": WrongRegion, "InvalidRegion": WrongRegion, "PermanentRedirect": WrongRegion,
	"SlowDown": Busy, "SlowDownRead": Busy, "SlowDownWrite": Busy, "ServiceUnavailable": Busy, "XMinioServerNotInitialized": Busy, "Busy": Busy,
}

// refusalReason sorts out a refusal. The status decides where the code is unknown.
func refusalReason(refusal minio.ErrorResponse) Reason {
	if reason, ok := reasons[refusal.Code]; ok {
		return reason
	}
	switch refusal.StatusCode {
	case http.StatusUnauthorized:
		return WrongKey
	case http.StatusForbidden:
		return Denied
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return NotImplemented
	case http.StatusPreconditionFailed:
		return Precondition
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return Busy
	}
	if strings.HasPrefix(refusal.Code, "XMinio") || refusal.Code != "" && !strings.Contains(refusal.Code, " ") {
		return Other
	}
	return NotS3 // no code of S3, but the words of the status line
}
