package apply

import (
	"maps"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// world is what is known of all objects: first as the plan saw them, then as they were found and left.
type world struct {
	objects map[plan.Key]plan.Current
	desired map[plan.Key]plan.Desired
}

func newWorld(input plan.Input) *world {
	w := &world{objects: make(map[plan.Key]plan.Current, len(input.Current)), desired: make(map[plan.Key]plan.Desired, len(input.Desired))}
	for _, each := range input.Current {
		w.objects[each.Key] = each
	}
	for _, each := range input.Desired {
		w.desired[each.Key] = each
	}
	return w
}

// put takes note of an object, and reports whether it is another than was known.
func (w *world) put(key plan.Key, found Object) (changed bool) {
	known, existed := w.objects[key]
	if !found.Exists {
		delete(w.objects, key)
		return existed
	}
	if existed && found.Guests == nil {
		found.Guests = known.Guests // a single object does not tell whom it covers
	}
	w.objects[key] = found.Current
	return !existed || known.Owned != found.Owned || known.Environment != found.Environment ||
		!maps.Equal(known.Fields, found.Fields) || !maps.Equal(known.Pending, found.Pending)
}

// sent takes note of secrets that were written, so that they are no longer a change.
func (w *world) sent(change plan.Change) {
	wanted, declared := w.desired[change.Key]
	if !declared {
		return
	}
	fields := maps.Clone(wanted.Fields)
	for name, field := range fields {
		field.SecretChanged = false
		fields[name] = field
	}
	wanted.Fields = fields
	w.desired[change.Key] = wanted
}

func (w *world) current() []plan.Current {
	list := make([]plan.Current, 0, len(w.objects))
	for _, each := range w.objects {
		list = append(list, each)
	}
	return list
}

func (w *world) allDesired() []plan.Desired {
	list := make([]plan.Desired, 0, len(w.desired))
	for _, each := range w.desired {
		list = append(list, each)
	}
	return list
}

// alone returns what concerns one object.
func (w *world) alone(key plan.Key) (desired []plan.Desired, current []plan.Current) {
	if each, found := w.desired[key]; found {
		desired = append(desired, each)
	}
	if each, found := w.objects[key]; found {
		current = append(current, each)
	}
	return desired, current
}
