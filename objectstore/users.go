package objectstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/secure-io/sio-go"
	"golang.org/x/crypto/argon2"
)

// What follows is for stores of kind minio alone: the few calls of MinIO's administration API (/minio/admin/v3) that an access key takes. Forks of MinIO
// have the same. The requests are signed like those of S3.

// User is an access key of the server, without its secret, which nobody can read back.
type User struct {
	Enabled  bool
	Policies []string // attached to it
	Groups   []string // whose policies hold for it too
}

// User asks for an access key. It is not found where there is none of that name. One request. No error shows the name.
func (c *Client) User(ctx context.Context, name string) (user User, found bool, err error) {
	content, err := c.administer(ctx, "look up an access key", http.MethodGet, "user-info", url.Values{"accessKey": {name}}, nil, name)
	if codeOf(err) == "XMinioAdminNoSuchUser" {
		return User{}, false, nil
	}
	if err != nil {
		return User{}, false, err
	}
	var read struct {
		PolicyName string   `json:"policyName"`
		Status     string   `json:"status"`
		MemberOf   []string `json:"memberOf"`
	}
	if json.Unmarshal(content, &read) != nil || read.Status == "" {
		return User{}, false, c.notMinIO("look up an access key")
	}
	policies := strings.FieldsFunc(read.PolicyName, func(r rune) bool { return r == ',' })
	return User{Enabled: read.Status == "enabled", Policies: policies, Groups: read.MemberOf}, true, nil
}

// SetUser makes an access key of a name, or gives the one that is there this secret, and enables it. One request. No error shows name or secret.
func (c *Client) SetUser(ctx context.Context, name, secret string) error {
	const what = "write an access key"
	if err := c.keys.load(); err != nil { // the body is encrypted with it
		return err
	}
	plain, err := json.Marshal(map[string]string{"secretKey": secret, "status": "enabled"})
	if err != nil {
		return err
	}
	body, err := seal(c.keys.value().SecretAccessKey, plain)
	if err != nil {
		return err
	}
	_, err = c.administer(ctx, what, http.MethodPut, "add-user", url.Values{"accessKey": {name}}, body, name, secret)
	return err
}

// Policy reads a policy by its name, as JSON. One request.
func (c *Client) Policy(ctx context.Context, name string) (document []byte, found bool, err error) {
	document, err = c.administer(ctx, "read policy "+name, http.MethodGet, "info-canned-policy", url.Values{"name": {name}}, nil)
	if codeOf(err) == "XMinioAdminNoSuchPolicy" {
		return nil, false, nil
	}
	if err == nil && !json.Valid(document) {
		return nil, false, c.notMinIO("read policy " + name)
	}
	return document, err == nil, err
}

// SetPolicy writes a policy, in the place of one of the same name. One request.
func (c *Client) SetPolicy(ctx context.Context, name string, document []byte) error {
	_, err := c.administer(ctx, "write policy "+name, http.MethodPut, "add-canned-policy", url.Values{"name": {name}}, document)
	return err
}

// AttachPolicy makes a policy the only one that is attached to an access key. One request. No error shows the access key's name.
func (c *Client) AttachPolicy(ctx context.Context, user, policy string) error {
	query := url.Values{"policyName": {policy}, "userOrGroup": {user}, "isGroup": {"false"}}
	_, err := c.administer(ctx, "attach policy "+policy+" to an access key", http.MethodPut, "set-user-or-group-policy", query, nil, user)
	return err
}

// administer sends one request to the administration API.
func (c *Client) administer(ctx context.Context, what, method, call string, query url.Values, body []byte, hidden ...string) ([]byte, error) {
	ctx, e, err := c.beginSigned(ctx, 1, "%s", what)
	if err != nil {
		return nil, err
	}
	defer e.stop()
	return e.signed(ctx, method, "/minio/admin/v3/"+call, query, body, hidden...)
}

// notMinIO says that something else answers where MinIO's administration should.
func (c *Client) notMinIO(what string) error {
	e := &errand{client: c, what: what}
	return e.unreadable("reply of MinIO's administration")
}

// seal encrypts the body of a request in the way that MinIO's administration API demands: with a key that is made of the caller's secret by Argon2id,
// in the form salt (32 bytes), cipher (one byte, 0 is AES-256-GCM), nonce, ciphertext as sio-go writes it.
func seal(secret string, plain []byte) ([]byte, error) {
	const saltBytes, keyBytes, passes, memory, threads = 32, 32, 1, 64 << 10, 4 // memory is in KiB
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // it never fails
	stream, err := sio.AES_256_GCM.Stream(argon2.IDKey([]byte(secret), salt, passes, memory, threads, keyBytes))
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, stream.NonceSize())
	_, _ = rand.Read(nonce)
	var out bytes.Buffer
	out.Write(salt)
	out.WriteByte(0)
	out.Write(nonce)
	writer := stream.EncryptWriter(&out, nonce, nil)
	if _, err := writer.Write(plain); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
