package journal

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/drill/plan"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

func TestJournalNamesWhatWasBegun(t *testing.T) {
	dir := t.TempDir()
	first, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	entry := plan.Entry{Run: "a", Cluster: "home", VMID: 990000}
	for _, each := range []plan.Entry{entry, {Run: "b", Cluster: "away", VMID: 990000}} {
		if err := first.Write(each); err != nil {
			t.Fatal(err)
		}
	}
	entry.Task = "UPID:x"
	if err := first.Write(entry); err != nil {
		t.Fatal(err)
	}
	next, err := Load(dir)
	if err != nil || !slices.Equal(next.Of("home"), []plan.Entry{entry}) {
		t.Fatalf("got %+v, %v", next.Of("home"), err)
	}
	if err := next.Remove("a"); err != nil {
		t.Fatal(err)
	}
	if last, err := Load(dir); err != nil || len(last.Of("home")) != 0 || len(last.Of("away")) != 1 {
		t.Errorf("got %+v, %v", last, err)
	}
}

func TestAJournalThatCannotBeReadIsNotForgotten(t *testing.T) {
	dir := t.TempDir()
	journal, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journal.Path(), []byte(`{"version":1,"entr`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || len(ui.Hints(err)) == 0 {
		t.Errorf("got %v", err)
	}
}

func TestOnlyOneDrillAtATime(t *testing.T) {
	dir := t.TempDir()
	first, err := Acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(dir); !errors.Is(err, ErrBusy) {
		t.Fatalf("got %v", err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	second, err := Acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = second.Release()
	if _, err := Acquire(dir + "/none"); err == nil || len(ui.Hints(err)) == 0 {
		t.Errorf("got %v", err)
	}
}
