package objectstore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/minio/minio-go/v7"
)

// Error says why a probe failed.
type Error struct {
	Store   string // the store's name
	Address string // its endpoint
	What    string // what was tried, such as "list the versions in bucket tfstate-prod"
	Reason  Reason

	Status  int    // of the reply, 0 where there was none
	Code    string // of S3, such as NoSuchBucket
	Message string // what the server says

	Behind time.Duration // how far this machine's clock is behind the server's, for [ClockSkew]
	Names  string        // what the certificate is for, for [WrongName]
	Err    error
}

var reasonTexts = map[Reason]string{
	Refused: "connection refused", Reset: "the connection broke off", Timeout: "no answer in time", NotTLS: "the server answers in plain http",
	Untrusted: "the certificate is signed by an unknown authority", WrongName: "the certificate is for another name",
	Expired: "the certificate has expired or is not yet valid", NotS3: "the server answers something else than an object store does",
	WrongKey: "the access key is not accepted", ClockSkew: "the server's clock and this machine's differ too much", Denied: "access denied",
	BucketMissing: "there is no such bucket", ObjectMissing: "there is no such object", NotImplemented: "the server does not know this call",
	Busy: "the server is too busy, or not ready", Redirected: "the server points to another address", NotState: "the object is no Terraform state",
	WrongRegion: "the server is of another region",
}

// Error names the store, what was tried and why it failed.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "store %s (%s): %s: ", e.Store, e.Address, e.What)
	text, plain := reasonTexts[e.Reason]
	switch {
	case plain:
		b.WriteString(text)
	case e.Message != "":
		b.WriteString(e.Message)
	case e.Err != nil:
		b.WriteString(clean(e.Err.Error()))
	}
	if e.Status != 0 {
		b.WriteString(" (" + strings.TrimSpace(fmt.Sprint(e.Status, " ", e.Code)) + ")")
	}
	return b.String()
}

// Unwrap returns the cause, where there is one beside the server's words.
func (e *Error) Unwrap() error { return e.Err }

// ReasonOf returns the reason of an [Error] in err, empty where there is none.
func ReasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

// explain makes an error of this package of what a call of minio-go or of net/http has returned.
func (e *errand) explain(err error) error {
	if err == nil {
		return nil
	}
	var refusal minio.ErrorResponse
	switch {
	case errors.Is(err, errSpent):
		return errSpent
	case e.parent.Err() != nil:
		return fmt.Errorf("store %s: %s: %w", e.client.cfg.Name, e.what, e.parent.Err())
	case errors.As(err, &refusal) && refusal.StatusCode != 0:
		return e.refusal(refusal)
	case e.cause != nil:
		return e.failure(reasonOf(e.cause), e.cause)
	case errors.Is(err, context.DeadlineExceeded):
		return e.failure(Timeout, err)
	}
	if !e.sent {
		return e.failure(Other, err) // minio-go did not like what it was asked for
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return e.failure(NotS3, err) // minio-go could not read the reply
}

func (e *errand) refusal(refusal minio.ErrorResponse) error {
	reason := refusalReason(refusal)
	made := e.bare(reason)
	made.Status, made.Code, made.Message = refusal.StatusCode, clean(refusal.Code), clean(e.client.keys.hide(refusal.Message))
	if reason == NotS3 {
		made.Code = "" // it is the status line
	}
	if reason == ClockSkew {
		made.Behind = e.behind.Round(time.Second)
	}
	return made.advise()
}

func (e *errand) failure(reason Reason, cause error) error {
	made := e.bare(reason)
	made.Err, made.Names = cause, namesIn(cause)
	return made.advise()
}

func (e *errand) bare(reason Reason) *Error {
	return &Error{Store: e.client.cfg.Name, Address: e.client.endpoint.String(), What: e.what, Reason: reason}
}

// clean makes one short line of a server's text.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	const longest = 300
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "..."
	}
	return text
}
