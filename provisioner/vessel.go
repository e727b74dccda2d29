package provisioner

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/cluster"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/container"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/setup"
)

// vessels are the containers that object stores run in, in the order of the file.
type vessels []*vessel

// vessel is one container of a run, and the server in it.
type vessel struct {
	session *container.Session
	hooks   hooks
	server  *setup.Server // nil where it is left to somebody else
	source  setup.Source

	state   setup.State // of the server; nil where there is none, or it could not be looked at
	trouble error       // why it could not be
	open    *setup.Shell
}

// containersConcerned returns the stores whose containers a run deals with: all, or those in one of the wanted environments. One whose environment
// only shows once it was read counts.
func containersConcerned(file *config.File, environments []string) []config.Store {
	return slices.DeleteFunc(slices.Clone(file.Stores), func(each config.Store) bool {
		if each.Container == nil {
			return true
		}
		environment := file.Environment(each.Container.Cluster, config.GuestIdentity{VMID: each.Container.VMID, Node: each.Container.Node})
		return len(environments) > 0 && environment != config.Unassigned && !slices.Contains(environments, environment)
	})
}

// connectVessels reads what is needed of the files of each container, so that what is wrong with them is told first. All errors are joined.
func connectVessels(file *config.File, all sites, memory container.Memory, options Options) (vessels, error) {
	var list vessels
	var failures []error
	for _, store := range containersConcerned(file, options.Environments) {
		at, found := all.byName[store.Container.Cluster]
		if !found {
			continue // its cluster could not be reached, which is told
		}
		v := &vessel{session: &container.Session{Client: at.client, File: file, Store: store, Memory: memory}, hooks: options.hooks}
		if err := v.openFiles(store); err != nil {
			failures = append(failures, fmt.Errorf("store %s: %w", store.Name, err))
			continue
		}
		list = append(list, v)
	}
	return list, errors.Join(failures...)
}

// openFiles reads the files that the container and its server are made with.
func (v *vessel) openFiles(store config.Store) error {
	is := store.Container
	if _, err := is.PublicKeys(); err != nil {
		return err
	}
	if !is.Sets() {
		return nil
	}
	if _, err := is.Signer(); err != nil {
		return err
	}
	root := config.AccessKey{AccessKeyFile: is.RootUserFile, SecretKeyFile: is.RootPasswordFile}
	if is.RootUserFile.IsZero() {
		root = *store.Provisioner
	}
	user, password, err := root.Read()
	if err != nil {
		return err
	}
	if len(user.Reveal()) < 3 || len(password.Reveal()) < 8 {
		return ui.Hint(errors.New("the name of MinIO's root user must have 3 characters, and the password 8: it does not start with less"), "choose longer ones")
	}
	chain, key, err := is.Certificate()
	if err != nil {
		return err
	}
	v.source = setup.Source{URL: is.Server.URL, File: is.Server.File.Resolve(), SHA256: is.Server.SHA256}
	v.server = &setup.Server{
		SHA256: is.Server.SHA256, User: user.Reveal(), Password: password.Reveal(), Certificate: string(chain), Key: key.Reveal(), Data: container.DataPath,
		Root: v.hooks.prefix,
	}
	return nil
}

// read reads all containers, and the servers in those that run. A server that cannot be looked at is no error: nothing else depends on it.
func (v vessels) read(ctx context.Context) error {
	var failures []error
	for _, each := range v {
		if err := each.session.Look(ctx); err != nil {
			failures = append(failures, fmt.Errorf("store %s: %w", each.session.Store.Name, err))
			continue
		}
		each.lookInside(ctx)
	}
	return errors.Join(failures...)
}

func (v *vessel) lookInside(ctx context.Context) {
	if v.server == nil || !v.session.Ready() {
		return
	}
	shell, err := v.shell(ctx)
	if err == nil {
		v.state, err = v.server.Look(ctx, shell)
	}
	v.trouble = err
}

// expected adds the containers that are not there yet to the guests of their clusters, so that jobs which select them by id or node are planned with
// them: they are made before the jobs.
func (v vessels) expected(all sites) {
	for _, each := range v {
		is := each.session.Store.Container
		at := all.byName[is.Cluster]
		if each.session.Inventory.Exists {
			continue
		}
		guest := cluster.Guest{VMID: is.VMID, Type: "lxc", Name: each.session.Hostname(), Node: is.Node}
		i, found := slices.BinarySearchFunc(at.inventory.Guests, guest, func(a, b cluster.Guest) int { return a.VMID - b.VMID })
		if !found {
			at.inventory.Guests = slices.Insert(at.inventory.Guests, i, guest)
		}
	}
}

// find returns the vessel that an object belongs to.
func (v vessels) find(key plan.Key) (*vessel, bool) {
	for _, each := range v {
		if each.session.Key(key.Kind) == key || key.Kind == plan.ContainerTemplate && each.session.TemplateKey() == key {
			return each, true
		}
	}
	return nil, false
}

// provider returns who reads and writes an object; nil for what is of no container.
func (v vessels) provider(key plan.Key) apply.Provider {
	each, found := v.find(key)
	switch {
	case !found:
		return nil
	case key.Kind == plan.StoreServer:
		return servers{each}
	}
	return each.session.Provider(key.Kind)
}

func (v vessels) close() {
	for _, each := range v {
		each.hangUp()
	}
}
