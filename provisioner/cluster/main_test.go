package cluster

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/provisioner/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/pve"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is when all tests take place.
func noon() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// simulate makes a cluster of two nodes and eight guests, qemu/100 to lxc/107, with a job for all of them and one for qemu/100, as build
// changes it, and a client of it.
func simulate(t testing.TB, options pvesim.Options, build func(*pvesim.Model)) (*pvesim.Cluster, *pve.Client) {
	t.Helper()
	clock := pvesim.NewClock(noon())
	options.Now, options.Seed, options.Start = clock.Now, 1, noon()
	sim := pvesim.Scale(options, 2, 8)
	if build != nil {
		sim.Build(build)
	}
	return sim, connect(t, sim)
}

func connect(t testing.TB, sim *pvesim.Cluster) *pve.Client {
	t.Helper()
	client, err := pve.New(pve.Config{
		Endpoints: []string{"https://pve1.invalid:8006"}, TokenID: pvesim.ExporterToken, Transport: wire.InProcess{Handler: sim.Handler()},
		TokenSecret: func() (string, error) { return pvesim.ExporterSecret, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

const head = `version: 1
clusters:
  home: {endpoints: [https://pve1:8006], provisioner: {token_id: "backup-admin@pve!provision", token_secret_file: home.provisioner}}
`

// load reads a declared file with the cluster home.
func load(t testing.TB, body string) *config.File {
	t.Helper()
	file, err := config.LoadBytes("config.yml", []byte(head+body))
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return file
}

func read(t testing.TB, client Reader, need Need) Inventory {
	t.Helper()
	inv, err := Read(t.Context(), client, need)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

// planOf plans a file for a cluster.
func planOf(t testing.TB, file *config.File, inv Inventory) (plan.Plan, Wish) {
	t.Helper()
	wish := Desired(file, inv, noon(), nil)
	return plan.Calculate(plan.Input{Desired: wish.Desired, Current: Current(file, inv)}), wish
}

// lines writes problems as text, in the form that tests compare.
func lines(problems []Problem) string {
	var text strings.Builder
	for _, one := range problems {
		fmt.Fprintln(&text, one.Error())
	}
	return text.String()
}

// findJob finds a wanted job.
func findJob(t testing.TB, wish Wish, id string) plan.Desired {
	t.Helper()
	for _, one := range wish.Desired {
		if one.Kind == plan.Job && one.ID == id {
			return one
		}
	}
	t.Fatalf("no job %s is wanted; problems: %s", id, lines(wish.Problems))
	return plan.Desired{}
}

// texts are the fields of a wanted object.
func texts(wanted plan.Desired) map[string]string {
	out := map[string]string{}
	for name, field := range wanted.Fields {
		out[name] = field.Text
	}
	return out
}
