package main

import (
	"os"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
)

func TestPageIsUpToDate(t *testing.T) {
	t.Parallel()
	want, err := render(mixin.Default())
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/alerts.md is out of date: run make generate")
	}
}
