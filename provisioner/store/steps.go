package store

import (
	"fmt"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
)

// Steps are what somebody has to do on a server that has no known way to make access keys.
type Steps struct {
	Environment string
	Text        string // several lines
}

// byHand looks at an access key that somebody else has to make.
func (w *wisher) byHand(each state, found AccessKey, key plan.Key, at string) {
	switch found.Trial {
	case TrialPassed:
	case TrialNone:
		w.warn(key, at, "the steps are below the plan; `credentials` may as well be taken out of the declared file",
			"the access key of environment %s has to be made by hand: a server of kind s3 has no common way to do it", each.environment)
		w.wish.Steps = append(w.wish.Steps, stepsFor(w.inv.Store, each))
	case TrialRefused:
		w.warn(key, at, "compare the two files with the server", "the server does not accept the access key of environment %s", each.environment)
	case TrialDenied:
		w.warn(key, at, "give it the policy: "+string(Policy(each.Bucket)), "the access key of environment %s may not list bucket %s", each.environment, each.Bucket)
	case TrialTooMuch:
		w.warn(key, at, "limit it by the policy: "+string(Policy(each.Bucket)),
			"the access key of environment %s may do more than it needs: it reads the settings of bucket %s", each.environment, each.Bucket)
	case TrialFailed:
		w.warn(key, at, "look at the store's own log, then run this again", "whether the access key of environment %s works cannot be found out: %v", each.environment, found.Failure)
	}
}

func stepsFor(store string, each state) Steps {
	var b strings.Builder
	name, secret := each.Credentials.AccessKeyFile.Resolve(), each.Credentials.SecretKeyFile.Resolve()
	fmt.Fprintf(&b, "Access key of environment %s on store %s, by hand:\n", each.environment, store)
	fmt.Fprintf(&b, "  1. Make an access key (a user) on the server, and give it this policy and no other:\n\n")
	fmt.Fprintf(&b, "     %s\n\n", Policy(each.Bucket))
	fmt.Fprintf(&b, "  2. Write its name and its secret into files that only you can read; each command waits for a line, then for Ctrl-D:\n\n")
	fmt.Fprintf(&b, "     (umask 077; cat > '%s')\n     (umask 077; cat > '%s')\n\n", name, secret)
	fmt.Fprintf(&b, "  3. Run this again: it uses the key, and says whether it may do what it must and no more.\n")
	return Steps{Environment: each.environment, Text: b.String()}
}
