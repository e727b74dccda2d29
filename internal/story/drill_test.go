package story

import (
	"strings"
	"testing"
	"time"
)

const drillStory = `
length: 10d
history: 5d
nodes: [{name: pve1}]
storages: [{id: nas, type: nfs, content: [backup]}]
guests: [{id: 100, type: qemu, name: web, node: pve1, size: 32G}]
jobs: [{id: nightly, schedule: "01:00", options: {vmid: "100", storage: nas}}]
declared:
  environments:
    prod: {guests: {vmids: [100]}, drill: {every: 7d}}
`

func TestDrillsAreKnownFromTheirEndOn(t *testing.T) {
	s, err := Parse("x.yml", []byte(drillStory+"drills:\n  - {in: 3d, guest: 100, result: failed}\n  - {in: 1d, guest: 100, result: success, took: 5m}\n"))
	if err != nil {
		t.Fatal(err)
	}
	day := 24 * time.Hour
	for since, want := range map[time.Duration]string{0: "", day: "success", 2 * day: "success", 3 * day: "success failed"} {
		var got []string
		for _, drill := range s.DrillsOf(since)["qemu/100"] {
			got = append(got, drill.Result)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %q", since, got, want)
		}
	}
}

func TestMistakesAboutDrillsAreTold(t *testing.T) {
	for line, want := range map[string]string{
		"{in: 3d, guest: 101, result: failed}":              "unknown guest 101",
		"{in: 3d, guest: 100, result: broken}":              `unknown result "broken"`,
		"{in: 3d, guest: 100, result: failed, proof: ping}": `unknown proof "ping"`,
		"{in: 30d, guest: 100, result: failed}":             "the story at",
	} {
		if _, err := Parse("x.yml", []byte(drillStory+"drills:\n  - "+line+"\n")); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "x.yml:12") {
			t.Errorf("%s: got %v", line, err)
		}
	}
}

func TestAClusterIsDrilledWhereAnEnvironmentWantsIt(t *testing.T) {
	wants, err := Parse("x.yml", []byte(drillStory))
	if err != nil || wants.DeclaredDrill() == "" {
		t.Errorf("got %v", err)
	}
	not, err := Parse("x.yml", []byte(strings.Replace(drillStory, ", drill: {every: 7d}", "", 1)))
	if err != nil || not.DeclaredDrill() != "" {
		t.Errorf("got %v", err)
	}
}
