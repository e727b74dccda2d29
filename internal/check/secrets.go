package check

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// secretFact is a secret file as the file system shows it.
type secretFact struct {
	owner string // what it is for: "exporter", "provisioner"
	name  string // as declared
	path  string
	mode  fs.FileMode
	err   error // why it cannot be looked at, or, where it was opened, why it cannot be used
	// opened reports that the content was read: only of the secret that the exporter uses.
	opened bool
}

// tooOpen is what nobody but the owner may do, and reading what the group may.
const tooOpen fs.FileMode = 0o026

// lookAtSecret looks at a secret file without opening it.
func lookAtSecret(owner string, file config.SecretFile) secretFact {
	fact := secretFact{owner: owner, name: file.Name(), path: file.Resolve()}
	info, err := os.Stat(fact.path)
	if err != nil {
		fact.err = err
		return fact
	}
	fact.mode = info.Mode()
	return fact
}

// lookAtSecrets looks at the secret files of a cluster. The exporter's is opened, to see that it holds a secret; its content is dropped.
func lookAtSecrets(cluster config.Cluster) (facts []secretFact, exporterErr error) {
	if cluster.Exporter != nil {
		fact := lookAtSecret("exporter", cluster.Exporter.SecretFile)
		_, fact.err = cluster.Exporter.Secret()
		fact.opened, exporterErr = true, fact.err
		facts = append(facts, fact)
	}
	if cluster.Provisioner != nil {
		facts = append(facts, lookAtSecret("provisioner", cluster.Provisioner.SecretFile))
	}
	if cluster.Drill != nil {
		facts = append(facts, lookAtSecret("drill", cluster.Drill.SecretFile))
	}
	return facts, exporterErr
}

// checkSecrets looks at the tokens that the file declares for a cluster, and at their secret files.
func checkSecrets(f *facts) []Finding {
	var findings []Finding
	for _, secret := range f.secrets {
		findings = append(findings, secretFindings(secret)...)
	}
	exporter, provisioner := f.cluster.Exporter, f.cluster.Provisioner
	switch {
	case exporter == nil:
		findings = append(findings, found(Info, "no exporter token is declared: the exporter does not watch this cluster"))
	case provisioner != nil && exporter.ID == provisioner.ID:
		findings = append(findings, found(Warning, "exporter and provisioner have the same token %s", exporter.ID).
			because("the exporter runs all the time and answers to the network: what takes it over could change the cluster and delete backups").
			advise("make a token of its own for the exporter, with audit rights only", newTokenLines("backup-exporter@pve!metrics")...))
	case f.cluster.Drill != nil && exporter.ID == f.cluster.Drill.ID:
		findings = append(findings, found(Warning, "exporter and drills have the same token %s", exporter.ID).
			because("the exporter runs all the time and answers to the network: what takes it over could delete backups and overwrite guests that are off").
			advise("make a token of its own for the exporter, with audit rights only", newTokenLines("backup-exporter@pve!metrics")...))
	}
	return findings
}

// secretFindings judges one secret file.
func secretFindings(secret secretFact) []Finding {
	mode := fmt.Sprintf("mode %04o", secret.mode.Perm())
	switch {
	case secret.err == nil && secret.mode.IsRegular() && secret.mode.Perm()&tooOpen != 0:
		return []Finding{found(Problem, "secret file %s (%s) is too open: %s", secret.name, secret.owner, mode).
			because("others on this machine could read or change it, and no command accepts it so").
			advise("take the rights away; 0640 is fine where the program reads it through the file's group", "chmod 600 "+quote(secret.path))}
	case secret.opened && secret.err != nil:
		finding := found(Problem, "the %s's secret cannot be used", secret.owner).caused(secret.err)
		if errors.Is(secret.err, fs.ErrPermission) {
			finding = finding.advise("or run the check as a user that may read it, such as root: the service gets its secrets from systemd")
		}
		return []Finding{finding}
	case errors.Is(secret.err, fs.ErrNotExist):
		return []Finding{found(Info, "secret file %s (%s) is not on this machine", secret.name, secret.owner).
			because("the exporter does not need it; commands that do will not work from here")}
	case secret.err != nil:
		return []Finding{found(Info, "secret file %s (%s) cannot be looked at by this user", secret.name, secret.owner).because("%v", secret.err)}
	}
	return []Finding{found(OK, "secret file %s (%s): %s", secret.name, secret.owner, mode)}
}
