package container

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

// hostKeysNote is the name under which the fingerprints are remembered.
const hostKeysNote = "ssh_host_keys"

// creationLog is how ssh-keygen reports a new host key in the log of a container's creation.
var creationLog = regexp.MustCompile(`(?m)^done: (SHA256:[A-Za-z0-9+/]{43}) `)

// fingerprints finds those of the SSH host keys in the log of a container's creation.
func fingerprints(log string) (list []string) {
	for _, found := range creationLog.FindAllStringSubmatch(log, -1) {
		list = append(list, found[1])
	}
	return list
}

func (s *Session) noteHostKeys(list []string) error {
	if len(list) == 0 {
		return nil // a template without an SSH server: it is told when it is needed
	}
	s.Memory.SetNote(s.Key(plan.Container), hostKeysNote, strings.Join(list, " "))
	return s.Memory.Save()
}

// HostKeys returns the fingerprints of the container's SSH host keys: as declared, as this machine remembers them from the creation, or as the log of
// the creation says, as long as the cluster keeps it.
func (s *Session) HostKeys(ctx context.Context) ([]string, error) {
	if declared := s.is().SSHHostKey; declared != "" {
		return []string{declared}, nil
	}
	if noted := strings.Fields(s.Memory.Note(s.Key(plan.Container), hostKeysNote)); len(noted) > 0 {
		return noted, nil
	}
	tasks, _, err := s.Client.NodeTasks(ctx, s.is().Node, pve.TaskQuery{Type: "vzcreate"})
	if err != nil {
		return nil, err
	}
	for _, task := range tasks {
		if task.ID != strconv.Itoa(s.is().VMID) || !task.Succeeded() {
			continue
		}
		var log strings.Builder
		if _, err := s.Client.TaskLog(ctx, s.is().Node, task.UPID, &log); err != nil && !errors.Is(err, pve.ErrNoLog) {
			return nil, err
		}
		if list := fingerprints(log.String()); len(list) > 0 {
			return list, nil
		}
		break // an earlier creation was of another container
	}
	return nil, ui.Hint(fmt.Errorf("the SSH host key of container %d is not known: neither this machine nor the cluster remembers its creation", s.is().VMID),
		"declare `ssh_host_key`; in the container's console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")
}
