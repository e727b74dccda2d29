package pvesim

import (
	"cmp"
	"slices"
)

// Limits of a node's task lists, as in PVE's RESTEnvironment and Cluster modules.
const (
	indexBytes  = 50000     // an index larger than this becomes index.1
	activeTasks = 25        // running and finished tasks in the active list together
	sharedBytes = 32 * 1024 // of the active list that a node shares with the cluster
)

// taskIndex is what a node keeps of its tasks: the active list and the archive of two files.
type taskIndex struct {
	active   []*task // running ones first, then the newest finished
	current  []*task // index, oldest first
	previous []*task // index.1
	bytes    int     // of index
	twice    map[string]bool
}

// started puts a new task into the active list.
func (x *taskIndex) started(t *task) {
	x.active = append(x.active, t)
	x.trim()
}

// archived appends a finished task to the index and rotates that when it is full. It returns the tasks that fell out.
func (x *taskIndex) archived(t *task) (lost []*task) {
	x.current = append(x.current, t)
	x.bytes += len(t.upid) + len(t.status) + 11
	if x.bytes > indexBytes {
		lost = x.previous
		x.previous, x.current, x.bytes = x.current, nil, 0
	}
	x.trim()
	return lost
}

// trim orders the active list and drops the oldest finished tasks from it.
func (x *taskIndex) trim() {
	slices.SortStableFunc(x.active, func(a, b *task) int {
		if a.end == 0 || b.end == 0 {
			return cmp.Compare(b2i(a.end != 0), b2i(b.end != 0))
		}
		return cmp.Compare(b.start, a.start)
	})
	for len(x.active) > activeTasks && x.active[len(x.active)-1].end != 0 {
		x.active = x.active[:len(x.active)-1]
	}
}

// shared is the part of the active list that the other nodes see.
func (x *taskIndex) shared() []*task {
	size := 2
	for i, t := range x.active {
		// Keys and figures of one entry's JSON are about this long.
		size += len(t.upid) + len(t.status) + len(t.user) + 150
		if size >= sharedBytes {
			return x.active[:i]
		}
	}
	return x.active
}

// newestFirst lists the archive as PVE reads it.
func (x *taskIndex) newestFirst(yield func(*task) bool) {
	for _, file := range [][]*task{x.current, x.previous} {
		for i := len(file) - 1; i >= 0; i-- {
			if !yield(file[i]) || x.twice[file[i].upid] && !yield(file[i]) {
				return
			}
		}
	}
}

// b2i is 1 for true.
func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
