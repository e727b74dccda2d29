package pve

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
)

func TestIntegers(t *testing.T) {
	unknown := optional.Value[int64]{}
	for raw, want := range map[string]optional.Value[int64]{
		`7`: optional.Some[int64](7), `"7"`: optional.Some[int64](7), `-1`: optional.Some[int64](-1), `7.0`: optional.Some[int64](7), `"1e3"`: optional.Some[int64](1000),
		`true`: optional.Some[int64](1), `false`: optional.Some[int64](0), `" 8 "`: optional.Some[int64](8), `9223372036854775807`: optional.Some[int64](9223372036854775807),
		`null`: unknown, `""`: unknown, ``: unknown,
	} {
		if got, err := integerOf(json.RawMessage(raw)); err != nil || got != want {
			t.Errorf("%s: got %v, %v", raw, got, err)
		}
	}
	for _, raw := range []string{`"x"`, `1.5`, `[]`, `{}`, `1e30`, `"NaN"`, `"Inf"`, `"0x10"`, `9223372036854775808`} {
		if got, err := integerOf(json.RawMessage(raw)); err == nil {
			t.Errorf("%s was taken for %v", raw, got)
		}
	}
}

func TestFlags(t *testing.T) {
	for raw, want := range map[string]optional.Value[bool]{
		`1`: optional.Some(true), `"1"`: optional.Some(true), `true`: optional.Some(true), `"true"`: optional.Some(true), `"yes"`: optional.Some(true), `"on"`: optional.Some(true),
		`0`: optional.Some(false), `"0"`: optional.Some(false), `false`: optional.Some(false), `"no"`: optional.Some(false), `null`: {}, `""`: {}, ``: {},
	} {
		if got, err := flagOf(json.RawMessage(raw)); err != nil || got != want {
			t.Errorf("%s: got %v, %v", raw, got, err)
		}
	}
	for _, raw := range []string{`2`, `"perhaps"`, `[]`} {
		if got, err := flagOf(json.RawMessage(raw)); err == nil {
			t.Errorf("%s was taken for %v", raw, got)
		}
	}
}

func TestGuestLists(t *testing.T) {
	for raw, want := range map[string][]int{
		`"100,101,200"`: {100, 101, 200}, `"100, 101;102"`: {100, 101, 102}, `"100 101\u0000102"`: {100, 101, 102}, `100`: {100}, `[100,"101"]`: {100, 101},
		`""`: nil, `null`: nil, `" , ;"`: nil, `[]`: nil,
	} {
		if got, err := idsOf(json.RawMessage(raw)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v", raw, got, err)
		}
	}
}

func TestCanonicalOption(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"prune-backups", "keep-last=3,keep-daily=7", "keep-daily=7,keep-last=3"},
		{"prune-backups", "keep-all=1", "keep-all=1"},
		{"prune-backups", "", ""},
		{"fleecing", "1,storage=local", "enabled=1,storage=local"},
		{"fleecing", "storage=local,enabled=1", "enabled=1,storage=local"},
		{"fleecing", "enabled=0", "enabled=0"},
		{"performance", "pbs-entries-max=5, max-workers=2", "max-workers=2,pbs-entries-max=5"},
		{"notes-template", "b=1,a=2", "b=1,a=2"},
		{"mode", "stop", "stop"},
	} {
		if got := canonicalOption(tt.name, tt.value); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.name, tt.value, got, tt.want)
		}
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]Version{
		"9.2.11": {Major: 9, Minor: 2, Patch: 11, Text: "9.2.11"}, "7.4-17": {Major: 7, Minor: 4, Patch: 17, Text: "7.4-17"}, "7.1": {Major: 7, Minor: 1, Text: "7.1"},
		"8.0~rc1": {Major: 8, Text: "8.0~rc1"},
	} {
		if got, err := ParseVersion(text); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "nine", "9", "v9.2", "99999.1"} {
		if got, err := ParseVersion(text); err == nil {
			t.Errorf("%q was taken for %+v", text, got)
		}
	}
	order := []string{"6.4-15", "7.0-8", "7.1-4", "7.1-12", "7.4-17", "8.0.3", "8.4.21", "9.0.0", "9.2.11", "10.0.1"}
	for i := range order[1:] {
		older, _ := ParseVersion(order[i])
		newer, _ := ParseVersion(order[i+1])
		if older.Compare(newer) >= 0 || newer.Compare(older) <= 0 || older.Compare(older) != 0 {
			t.Errorf("%s is older than %s", older, newer)
		}
	}
}

func TestPermissionsAreInherited(t *testing.T) {
	p := Permissions{
		"/":              {"Sys.Audit": true, "VM.Audit": true, "Pool.Audit": false},
		"/vms":           {"VM.Audit": true, "VM.Backup": true},
		"/vms/100":       {"VM.Audit": false},
		"/storage":       {"Datastore.Allocate": false}, // an ACL for /storage alone: what "/" hands down still holds below
		"/storage/local": {"Datastore.Audit": true},
		"/nodes":         {"Sys.Modify": true}, // replaces what "/" hands down
	}
	for _, tt := range []struct {
		path, privilege string
		want            bool
	}{
		{"/", "Sys.Audit", true},
		{"/", "Pool.Audit", true}, // not handed down, but it holds on the path itself
		{"/pool/prod", "Pool.Audit", false},
		{"/pool/prod", "Sys.Audit", true},
		{"/vms", "VM.Backup", true},
		{"/vms/101", "VM.Backup", true},
		{"/vms/100", "VM.Audit", true},
		{"/vms/100", "VM.Backup", false}, // listed: its own list is all there is
		{"/vms/101", "Sys.Audit", false}, // replaced at /vms
		{"/storage", "Datastore.Allocate", true},
		{"/storage/nas", "Datastore.Allocate", false},
		{"/storage/nas", "Sys.Audit", true},
		{"/storage/local", "Datastore.Audit", true},
		{"/storage/local/", "Datastore.Audit", true},
		{"/nodes/pve1", "Sys.Modify", true},
		{"/nodes/pve1", "Sys.Audit", false},
		{"", "Sys.Audit", true},
		{"/sdn/zones/localnetwork/vmbr0", "VM.Audit", true},
	} {
		if got := p.Has(tt.path, tt.privilege); got != tt.want {
			t.Errorf("%s on %q: %v", tt.privilege, tt.path, got)
		}
	}
	if (Permissions{}).Has("/vms/100", "VM.Audit") || Permissions(nil).Has("/", "Sys.Audit") {
		t.Error("nobody has anything without rights")
	}
}
