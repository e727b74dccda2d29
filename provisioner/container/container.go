package container

import (
	"context"
	"fmt"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/cluster"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// containers is the provider of the container itself.
type containers struct{ *Session }

// Read reads the container.
func (c containers) Read(ctx context.Context, key plan.Key) (apply.Object, error) {
	found, err := c.find(ctx)
	if err != nil || !found.Exists {
		return apply.Object{}, err
	}
	return apply.Object{Current: c.current(key, found), Exists: true, Digest: found.Digest}, nil
}

// current is the container in the form that plans are made from. A guest of another type is nothing that could be compared.
func (s *Session) current(key plan.Key, found Found) plan.Current {
	fields := map[string]string{"type": found.Type}
	if found.Type == "lxc" {
		fields = current(found.Values, s.mark())
	}
	return plan.Current{Key: key, Owned: s.ours(found), Fields: fields}
}

// Write makes the container, or changes it.
func (c containers) Write(ctx context.Context, change plan.Change, seen apply.Object) error {
	switch change.Action {
	case plan.Create:
		return c.create(ctx, change)
	case plan.Update:
		return c.update(ctx, change, seen.Digest)
	}
	return errNotRemoved
}

func (c containers) create(ctx context.Context, change plan.Change) error {
	keys, err := c.is().PublicKeys()
	if err != nil {
		return err
	}
	options := map[string]string{"ostemplate": c.volume(c.Inventory.Template), "ssh-public-keys": strings.TrimSpace(keys), "start": "0"}
	for _, field := range change.Fields {
		switch field.Name {
		case backupField:
		case dataField:
			options[dataField] = field.After + ",backup=1"
		default:
			options[field.Name] = field.After
		}
	}
	upid, err := c.Client.CreateContainer(ctx, c.is().Node, c.is().VMID, options)
	log, err := c.wait(ctx, c.is().Node, upid, err)
	if err != nil {
		return err
	}
	c.made = true
	return c.noteHostKeys(fingerprints(log))
}

// update writes what differs. Network card and mount point are written as a whole: what the file does not decide stays as it is.
func (c containers) update(ctx context.Context, change plan.Change, digest string) error {
	found, err := c.find(ctx)
	if err != nil {
		return err
	}
	set := map[string]string{}
	var remove []string
	for _, field := range change.Fields {
		switch {
		case !field.HasAfter:
			remove = append(remove, field.Name)
		case field.Name == networkField:
			set[networkField] = withNetwork(found.Values[networkField], field.After)
		case field.Name == backupField:
			set[dataField] = cluster.WithDriveIncluded("lxc", found.Values[dataField], true)
		case field.Name == descriptionField:
			return fmt.Errorf("container %d lost its mark", c.is().VMID) // a plan never comes to this: it would not be ours
		default:
			set[field.Name] = field.After
		}
	}
	if len(remove) > 0 {
		set["delete"] = strings.Join(remove, ",")
	}
	return sorted(c.Client.UpdateGuest(ctx, found.Node, "lxc", c.is().VMID, set, digest))
}

// states is the provider of whether the container runs.
type states struct{ *Session }

// Read tells whether it runs. One that was made in this session does not: there is nothing that anybody else could have stopped.
func (s states) Read(ctx context.Context, key plan.Key) (apply.Object, error) {
	found, err := s.find(ctx)
	if err != nil || !found.Exists || s.made && !found.Running {
		return apply.Object{}, err
	}
	return apply.Object{Current: currentState(key, found), Exists: true}, nil
}

func currentState(key plan.Key, found Found) plan.Current {
	status := "stopped"
	if found.Running {
		status = running
	}
	return plan.Current{Key: key, Owned: true, Fields: map[string]string{statusField: status}}
}

// Write starts it.
func (s states) Write(ctx context.Context, _ plan.Change, _ apply.Object) error {
	found, err := s.find(ctx)
	if err != nil {
		return err
	}
	if !s.ours(found) {
		return fmt.Errorf("container %d is not ours, or not there", s.is().VMID)
	}
	upid, err := s.Client.StartGuest(ctx, found.Node, "lxc", s.is().VMID)
	_, err = s.wait(ctx, found.Node, upid, err)
	return err
}
