package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestPrintErrorShowsEveryHint(t *testing.T) {
	inner := Hint(errors.New("token refused"), "create it with pveum")
	err := Hint(fmt.Errorf("cluster home: %w", inner), "run check")
	var out strings.Builder
	PrintError(&out, "program", err)
	want := "program: error: cluster home: token refused\nhint: run check\nhint: create it with pveum\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestPrintErrorPrintsJoinedErrorsOneByOne(t *testing.T) {
	err := errors.Join(Hint(errors.New("first"), "one"), errors.New("second"))
	var out strings.Builder
	PrintError(&out, "program", err)
	want := "program: error: first\nhint: one\nprogram: error: second\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestHintOfNoErrorIsNoError(t *testing.T) {
	if err := Hint(nil, "never"); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}
