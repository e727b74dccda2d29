package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/access"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
)

// The token of restore drills, with the rights that docs/permissions.md lists.
const (
	drillUser   = "backup-drill@pve"
	drillToken  = drillUser + "!drill"
	drillSecret = "9d2f60c1-7a0e-4b4b-8a51-2f6c8f0d7e55" //nolint:gosec // of a simulated cluster
	drillPool   = "backup-drill"
)

// here stands in a declared file for the folder that it is written to.
const here = "{{here}}"

// letDrill gives a cluster what drills need.
func letDrill(m *pvesim.Model) {
	m.Access.Users[drillUser] = &access.User{Comment: "restore drills"}
	m.Access.Tokens[drillToken] = &access.Token{Secret: drillSecret, FullRights: true}
	m.Access.Roles["BackupDrillSource"] = []string{"VM.Audit", "VM.Backup", "VM.Allocate"}
	m.Access.Roles["BackupDrillScratch"] = []string{
		"VM.Audit", "VM.Allocate", "VM.Config.CDROM", "VM.Config.Disk", "VM.Config.HWType", "VM.Config.Memory", "VM.Config.Network", "VM.Config.Options",
		"VM.PowerMgmt", "VM.GuestAgent.Audit",
	}
	m.Access.Grants = append(m.Access.Grants,
		access.Grant{Path: "/", Who: drillUser, Role: "PVEAuditor"},
		access.Grant{Path: "/vms", Who: drillUser, Role: "BackupDrillSource"},
		access.Grant{Path: "/pool/" + drillPool, Who: drillUser, Role: "BackupDrillScratch"},
		access.Grant{Path: "/storage", Who: drillUser, Role: "PVEDatastoreUser"},
	)
	m.Pools[drillPool] = &pvesim.Pool{Comment: "scratch guests of restore drills"}
}

// drillStorage finds a storage to restore to.
func drillStorage(scenario *story.Story) (id string, found bool) {
	for _, storage := range scenario.Storages {
		if slices.Contains(storage.Content, "images") && slices.Contains(storage.Content, "rootdir") && !storage.Disabled && len(storage.Down) == 0 {
			return storage.ID, true
		}
	}
	return "scratch", scenario.Drilled()
}

// declareDrill writes the cluster's drill, and the secret of its token. Without a storage to restore to there is none.
func declareDrill(scenario *story.Story, files map[string]string) string {
	storage, found := drillStorage(scenario)
	if !found {
		return ""
	}
	files[clusterName+".drill"] = drillSecret + "\n"
	return fmt.Sprintf("    drill: {token_id: %q, token_secret_file: %s.drill, storage: %s, results: %q}\n", drillToken, clusterName, storage, here+"/"+result.FileName)
}

// drilled is what drills found out before the demo begins: of a story what it tells, of the built-in scenario what makes it telling.
func drilled(scenario *story.Story, begin, now time.Time) result.File {
	file := result.New()
	tell := func(guest string, end time.Time, verdict result.Verdict, proof plan.Proof, took time.Duration) {
		drill := result.Drill{
			Start: end.Add(-took).Unix(), End: end.Unix(), Verdict: verdict, Proof: proof,
			Stages: []result.Timing{{Stage: result.Restore, Seconds: (took * 9 / 10).Seconds()}, {Stage: result.Prove, Seconds: (took / 10).Seconds()}},
		}
		if verdict != result.Success {
			drill.Stage, drill.Reason = result.Prove, "the guest agent did not answer within 10m0s"
		}
		file.Add(clusterName, guest, drill)
	}
	for guest, drills := range scenario.DrillsOf(now.Sub(begin)) {
		for _, each := range drills {
			verdict := result.Success
			if each.Result != story.DrillSucceeded {
				verdict = result.Failed
			}
			tell(guest, begin.Add(time.Duration(each.In)), verdict, plan.Proof(each.Proof), time.Duration(each.Took))
		}
	}
	if builtIn(scenario) {
		for i, guest := range []string{"qemu/100", "lxc/101", "qemu/102", "lxc/103", "qemu/110", "qemu/112"} {
			proof := plan.Agent
			if strings.HasPrefix(guest, "lxc/") {
				proof = plan.Started
			}
			tell(guest, now.Add(-time.Duration(2+3*i)*24*time.Hour), result.Success, proof, time.Duration(3+7*i)*time.Minute)
		}
		tell("qemu/114", now.Add(-26*time.Hour), result.Failed, plan.Agent, 19*time.Minute)
	}
	return file
}

// builtIn reports whether it is the scenario that shows one of everything.
func builtIn(scenario *story.Story) bool { return scenario.Length == 0 && scenario.Cluster == "home" }
