package pve

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Error is a reply of Proxmox VE that is not a success: any HTTP status of 300 and more.
type Error struct {
	// Status is the HTTP status code. 595 to 599 are Proxmox VE's own: its proxy could not reach the node or its daemon.
	Status int
	// Reason is the phrase of the status line, where Proxmox VE writes the message even when the body is empty.
	Reason string
	// Message is the body's "message", or empty.
	Message string
	// Fields is the body's "errors": what is wrong with which parameter.
	Fields map[string]string

	Method   string
	Endpoint string // the path's template, such as /nodes/{node}/tasks
	Path     string // the path, without the query
	Node     string // the node that the path names, or empty
	Address  string // the API address that answered
	Location string // where a redirect points to
}

// Error names the call, the address, the status and the server's words.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s on %s: %d", e.Method, e.Path, e.Address, e.Status)
	if text := e.Text(); text != "" {
		b.WriteString(" " + text)
	}
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		fmt.Fprintf(&b, "; %s: %s", field, e.Fields[field])
	}
	return b.String()
}

// Text is what the server says: the body's message, else the reason phrase.
func (e *Error) Text() string {
	if e.Message != "" {
		return e.Message
	}
	return e.Reason
}

// IsUnauthorized reports that the token was refused (401): unknown, expired, wrong secret, or its user is disabled.
func IsUnauthorized(err error) bool { return hasStatus(err, http.StatusUnauthorized) }

// IsForbidden reports that the token lacks a privilege (403).
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsNotImplemented reports that the server does not know the call (501): it is too old, or it is not Proxmox VE.
func IsNotImplemented(err error) bool { return hasStatus(err, http.StatusNotImplemented) }

// IsNodeUnreachable reports that the node of the call is down or not to be reached from the node that was asked: a status of 595 to 599,
// or a node whose address the cluster does not know. Node of the [Error] names it.
func IsNodeUnreachable(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Node == "" {
		return false
	}
	return proxyFailed(e) || e.Status == http.StatusInternalServerError && addressUnknown.MatchString(e.Text())
}

var addressUnknown = regexp.MustCompile(`^(hostname lookup|address lookup for) '`)

// IsNotFound reports that the thing asked for does not exist. Proxmox VE says so with 400 or 500 and a text, hardly ever with 404.
func IsNotFound(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Status {
	case http.StatusNotFound:
		return true
	case http.StatusBadRequest, http.StatusInternalServerError:
		texts := append(slices.Collect(maps.Values(e.Fields)), e.Text())
		return slices.ContainsFunc(texts, notFoundText.MatchString)
	}
	return false
}

var notFoundText = regexp.MustCompile(`(?i)no such (job|task|storage|vzdump job|volume|user|token|file)|does not exist|not found`)

// IsAlreadyExists reports that a job, storage or guest of this id is there already, or a file of this name.
func IsAlreadyExists(err error) bool { return hasText(err, alreadyExistsText) }

// IsConflict reports that what was to be changed is not what it was when its digest was read. Nothing was changed.
func IsConflict(err error) bool { return hasText(err, conflictText) }

// IsGuestLocked reports that a guest cannot be changed or removed now, because something else works on it, most often a backup, or because what
// did so was killed. It is true of refusals and of [TaskError].
func IsGuestLocked(err error) bool {
	var failed *TaskError
	return hasText(err, guestLockedText) || errors.As(err, &failed) && guestLockedText.MatchString(failed.Task.Status)
}

// IsProtected reports that a guest cannot be removed because its configuration protects it.
func IsProtected(err error) bool { return hasText(err, protectedText) }

// IsRunning reports that a guest was not destroyed or overwritten because it runs.
func IsRunning(err error) bool { return hasText(err, runningText) }

// IsAlreadyRunning reports that a guest was not started because it runs.
func IsAlreadyRunning(err error) bool { return hasText(err, alreadyRunningText) }

// IsNotRunning reports that a call was refused because the guest does not run.
func IsNotRunning(err error) bool { return hasText(err, notRunningText) }

// IsAgentSilent reports that a virtual machine should have a guest agent and that it does not answer, or not yet.
func IsAgentSilent(err error) bool { return hasText(err, agentSilentText) }

// IsAgentMissing reports that a virtual machine's configuration has no guest agent.
func IsAgentMissing(err error) bool { return hasText(err, agentMissingText) }

// MayHaveChanged reports that a call which changes something may have done so although it failed: the request may have arrived, and what
// became of it is not known. A refusal and an address that was not reached are not such.
func MayHaveChanged(err error) bool {
	var refusal *Error
	var connection *ConnectionError
	var decode *DecodeError
	switch {
	case errors.As(err, &refusal):
		return refusal.Status >= 502 && refusal.Status <= 504 || proxyFailed(refusal) && refusal.Reason != "Connection refused"
	case errors.As(err, &connection):
		return connection.sent
	}
	return errors.As(err, &decode) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

var (
	alreadyExistsText = regexp.MustCompile(`^Job '.*' already exists|storage ID '.*' already defined|(VM|CT) \d+ already exists on node|^refusing to override existing file`)
	// The second is what qemu-server writes, with its spelling.
	conflictText    = regexp.MustCompile(`detected modified configuration|checksum miss?match`)
	guestLockedText = regexp.MustCompile(`(VM|CT) is locked`)
	protectedText   = regexp.MustCompile(`protection mode enabled`)
	// Destroying a machine, destroying a container, restoring over a machine, restoring over a container.
	runningText        = regexp.MustCompile(`^VM \d+ is running - destroy failed|^unable to destroy CT \d+ - container is running|- vm is running$|^can't overwrite running container`)
	alreadyRunningText = regexp.MustCompile(`^(VM|CT) \d+ already running$`)
	notRunningText     = regexp.MustCompile(`^(VM|CT) \d+ (is )?not running$`)
	agentSilentText    = regexp.MustCompile(`^QEMU guest agent is not running|qmp command '?guest-.*failed`)
	agentMissingText   = regexp.MustCompile(`^No QEMU guest agent configured`)
)

func hasText(err error, pattern *regexp.Regexp) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusInternalServerError && pattern.MatchString(e.Text())
}

func hasStatus(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == status
}

// proxyFailed reports a status that the proxy of the asked node makes up when it cannot reach another node or its own daemon.
func proxyFailed(e *Error) bool { return e.Status >= 595 && e.Status <= 599 }

// clusterFilesystemDown reports that the asked node's pmxcfs is gone: then it refuses every call, even /version, and another node may not.
func clusterFilesystemDown(e *Error) bool {
	return e.Status == http.StatusInternalServerError &&
		(strings.HasPrefix(e.Reason, "RPCEnvironment init request failed") || strings.Contains(e.Reason, "ipcc_send_rec"))
}

var missingPrivilege = regexp.MustCompile(`\((/[^,()]*), ([^()]+)\)`)

// advise adds what the reader can do about a refusal.
func (e *Error) advise() error {
	switch {
	case e.Status < 400:
		return ui.Hint(e, "it points to %s; redirects are not followed, lest the token's secret goes astray: write the address that the API itself has", e.Location)
	case e.Status == http.StatusUnauthorized:
		return ui.Hint(e, "the token is unknown or expired, its secret is wrong, or its user is disabled; the node's log says which: journalctl -u pveproxy -u pvedaemon")
	case e.Status == http.StatusForbidden:
		if found := missingPrivilege.FindStringSubmatch(e.Text()); found != nil {
			return ui.Hint(e, "give the token the privilege %s on %s, and its user too: with privilege separation a token has what both have", found[2], found[1])
		}
	case e.Status == http.StatusNotFound:
		return ui.Hint(e, "Proxmox VE does not answer so: this address, or its path, is that of something else")
	case e.Status == http.StatusNotImplemented:
		return ui.Hint(e, "this Proxmox VE is too old for the call, or the address is not that of a Proxmox VE API")
	case clusterFilesystemDown(e):
		return ui.Hint(e, "the cluster file system of that node does not run: systemctl status pve-cluster")
	case proxyFailed(e) && e.Node != "":
		return ui.Hint(e, "node %s is down, or its pvedaemon and pveproxy are, or %s cannot reach it", e.Node, e.Address)
	case IsGuestLocked(e):
		return ui.Hint(e, "a backup of this guest, or something else, works on it: run this again when it is done")
	case proxyFailed(e):
		return ui.Hint(e, "the daemon behind that node's proxy does not answer: systemctl status pvedaemon")
	}
	return e
}
