package container

import (
	"context"
	"fmt"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Template is the container template that a new container is made from.
type Template struct {
	Name    string // of the file
	Present bool   // on the storage; else it can be downloaded
}

// template chooses the template: the newest on the storage that is meant, else the newest that Proxmox offers.
func (s *Session) template(ctx context.Context) (Template, error) {
	there, err := s.Client.Templates(ctx, s.is().Node, s.is().TemplateStorage)
	if err != nil {
		return Template{}, err
	}
	var present []string
	for _, each := range there {
		_, name, _ := strings.Cut(each.VolumeID, ":vztmpl/")
		present = append(present, name)
	}
	if name := newest(present, s.is().Template); name != "" {
		return Template{Name: name, Present: true}, nil
	}
	offered, err := s.Client.AvailableTemplates(ctx, s.is().Node)
	if err != nil {
		return Template{}, err
	}
	if name := newest(names(offered), s.is().Template); name != "" {
		return Template{Name: name}, nil
	}
	at := s.File.Position("stores", s.Store.Name, "container", "template")
	return Template{}, ui.Hint(fmt.Errorf("%s: there is no container template %s: neither on storage %s of node %s, nor among those that Proxmox offers", at, s.is().Template, s.is().TemplateStorage, s.is().Node),
		"on the node: pveam update; pveam available --section system; or upload one to the storage")
}

func names(offered []pve.AvailableTemplate) []string {
	list := make([]string, len(offered))
	for i, each := range offered {
		list[i] = each.Template
	}
	return list
}

// newest finds the template of a name, or the newest whose package or name with version is what was written.
func newest(names []string, wanted string) string {
	best := ""
	for _, name := range names {
		switch {
		case name == wanted:
			return name
		case strings.HasPrefix(name, wanted+"_") && (best == "" || newer(name, best)):
			best = name
		}
	}
	return best
}

// newer compares the versions in two names of templates, such as debian-13-standard_13.1-2_amd64.tar.zst. A number counts as a number.
func newer(a, b string) bool {
	for a != "" && b != "" {
		restA, restB := strings.TrimLeft(a, "0123456789"), strings.TrimLeft(b, "0123456789")
		numberA, numberB := strings.TrimLeft(a[:len(a)-len(restA)], "0"), strings.TrimLeft(b[:len(b)-len(restB)], "0")
		switch {
		case len(numberA) != len(numberB):
			return len(numberA) > len(numberB)
		case numberA != numberB:
			return numberA > numberB
		case restA == "" || restB == "":
			return restA != ""
		case restA[0] != restB[0]:
			return restA[0] > restB[0]
		}
		a, b = restA[1:], restB[1:]
	}
	return a != ""
}

// volume is the template's volume id.
func (s *Session) volume(template Template) string {
	return s.is().TemplateStorage + ":vztmpl/" + template.Name
}

// templates is the provider of container templates.
type templates struct{ *Session }

// Read looks whether the template is there by now.
func (t templates) Read(ctx context.Context, key plan.Key) (apply.Object, error) {
	there, err := t.Client.Templates(ctx, t.is().Node, t.is().TemplateStorage)
	if err != nil {
		return apply.Object{}, err
	}
	for _, each := range there {
		if each.VolumeID == key.ID {
			return apply.Object{Current: plan.Current{Key: key, Owned: true, Fields: map[string]string{nodeField: t.is().Node}}, Exists: true}, nil
		}
	}
	return apply.Object{}, nil
}

// Write has the node download it.
func (t templates) Write(ctx context.Context, change plan.Change, _ apply.Object) error {
	if change.Action != plan.Create {
		return errNotRemoved
	}
	upid, err := t.Client.DownloadTemplate(ctx, t.is().Node, t.is().TemplateStorage, t.Inventory.Template.Name)
	_, err = t.wait(ctx, t.is().Node, upid, err)
	return err
}
