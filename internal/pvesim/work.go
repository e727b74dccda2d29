package pvesim

import "slices"

// work is a task about a guest that takes its time. Its log is known from the beginning, line by line with the moment of each; what it does
// to the cluster happens when it ends.
type work struct {
	task  *task
	lines []timedLine
	plan  int // counts the planned ends, so that an interruption makes the next one void
	// ends does what the work was for and returns the task's status.
	ends func() string
	// fails cleans up after a failure for the given reason and returns the task's status; nil for nothing to clean up.
	fails func(reason string) string
	// command is the program at work, as an interruption names it; empty for none.
	command string
}

// timedLine is a line of a log that appears at a moment.
type timedLine struct {
	at   int64
	text string
}

// script is a log in the making.
type script struct {
	at    int64
	lines []timedLine
}

func (s *script) say(lines ...string) {
	for _, line := range lines {
		s.lines = append(s.lines, timedLine{s.at, line})
	}
}

// pass lets time go by, in seconds.
func (s *script) pass(seconds int64) { s.at += seconds }

// beginWork starts a task that follows a script to its end, unless a trouble is ordered for it.
func (c *Cluster) beginWork(node, kind, id, user string, s *script, w *work) *task {
	w.task = c.newTask(node, kind, id, user)
	w.task.work, w.lines = w, s.lines
	state := c.nodes[node]
	state.works = append(state.works, w)
	end, status := s.at, w.ends
	if t := c.troubleOf(w.task); t != nil {
		end = c.at + int64(float64(s.at-c.at)*orOne(t.Duration))
		if t.NodeFails || t.Fails != "" {
			share := t.After
			if share == 0 {
				share = 2.0 / 3
			}
			end = c.at + max(int64(float64(end-c.at)*share), 1)
		}
		for i := range w.lines {
			w.lines[i].at = c.at + int64(float64(w.lines[i].at-c.at)*orOne(t.Duration))
		}
		switch {
		case t.NodeFails:
			status = func() string { c.model.Node(node).Offline = true; return "" }
		case t.Fails != "":
			status = func() string { return w.failed(t.Fails) }
		}
	}
	w.plan++
	plan := w.plan
	c.schedule(end, func() {
		if w.plan == plan {
			c.change(func(*Model) { c.endWork(w, status()) })
		}
	})
	return w.task
}

func orOne(factor float64) float64 {
	if factor == 0 {
		return 1
	}
	return factor
}

// failed is the status of the work after a failure.
func (w *work) failed(reason string) string {
	if w.fails == nil {
		return reason
	}
	return w.fails(reason)
}

// endWork ends a task with a status; an empty one leaves it to what happens to the node.
func (c *Cluster) endWork(w *work, status string) {
	if status == "" {
		return
	}
	w.plan++
	state := c.nodes[w.task.node]
	state.works = slices.DeleteFunc(state.works, func(one *work) bool { return one == w })
	w.lines = slices.DeleteFunc(w.lines, func(line timedLine) bool { return line.at > c.at })
	c.endTask(w.task, status, 0)
}

// interrupt ends a work as a click on "Stop" does.
func (c *Cluster) interrupt(w *work) {
	reason := "received interrupt"
	if w.command != "" {
		reason = "command '" + w.command + "' failed: interrupted by signal"
	}
	c.change(func(*Model) { c.endWork(w, w.failed(reason)) })
}

// crashWorks ends everything that a node works on without last words: what was half done stays so.
func (c *Cluster) crashWorks(state *nodeState) {
	for _, w := range slices.Clone(state.works) {
		c.endWork(w, "unexpected status")
	}
}

// log is the work's log as far as it has come.
func (w *work) log(now int64) (lines []string) {
	for _, line := range w.lines {
		if line.at <= now {
			lines = append(lines, line.text)
		}
	}
	return lines
}
