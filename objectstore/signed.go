package objectstore

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // S3 asks for it beside the signature's SHA-256, and nothing depends on it
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/signer"
)

// signed sends a request that minio-go has no function for, or whose reply it would not hand over whole, and returns the reply's body. Texts of hidden
// appear in no error. One request.
func (e *errand) signed(ctx context.Context, method, path string, query url.Values, body []byte, hidden ...string) ([]byte, error) {
	target := *e.client.endpoint
	target.Path, target.RawQuery = path, strings.ReplaceAll(query.Encode(), "+", "%20")
	request, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, e.failure(Other, errors.New("the address cannot be written"))
	}
	sum := sha256.Sum256(body)
	request.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
	if len(body) > 0 {
		old := md5.Sum(body) //nolint:gosec // see above
		request.Header.Set("Content-Md5", base64.StdEncoding.EncodeToString(old[:]))
	}
	key := e.client.keys.value()
	request = signer.SignV4(*request, key.AccessKeyID, key.SecretAccessKey, "", e.client.cfg.Region)
	reply, err := e.client.plain.Do(request)
	if err != nil {
		var wrapped *url.Error // it has the address, and that the user's name
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, e.explain(err)
	}
	defer func() { _ = reply.Body.Close() }()
	content, err := io.ReadAll(reply.Body)
	switch {
	case err != nil:
		return nil, e.explain(err)
	case reply.StatusCode >= http.StatusBadRequest:
		return nil, e.refusal(readRefusal(reply.StatusCode, reply.Status, content, hidden))
	}
	return content, nil
}

// readRefusal reads a refusal in the form of S3, which is XML, or of MinIO's administration, which is JSON.
func readRefusal(status int, line string, content []byte, hidden []string) minio.ErrorResponse {
	var text struct{ Code, Message string }
	if xml.Unmarshal(content, &text) != nil && json.Unmarshal(content, &text) != nil || text.Code == "" {
		text.Code, text.Message = line, ""
	}
	for _, secret := range hidden {
		if secret != "" {
			text.Message = strings.ReplaceAll(text.Message, secret, "***")
		}
	}
	return minio.ErrorResponse{StatusCode: status, Code: text.Code, Message: text.Message}
}

// codeOf returns the code of a server's refusal, empty where err is none.
func codeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// MayHaveChanged reports whether a write that failed may have taken place all the same: it was sent, and nobody said no.
func MayHaveChanged(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	}
	switch e.Reason {
	case Timeout, Reset, Failed:
		return true
	case Busy, Other:
		return e.Status >= http.StatusInternalServerError
	}
	return false
}

// unreadable says that a reply is not what it should be, without any of its content.
func (e *errand) unreadable(what string) error {
	return e.failure(NotS3, fmt.Errorf("the reply is no %s", what))
}
