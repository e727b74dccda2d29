package drill

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/drill/result"
)

func TestAMachineIsRestoredProvenAndRemoved(t *testing.T) {
	b := newBench(t)
	made := b.run(t.Context(), guests("100"))
	if made.err != nil {
		t.Fatalf("%v\n%s", made.err, made.talk)
	}
	b.clean()
	got := made.document.Drills[0]
	if got.Verdict != result.Success || got.Proof != plan.Agent || got.Node != "pve1" || got.VMID != first || got.Environment != "prod" ||
		!strings.HasPrefix(got.Archive, "backup-nfs:backup/vzdump-qemu-100-2026_11_23-01_") {
		t.Errorf("got %+v", got)
	}
	var stages []result.Stage
	for _, each := range got.Stages {
		stages = append(stages, each.Stage)
	}
	if !slices.Equal(stages, result.Stages()) {
		t.Errorf("timed %v", stages)
	}
	// The machine of the simulation takes 20 seconds to come up.
	if took := got.Restored(); took < 20*time.Second || took > 30*time.Minute || int64(took.Seconds()) > got.End-got.Start {
		t.Errorf("restored in %s, from %d to %d", took, got.Start, got.End)
	}
	known := b.known("qemu/100")
	if known.Success == nil || known.Success.End != got.End || known.Last.Verdict != result.Success {
		t.Errorf("remembered %+v", known)
	}
}

func TestAContainerIsOnlySeenRunning(t *testing.T) {
	b := newBench(t)
	made := b.run(t.Context(), guests("lxc/101"))
	if made.err != nil {
		t.Fatalf("%v\n%s", made.err, made.talk)
	}
	b.clean()
	got := made.document.Drills[0]
	if got.Verdict != result.Success || got.Proof != plan.Started || got.Guest != "lxc/101" || got.Restored() < settle {
		t.Errorf("got %+v", got)
	}
}

func TestADeclaredCommandIsRunInTheRestoredContainer(t *testing.T) {
	b := newBench(t)
	b.declare(`{checks: [{vmid: 101, command: "systemctl is-active nginx"}]}`)
	tries := 0
	local := Local{Node: "pve2", Execute: func(_ context.Context, vmid int, line string) error {
		if vmid != first || line != "systemctl is-active nginx" {
			t.Errorf("ran %q in %d", line, vmid)
		}
		if tries++; tries < 3 { // a service takes a moment to come up
			return errors.New("exit status 3: inactive")
		}
		return nil
	}}
	made := b.run(t.Context(), func(o *Options) { o.Guests, o.Local = []string{"101"}, local })
	if made.err != nil {
		t.Fatalf("%v\n%s", made.err, made.talk)
	}
	b.clean()
	if got := made.document.Drills[0]; got.Proof != plan.Command || got.Node != "pve2" || tries != 3 {
		t.Errorf("%d tries, got %+v", tries, got)
	}

	local.Execute = func(context.Context, int, string) error { return errors.New("exit status 3: inactive") }
	made = b.run(t.Context(), func(o *Options) { o.Guests, o.Local = []string{"101"}, local })
	b.clean()
	if got := made.document.Drills[0]; made.err == nil || got.Verdict != result.Failed || !strings.Contains(got.Reason, "inactive") {
		t.Errorf("got %v, %+v", made.err, got)
	}
	if known := b.known("lxc/101"); known.Success == nil || known.Last.Verdict != result.Failed {
		t.Errorf("remembered %+v", known)
	}

	// Away from the node there is no weaker proof instead.
	made = b.run(t.Context(), guests("101"))
	if got := made.document.Drills[0]; made.err == nil || got.Verdict != result.Inconclusive || !strings.Contains(got.Reason, "command") {
		t.Errorf("got %v, %+v", made.err, got)
	}
	b.clean()
}

func TestEachNightAnotherGuestIsDrilled(t *testing.T) {
	b := newBench(t)
	var drilled []string
	for range 25 {
		made := b.run(t.Context(), nil)
		if made.err != nil {
			t.Fatalf("%v\n%s", made.err, made.talk)
		}
		for _, each := range made.document.Drills {
			drilled = append(drilled, each.Guest)
		}
		b.clock.Advance(24 * time.Hour)
	}
	b.clean()
	if !slices.Equal(drilled, []string{"qemu/100", "lxc/101", "qemu/100", "lxc/101"}) {
		t.Errorf("drilled %v", drilled)
	}
}

func TestADryRunOnlyReads(t *testing.T) {
	b := newBench(t)
	b.before = func(_ int, request *http.Request) {
		if request.Method != http.MethodGet {
			t.Errorf("%s %s", request.Method, request.URL.Path)
		}
	}
	made := b.run(t.Context(), func(o *Options) { o.DryRun, o.JSON, o.Guests = true, false, []string{"100", "101"} })
	if made.err != nil {
		t.Fatalf("%v\n%s", made.err, made.talk)
	}
	for _, want := range []string{
		"qemu/100 (vm100, prod on home)", "archive  backup-nfs:backup/vzdump-qemu-100-2026_11_23-01_", "to       node pve1, storage local-zfs, as guest 990000",
		"takes    2.0 GiB of memory, up to 16.0 GiB of space", "without  ide2, net0, startup, usb0", "proof    agent", "lxc/101", "up to 12.0 GiB", "without  mp1, net0", "proof    started",
	} {
		if !strings.Contains(made.data, want) {
			t.Errorf("it does not say %q:\n%s", want, made.data)
		}
	}
	b.clean()
}

func TestAnOlderArchiveCanBeNamed(t *testing.T) {
	b := newBench(t)
	all := b.run(t.Context(), func(o *Options) { o.DryRun, o.Guests = true, []string{"100"} })
	newest := all.document.Planned[0].Archive
	older := strings.Replace(newest, "2026_11_23", "2026_11_22", 1)
	made := b.run(t.Context(), func(o *Options) { o.Guests, o.Archive = []string{"100"}, older })
	if made.err != nil || made.document.Drills[0].Archive != older {
		t.Errorf("got %v, %+v", made.err, made.document)
	}
	made = b.run(t.Context(), func(o *Options) { o.Guests, o.Archive = []string{"101"}, older })
	if made.err == nil || !strings.Contains(made.document.Drills[0].Reason, "not one of guest lxc/101") {
		t.Errorf("got %v, %+v", made.err, made.document)
	}
	b.clean()
}
