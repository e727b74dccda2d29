package plan

import (
	"errors"
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Proof is what shows that a guest was restored.
type Proof string

// The proofs, the weakest first. That a guest was seen running does not prove that it was restored: what runs may be a boot loader without
// a disk to boot from.
const (
	Started Proof = "started" // it was seen running, and ran on
	Agent   Proof = "agent"   // the guest agent in a virtual machine answered: its system came up
	Command Proof = "command" // a declared command succeeded in a container
)

// Check is what the declared file wants as the proof of a guest. The zero Check wants nothing in particular.
type Check struct {
	Command string
	Proof   Proof
}

// ProofOf decides which proof is taken of a guest, by the settings in its archive. A weaker one than was declared is never taken instead.
func ProofOf(kind string, settings Settings, check Check) (Proof, error) {
	switch {
	case check.Command != "" && kind != Container:
		return "", ui.Hint(errors.New("a check by command is declared for a virtual machine: only containers can be entered from their node"),
			"take it out: where the guest agent is switched on, it is the proof")
	case check.Command != "":
		return Command, nil
	case check.Proof == Agent && kind == Container:
		return "", ui.Hint(errors.New("a container has no guest agent"), "declare `proof: started`, or a `command`")
	case check.Proof == Agent && !agentEnabled(settings):
		return "", ui.Hint(errors.New("the guest agent is declared as the proof, and the archive's configuration does not have it switched on"),
			"switch it on (`qm set ID --agent 1`), and drill again after the next backup; or take the check out")
	case check.Proof != "":
		return check.Proof, nil
	case kind == VM && agentEnabled(settings):
		return Agent, nil
	}
	return Started, nil
}

// String says what was seen, in words.
func (p Proof) String() string {
	switch p {
	case Started:
		return "it was seen running"
	case Agent:
		return "its guest agent answered"
	case Command:
		return "the declared command succeeded"
	}
	return fmt.Sprintf("%q", string(p))
}
