package objectstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"
)

// StateHead is what stands at the top of a Terraform or OpenTofu state, before the first secret.
type StateHead struct {
	Version          int    // of the state's form; OpenTofu's encrypted states do not tell it
	TerraformVersion string // that wrote it
	Serial           int64  // counts the changes
	Lineage          string // names the state's origin: every copy of it has the same
}

// headSize is how much of a state is read. Terraform writes the head first, within some two hundred bytes.
const headSize = 4 << 10

var (
	errNoState = errors.New("no serial and lineage at its beginning")

	// ErrOtherLineage says that two states have nothing to do with each other.
	ErrOtherLineage = errors.New("the states have different lineages: they are of different configurations")
	// ErrOlderSerial says that a state is older than another.
	ErrOlderSerial = errors.New("the state is older")
)

// StateHead reads the first kilobytes of a state, one request, and of these no more than the head: what follows holds secrets. The access key must be allowed to
// read the object. An error never holds any of the content.
func (c *Client) StateHead(ctx context.Context, bucket, key string) (StateHead, error) {
	ctx, e, err := c.beginSigned(ctx, 1, "read the head of %s in bucket %s", key, bucket)
	if err != nil {
		return StateHead{}, err
	}
	defer e.stop()
	var options minio.GetObjectOptions
	if err := options.SetRange(0, headSize-1); err != nil {
		return StateHead{}, err
	}
	body, _, _, err := minio.Core{Client: c.api}.GetObject(ctx, bucket, key, options)
	if err != nil {
		err = e.explain(err)
		var refusal *Error
		if errors.As(err, &refusal) && refusal.Code == "InvalidRange" { // an empty object has no first byte
			return StateHead{}, e.failure(NotState, errNoState)
		}
		return StateHead{}, err
	}
	defer body.Close()
	head, err := ReadStateHead(io.LimitReader(body, headSize)) // a server may not know ranges
	if err == nil {
		return head, nil
	}
	if e.cause != nil || ctx.Err() != nil {
		return StateHead{}, e.explain(errors.Join(e.cause, ctx.Err()))
	}
	return StateHead{}, e.failure(NotState, err)
}

// ReadStateHead reads the head of a state, and stops when it has serial and lineage. The error never holds any of the content.
func ReadStateHead(content io.Reader) (StateHead, error) {
	decoder := json.NewDecoder(content)
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return StateHead{}, errNoState
	}
	var head StateHead
	seen := map[string]bool{}
	for decoder.More() && !(seen["serial"] && seen["lineage"]) {
		key, err := decoder.Token()
		if err != nil {
			return StateHead{}, errNoState
		}
		var into any = &json.RawMessage{}
		switch key {
		case "version":
			into = &head.Version
		case "terraform_version":
			into = &head.TerraformVersion
		case "serial":
			into = &head.Serial
		case "lineage":
			into = &head.Lineage
		}
		if decoder.Decode(into) != nil {
			return StateHead{}, errNoState
		}
		if name, ok := key.(string); ok {
			seen[name] = true
		}
	}
	if !seen["serial"] || !seen["lineage"] || head.Serial < 0 || head.Lineage == "" {
		return StateHead{}, errNoState
	}
	return head, nil
}

// Follows reports whether a state may take the place of an earlier one, as Terraform judges it: the same lineage, and a serial that is not lower. The
// error is [ErrOtherLineage] or [ErrOlderSerial].
func (h StateHead) Follows(earlier StateHead) error {
	switch {
	case h.Lineage != earlier.Lineage:
		return ErrOtherLineage
	case h.Serial < earlier.Serial:
		return fmt.Errorf("%w: serial %d, the other has %d", ErrOlderSerial, h.Serial, earlier.Serial)
	}
	return nil
}
