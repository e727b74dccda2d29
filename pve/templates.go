package pve

import (
	"context"
	"net/http"
	"net/url"
)

// Template is a container template on a storage.
type Template struct {
	VolumeID string // storage:vztmpl/...
	Format   string // tzst, tgz, txz, tar
	Size     int64  // bytes
	Created  int64  // Unix seconds
}

// Templates lists the container templates on a storage (GET /nodes/{node}/storage/{storage}/content?content=vztmpl). It needs Datastore.Audit
// or Datastore.AllocateSpace on it.
func (c *Client) Templates(ctx context.Context, node, storage string) ([]Template, error) {
	list, _, err := fetchRows(ctx, c, url.Values{"content": {"vztmpl"}}, func(r *record) Template {
		return Template{VolumeID: r.required("volid"), Format: r.text("format"), Size: r.count("size"), Created: r.count("ctime")}
	}, "/nodes/{node}/storage/{storage}/content", node, storage)
	return list, err
}

// AvailableTemplate is a container template that Proxmox offers for download.
type AvailableTemplate struct {
	Template string // the name to download it by: debian-13-standard_13.1-2_amd64.tar.zst
	Package  string // debian-13-standard
	Version  string
	OS       string
	Section  string // system, turnkeylinux, mail
}

// AvailableTemplates lists what the node's index offers (GET /nodes/{node}/aplinfo). Every token may. A new node's index may still be empty.
func (c *Client) AvailableTemplates(ctx context.Context, node string) ([]AvailableTemplate, error) {
	list, _, err := fetchRows(ctx, c, nil, func(r *record) AvailableTemplate {
		return AvailableTemplate{Template: r.required("template"), Package: r.text("package"), Version: r.text("version"), OS: r.text("os"), Section: r.text("section")}
	}, "/nodes/{node}/aplinfo", node)
	return list, err
}

// DownloadTemplate has the node download a template of its index to a storage and returns the task that does it, of type download (POST
// /nodes/{node}/aplinfo). One that is there already with the right checksum is not downloaded again. A template that the index does not
// have is refused. It needs Datastore.AllocateTemplate on the storage.
func (c *Client) DownloadTemplate(ctx context.Context, node, storage, template string) (upid string, err error) {
	form := url.Values{"storage": {storage}, "template": {template}}
	return c.start(ctx, http.MethodPost, form, "/nodes/{node}/aplinfo", node)
}

// DownloadURL has the node download a file to a storage and returns the task that does it, of type download (POST
// /nodes/{node}/storage/{storage}/download-url). The options url, filename and content (vztmpl, iso) must be there; checksum goes with
// checksum-algorithm. A file that exists is an error of which [IsAlreadyExists] is true. It needs Datastore.AllocateTemplate on the
// storage, and Sys.AccessNetwork on /nodes/{node} or both Sys.Audit and Sys.Modify on /.
func (c *Client) DownloadURL(ctx context.Context, node, storage string, options map[string]string) (upid string, err error) {
	return c.start(ctx, http.MethodPost, formOf(options, nil), "/nodes/{node}/storage/{storage}/download-url", node, storage)
}
