package provisioner

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/apply"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/setup"
)

// shell logs in to the container, once.
func (v *vessel) shell(ctx context.Context) (*setup.Shell, error) {
	if v.open != nil {
		return v.open, nil
	}
	keys, err := v.session.HostKeys(ctx)
	if err != nil {
		return nil, err
	}
	signer, err := v.session.Store.Container.Signer()
	if err != nil {
		return nil, err
	}
	address := v.session.Address()
	if address == "" {
		return nil, ui.Hint(errors.New("the container has no address yet"), "is there a DHCP server on its bridge?")
	}
	address = net.JoinHostPort(address, "22")
	if v.hooks.ssh != nil {
		address = v.hooks.ssh(address)
	}
	v.open, err = setup.Dial(ctx, setup.Target{Address: address, Signer: signer, HostKeys: keys})
	return v.open, err
}

func (v *vessel) hangUp() {
	if v.open != nil {
		v.open.Close()
		v.open = nil
	}
}

// A container that was started gets this long until somebody can log in; between two attempts there is a pause.
const (
	comesUp   = 2 * time.Minute
	loginWait = 3 * time.Second
)

// patient logs in to a container that may just have been started.
func (v *vessel) patient(ctx context.Context) (*setup.Shell, error) {
	pause := v.hooks.wait
	if pause == nil {
		pause = sleep
	}
	var last error
	for range int(comesUp / loginWait) {
		if err := v.session.Look(ctx); err != nil {
			return nil, err
		}
		shell, err := v.shell(ctx)
		if err == nil || errors.Is(err, setup.ErrHostKey) {
			return shell, err
		}
		last = err
		if err := pause(ctx, loginWait); err != nil {
			return nil, err
		}
	}
	return nil, last
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// wish is what is wanted of the server, and what is there, if anything of it is known.
func (v *vessel) wish() (desired *plan.Desired, current *plan.Current) {
	if v.server == nil {
		return nil, nil
	}
	key := v.session.Key(plan.StoreServer)
	file, store := v.session.File, v.session.Store.Name
	at := func(keys ...string) string {
		return file.Position(append([]string{"stores", store, "container"}, keys...)...).String()
	}
	places := map[string]string{
		setup.Program: at("server", "sha256"), setup.Environment: at("root_password_file"), setup.Certificate: at("certificate_file"), setup.Key: at("key_file"),
	}
	desired = &plan.Desired{Key: key, Environment: v.session.Environment(), At: at("server"), Fields: map[string]plan.Field{}, Undecided: v.trouble != nil}
	for part, text := range v.server.Wanted() {
		field := plan.Field{Text: text, At: places[part]}
		if secretPart(part) {
			field = plan.Field{Sensitive: true, SecretChanged: v.state[part] != text, At: places[part]}
		}
		desired.Fields[part] = field
	}
	desired.Managed = []string{setup.Certificate}
	if object := v.current(key); object.Exists {
		current = &object.Current
	}
	return desired, current
}

func secretPart(part string) bool { return part == setup.Environment || part == setup.Key }

// current is the server as it was looked at. One without program and unit is none.
func (v *vessel) current(key plan.Key) apply.Object {
	if v.state[setup.Program] == "" && v.state[setup.Unit] == "" {
		return apply.Object{}
	}
	fields := map[string]string{}
	for part, text := range v.state {
		if !secretPart(part) {
			fields[part] = text
		}
	}
	return apply.Object{Current: plan.Current{Key: key, Owned: true, Fields: fields}, Exists: true}
}

// servers is the provider of the server in a container.
type servers struct{ *vessel }

// Read looks at the server, as soon as somebody can log in.
func (s servers) Read(ctx context.Context, key plan.Key) (apply.Object, error) {
	shell, err := s.patient(ctx)
	if err != nil {
		return apply.Object{}, err
	}
	if s.state, err = s.server.Look(ctx, shell); err != nil {
		s.hangUp()
		return apply.Object{}, err
	}
	return s.current(key), nil
}

// Write sets the server up, and waits until it answers.
func (s servers) Write(ctx context.Context, _ plan.Change, _ apply.Object) error {
	shell, err := s.patient(ctx)
	if err != nil {
		return err
	}
	if err := s.server.Apply(ctx, shell, s.source.Open); err != nil {
		s.hangUp() // the connection may be what failed
		return err
	}
	return s.server.Healthy(ctx, shell)
}

// working reports whether there is a server to ask for its buckets, as far as that can be known before asking.
func (v *vessel) working() bool {
	return v.session.Ready() && (v.server == nil || v.trouble != nil || v.state[setup.Service] == setup.Running)
}

// wishes adds what the file wants of containers and servers, and what is there.
func (v vessels) wishes(r *run) (warnings []plan.Warning, err error) {
	var failures []error
	for _, each := range v {
		wish, err := each.session.Wish()
		if err != nil {
			failures = append(failures, err)
			continue
		}
		desired, current := each.wish()
		if desired != nil && each.session.Mine() {
			wish.Desired = append(wish.Desired, *desired)
			if current != nil {
				wish.Current = append(wish.Current, *current)
			}
		}
		for _, one := range wish.Desired { // two containers may be made from one template
			if !slices.ContainsFunc(r.input.Desired, func(other plan.Desired) bool { return one.Kind == plan.ContainerTemplate && one.Key == other.Key }) {
				r.input.Desired = append(r.input.Desired, one)
			}
		}
		r.input.Current = append(r.input.Current, wish.Current...)
		warnings = append(warnings, wish.Warnings...)
		if each.trouble != nil {
			warnings = append(warnings, plan.Warning{
				Key: each.session.Key(plan.StoreServer), At: desired.At, Message: fmt.Sprintf("the server of store %s is left as it is, since it cannot be looked at: %v", each.session.Store.Name, each.trouble),
				Hint: firstHint(each.trouble),
			})
		}
	}
	return warnings, errors.Join(failures...)
}

func firstHint(err error) string {
	if hints := ui.Hints(err); len(hints) > 0 {
		return hints[0]
	}
	return "look at the container's console"
}
