package pve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// sensitive are the parameters whose values no error and no log may hold.
var sensitive = map[string]bool{"password": true, "encryption-key": true, "cipassword": true}

// repeated are the parameters that are given once for each value.
var repeated = map[string]bool{"exclude-path": true}

// write makes a call that changes something and whose reply says nothing. It is sent once: not again after a failure, and to another address
// only if the first one could not be reached at all.
func (c *Client) write(ctx context.Context, method string, form url.Values, template string, values ...string) error {
	ask, err := newCall(method, template, values...)
	if err != nil {
		return err
	}
	return c.send(ctx, ask, form, nil)
}

// start makes a call that starts a task and returns the task's id. It is sent once, as those of write are.
func (c *Client) start(ctx context.Context, method string, form url.Values, template string, values ...string) (upid string, err error) {
	ask, err := newCall(method, template, values...)
	if err != nil {
		return "", err
	}
	var data json.RawMessage
	if err := c.send(ctx, ask, form, &data); err != nil {
		return "", err
	}
	if upid, err = textOf(data); err != nil || !strings.HasPrefix(upid, "UPID:") {
		return "", ask.decodeError(errors.New("it names no task")).advise()
	}
	return upid, nil
}

// send sends the parameters of a call that changes something: in the body, but for a deletion in the query, where Proxmox VE looks for them.
func (c *Client) send(ctx context.Context, ask *call, form url.Values, data *json.RawMessage) error {
	for name, values := range form {
		if sensitive[name] {
			ask.secrets = append(ask.secrets, values...)
		}
	}
	path, body := ask.path, []byte(nil)
	switch {
	case ask.method == http.MethodDelete:
		path += encodeQuery(form)
	case len(form) > 0:
		body = []byte(encodeForm(form))
	}
	var into any
	if data != nil {
		into = data
	}
	return ask.explain(ctx, c.api.Req(withCall(ctx, ask), ask.method, path, body, into))
}

// encodeForm writes parameters as Proxmox VE reads them from a query and from a body. A blank is %20: a plus sign is a plus sign in parts of
// its server.
func encodeForm(form url.Values) string {
	return strings.ReplaceAll(form.Encode(), "+", "%20")
}

// formOf is the body of a call: what to set, and the names of what to remove.
func formOf(set map[string]string, remove []string) url.Values {
	form := make(url.Values, len(set)+1)
	for name, value := range set {
		form[name] = []string{value}
		if repeated[name] {
			form[name] = strings.Split(value, "\n")
		}
	}
	if len(remove) > 0 {
		form.Set("delete", strings.Join(remove, ","))
	}
	return form
}

// CreateJob makes a backup job of the given id (POST /cluster/backup). The options are vzdump's and the job's own, in Proxmox VE's words:
// booleans are 0 and 1, the values of exclude-path stand one a line. An id that exists is an error of which [IsAlreadyExists] is
// true; one longer than 50 characters could never be changed or removed again, and is taken nevertheless. Storages, guests and nodes are not
// looked at.
//
// It needs Sys.Modify on /, Datastore.Allocate on the storage (local, where none is given), VM.Backup on the pool and
// Datastore.AllocateSpace on the storage for fleecing.
func (c *Client) CreateJob(ctx context.Context, id string, options map[string]string) error {
	form := formOf(options, nil)
	form.Set("id", id)
	return c.write(ctx, http.MethodPost, form, "/cluster/backup")
}

// UpdateJob sets options of a job and removes others (PUT /cluster/backup/{id}); the rest stays. The kinds of selection replace each other:
// setting vmid drops all, exclude and pool. A schedule cannot be removed. Where notes-template or protected are set, storage must be there
// too, changed or not: else the call is refused. Jobs have no digest: the last writer wins. A job that does not
// exist is an error of which [IsNotFound] is true. It needs what [Client.CreateJob] needs, on the present storage too.
func (c *Client) UpdateJob(ctx context.Context, id string, set map[string]string, remove []string) error {
	return c.write(ctx, http.MethodPut, formOf(set, remove), "/cluster/backup/{id}", id)
}

// DeleteJob removes a job (DELETE /cluster/backup/{id}); its archives stay. One that does not exist is an error of which [IsNotFound] is
// true. It needs Sys.Modify on /.
func (c *Client) DeleteJob(ctx context.Context, id string) error {
	return c.write(ctx, http.MethodDelete, nil, "/cluster/backup/{id}", id)
}

// CreateStorage defines a storage of the given id and type: dir, nfs, cifs, pbs, ... (POST /storage). The answering node activates it first:
// when that fails, nothing is stored. An id that exists is an error of which [IsAlreadyExists] is true. It needs Datastore.Allocate on
// /storage.
func (c *Client) CreateStorage(ctx context.Context, id, kind string, options map[string]string) error {
	form := formOf(options, nil)
	form.Set("storage", id)
	form.Set("type", kind)
	return c.write(ctx, http.MethodPost, form, "/storage")
}

// UpdateStorage sets options of a storage and removes others (PUT /storage/{id}); the rest stays. Where it is and what it is cannot be
// changed: path, server, export, share, datastore and the like are unknown parameters here. With a digest (see [StorageConfig]) the change is
// refused if any storage was changed since: [IsConflict]. It needs Datastore.Allocate on /storage.
func (c *Client) UpdateStorage(ctx context.Context, id string, set map[string]string, remove []string, digest string) error {
	form := formOf(set, remove)
	if digest != "" {
		form.Set("digest", digest)
	}
	return c.write(ctx, http.MethodPut, form, "/storage/{id}", id)
}
