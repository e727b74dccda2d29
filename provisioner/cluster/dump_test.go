package cluster

import (
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// dumpOf prints a cluster and plans by what was printed.
func dumpOf(t testing.TB, client Reader) (text string, file *config.File) {
	t.Helper()
	cluster := load(t, "").Clusters[0]
	dumped, err := Dump(cluster, read(t, client, NeedForDump("home")))
	if err != nil {
		t.Fatal(err)
	}
	file, err = config.LoadBytes("dump.yml", dumped)
	if err != nil {
		t.Fatalf("a dump must load: %v\n%s", err, dumped)
	}
	return string(dumped), file
}

func TestAPlanByADumpChangesNothing(t *testing.T) {
	_, client := simulate(t, pvesim.Options{}, nil)
	text, file := dumpOf(t, client)
	made, wish := planOf(t, file, read(t, client, NeedOf(file, "home", nil)))
	if len(made.Changes)+len(made.Pending)+len(made.Refusals)+len(wish.Problems) > 0 {
		t.Errorf("got %+v\n%s\n%s", made, lines(wish.Problems), text)
	}
	t.Log(text)
}
