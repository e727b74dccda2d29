package pve

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Succeeded reports that the task has ended well, with warnings at most.
func (t Task) Succeeded() bool { return t.Status == "OK" || strings.HasPrefix(t.Status, "WARNINGS: ") }

// TaskError says that a task has ended, and not well. Its log says more: [Client.TaskLog].
type TaskError struct{ Task Task }

// Error names the task and what it ended with.
func (e *TaskError) Error() string {
	return fmt.Sprintf("task %s on node %s: %s", e.Task.Type, e.Task.Node, e.Task.Status)
}

// Err is nil for a task that runs or has succeeded, else a [TaskError].
func (t Task) Err() error {
	if t.Running() || t.Succeeded() {
		return nil
	}
	return &TaskError{Task: t}
}

// WaitTask looks at a task until it has ended, with a pause between two looks, and returns it (GET /nodes/{node}/tasks/{upid}/status). A task
// that failed is not an error of this method: see [Task.Err]. An error says that the task could not be looked at, and it may run on: so
// it does when the context ends. A token may look at tasks that it started itself; others need Sys.Audit on /nodes/{node}.
func (c *Client) WaitTask(ctx context.Context, node, upid string, pause time.Duration) (Task, error) {
	for {
		task, err := c.TaskStatus(ctx, node, upid)
		if err != nil || !task.Running() {
			return task, err
		}
		if err := c.transport.retry.wait(ctx, pause); err != nil {
			return task, fmt.Errorf("task %s on node %s: %w", task.Type, node, err)
		}
	}
}

// StopTask ends a task as soon as it can be interrupted (DELETE /nodes/{node}/tasks/{upid}); [Client.WaitTask] tells when. What it was doing
// may stay half done: a guest whose restore is stopped is removed or left locked. It needs Sys.Modify on /nodes/{node}, unless the token
// started the task.
func (c *Client) StopTask(ctx context.Context, node, upid string) error {
	return c.write(ctx, http.MethodDelete, nil, "/nodes/{node}/tasks/{upid}", node, upid)
}
