package story

import (
	"strings"
	"testing"
	"time"
)

const withStore = `length: 3d
history: 1d
nodes: [{name: pve1}]
guests: [{id: 100, type: qemu, node: pve1, size: 8G}]
declared:
  environments:
    prod: {guests: {vmids: [100]}, terraform_state: {store: minio, bucket: tfstate-prod}}
object_stores:
`

func TestObjectStoresOfAStory(t *testing.T) {
	s, err := Parse("store.yml", []byte(withStore+`  - name: minio
    certificates: [{until: 1d}, {in: 12h, until: 30d}]
    troubles: [{in: 1h, for: 1h, kind: down}, {in: 2d, kind: locked, environment: prod}]
`))
	if err != nil {
		t.Fatal(err)
	}
	store := &s.ObjectStores[0]
	for at, want := range map[time.Duration]bool{0: false, time.Hour: true, 119 * time.Minute: true, 2 * time.Hour: false} {
		if _, is := store.At(at, StoreDown, ""); is != want {
			t.Errorf("down at %s: %t", at, is)
		}
	}
	if from, is := store.At(50*time.Hour, StateLocked, "prod"); !is || from != 48*time.Hour {
		t.Errorf("locked since %s, %t", from, is)
	}
	if _, is := store.At(50*time.Hour, StateLocked, "lab"); is {
		t.Error("the state of another environment is locked")
	}
	if until, shown := store.CertificateAt(13 * time.Hour); !shown || until != 30*24*time.Hour {
		t.Errorf("the certificate ends at %s", until)
	}
	if states := s.StatesIn("minio"); len(states) != 1 || states[0].Environment != "prod" || states[0].Bucket != "tfstate-prod" {
		t.Errorf("states %+v", states)
	}
}

func TestWrongObjectStores(t *testing.T) {
	for text, want := range map[string]string{
		"  - {name: mino}\n": "store.yml:7: declared: there is no store `minio`",
		"  - {name: minio, troubles: [{in: 1h, kind: donw}]}\n":                 `unknown trouble "donw"`,
		"  - {name: minio, troubles: [{in: 1h, kind: down, environment: x}]}\n": `unknown environment "x"`,
		"  - {name: minio, troubles: [{in: 9d, kind: down}]}\n":                 "the story ends at 3d",
		"  - {name: minio}\n  - {name: minio}\n":                                "stated twice",
		"  - {name: minio, trouble: []}\n":                                      "trouble",
	} {
		if _, err := Parse("store.yml", []byte(withStore+text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}
