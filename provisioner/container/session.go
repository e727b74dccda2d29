package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// Client is what a session asks of a cluster; [pve.Client] is one.
type Client interface {
	Resources(ctx context.Context) (pve.Resources, error)
	GuestSettings(ctx context.Context, node, guestType string, vmid int) (pve.GuestSettings, error)
	UpdateGuest(ctx context.Context, node, guestType string, vmid int, set map[string]string, digest string) error
	Templates(ctx context.Context, node, storage string) ([]pve.Template, error)
	AvailableTemplates(ctx context.Context, node string) ([]pve.AvailableTemplate, error)
	DownloadTemplate(ctx context.Context, node, storage, template string) (string, error)
	CreateContainer(ctx context.Context, node string, vmid int, options map[string]string) (string, error)
	StartGuest(ctx context.Context, node, guestType string, vmid int) (string, error)
	ContainerInterfaces(ctx context.Context, node string, vmid int) ([]pve.Interface, error)
	FirewallRules(ctx context.Context, at pve.Firewall) ([]pve.FirewallRule, error)
	FirewallOptions(ctx context.Context, at pve.Firewall) (pve.FirewallOptions, error)
	AddFirewallRule(ctx context.Context, at pve.Firewall, options map[string]string) error
	DeleteFirewallRule(ctx context.Context, at pve.Firewall, position int, digest string) error
	SetFirewallOptions(ctx context.Context, at pve.Firewall, set map[string]string, remove []string, digest string) error
	NodeTasks(ctx context.Context, node string, query pve.TaskQuery) ([]pve.Task, int, error)
	WaitTask(ctx context.Context, node, upid string, pause time.Duration) (pve.Task, error)
	TaskLog(ctx context.Context, node, upid string, w io.Writer) (int64, error)
}

var _ Client = (*pve.Client)(nil)

// Memory keeps what the log of the container's creation said.
type Memory interface {
	Note(key plan.Key, about string) string
	SetNote(key plan.Key, about, text string)
	Save() error
}

// Session deals with one store's container. It is not safe for concurrent use.
type Session struct {
	Client Client
	File   *config.File
	Store  config.Store // with a container
	Memory Memory
	// Inventory is what [Session.Look] found.
	Inventory Inventory

	made bool // in this session
}

// Inventory is what was read of one container and of what it needs.
type Inventory struct {
	Found
	Template  Template
	Firewall  Firewall
	Addresses []pve.Interface // of a container that runs
}

// Found is the guest of the declared id.
type Found struct {
	Exists     bool
	Type, Node string
	Pool, Tags string
	Running    bool
	Values     map[string]string // its configuration, with what waits for its next start
	Digest     string
}

// is is the container as it is declared.
func (s *Session) is() *config.StoreContainer { return s.Store.Container }

// ID is the container's id as in "lxc/130".
func (s *Session) ID() string { return "lxc/" + strconv.Itoa(s.is().VMID) }

// Key is the container's key, or that of what belongs to it.
func (s *Session) Key(kind plan.Kind) plan.Key {
	scope := s.is().Cluster
	if kind.OfStore() {
		scope = s.Store.Name
	}
	return plan.Key{Scope: scope, Kind: kind, ID: s.ID()}
}

// TemplateKey is the key of the template that the container is made from.
func (s *Session) TemplateKey() plan.Key {
	return plan.Key{Scope: s.is().Cluster, Kind: plan.ContainerTemplate, ID: s.volume(s.Inventory.Template)}
}

// Mine reports that the container is provisioning's own, or not there yet.
func (s *Session) Mine() bool { return !s.Inventory.Exists || s.ours(s.Inventory.Found) }

// Ready reports that the container is provisioning's own, and runs.
func (s *Session) Ready() bool { return s.Inventory.Running && s.ours(s.Inventory.Found) }

// Environment names the environment that the container belongs to, whether it is there yet or not; [config.Unassigned] for none.
func (s *Session) Environment() string {
	at := config.GuestIdentity{VMID: s.is().VMID, Node: s.is().Node}
	if s.Inventory.Exists {
		at.Node, at.Pool, at.Tags = s.Inventory.Node, s.Inventory.Pool, pve.SplitTags(s.Inventory.Tags)
	}
	return s.File.Environment(s.is().Cluster, at)
}

// Look reads the container and what it needs: a call each for the guests, its configuration, its firewall's rules and options, the cluster's
// firewall and its addresses; where it is not there yet, for the templates on the storage and those that can be downloaded.
func (s *Session) Look(ctx context.Context) (err error) {
	s.Inventory = Inventory{}
	if s.Inventory.Found, err = s.find(ctx); err != nil {
		return err
	}
	switch {
	case !s.Inventory.Exists:
		s.Inventory.Template, err = s.template(ctx)
		if err == nil {
			s.Inventory.Firewall.Cluster, err = s.clusterFirewall(ctx)
		}
	case s.ours(s.Inventory.Found):
		if s.Inventory.Firewall, err = s.firewall(ctx, s.Inventory.Node); err == nil {
			s.Inventory.Addresses, err = s.addresses(ctx, s.Inventory.Found)
		}
	}
	return err
}

// find reads the guest of the declared id.
func (s *Session) find(ctx context.Context) (Found, error) {
	all, err := s.Client.Resources(ctx)
	if err != nil {
		return Found{}, err
	}
	for i := range all.Guests {
		guest := &all.Guests[i]
		if guest.VMID != s.is().VMID {
			continue
		}
		if guest.Lock == "create" {
			return Found{}, ui.Hint(fmt.Errorf("container %d is being made at this moment, or its making broke off", guest.VMID),
				"wait until its task (vzcreate) has ended, then run this again; if no such task runs, root on node %s removes what is left: pct unlock %d; pct destroy %d", guest.Node, guest.VMID, guest.VMID)
		}
		settings, err := s.Client.GuestSettings(ctx, guest.Node, guest.Type, guest.VMID)
		if err != nil {
			return Found{}, err
		}
		return Found{
			Exists: true, Type: guest.Type, Node: guest.Node, Pool: guest.Pool, Tags: guest.Tags, Running: guest.Status == "running",
			Values: settings.Values, Digest: settings.Digest,
		}, nil
	}
	return Found{}, nil
}

// ours reports whether provisioning made a guest, for this store and this owner.
func (s *Session) ours(found Found) bool {
	return found.Exists && found.Type == "lxc" && strings.Contains(found.Values["description"], s.mark())
}

// mark is what a container's description says of who made it.
func (s *Session) mark() string {
	owner := s.File.Provision.Owner
	if owner != "" {
		owner = " owner=" + owner
	}
	return "[pve-backup-exporter" + owner + " store=" + s.Store.Name + "]"
}

// addresses lists the network cards of a container that runs.
func (s *Session) addresses(ctx context.Context, found Found) ([]pve.Interface, error) {
	if !found.Running {
		return nil, nil
	}
	return s.Client.ContainerInterfaces(ctx, found.Node, s.is().VMID)
}

// taskPause is the pause between two looks at a task.
const taskPause = time.Second

// wait waits for a task that must succeed, and returns its log. Warnings are no failure.
func (s *Session) wait(ctx context.Context, node, upid string, begun error) (string, error) {
	if begun != nil {
		return "", sorted(begun)
	}
	task, err := s.Client.WaitTask(ctx, node, upid, taskPause)
	if err != nil {
		return "", &apply.Uncertain{Err: err}
	}
	var log strings.Builder
	_, logErr := s.Client.TaskLog(ctx, node, upid, &log)
	if err := task.Err(); err != nil {
		return "", ui.Hint(err, "the task's log says more: %s", upid)
	}
	return log.String(), logErr
}

// sorted tells apart what a failed write means.
func sorted(err error) error {
	switch {
	case err == nil:
		return nil
	case pve.IsConflict(err) || pve.IsAlreadyExists(err):
		return &apply.Conflict{Err: err}
	case pve.MayHaveChanged(err):
		return &apply.Uncertain{Err: err}
	}
	return err
}

// Provider returns who reads and writes objects of a kind; nil for a kind that is not a container's.
func (s *Session) Provider(kind plan.Kind) apply.Provider {
	switch kind {
	case plan.ContainerTemplate:
		return templates{s}
	case plan.Container:
		return containers{s}
	case plan.ContainerFirewall:
		return firewalls{s}
	case plan.ContainerState:
		return states{s}
	}
	return nil
}

var errNotRemoved = errors.New("provisioning removes no containers")
