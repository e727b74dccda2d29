package pve

import (
	"encoding/json"
	"os"
	"testing"
)

// FuzzJobs looks for a reply that makes reading panic, or that is read without what a job cannot be without.
func FuzzJobs(f *testing.F) {
	for _, file := range []string{"jobs.json", "tasks.json", "resources.json"} {
		seed, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
	}
	f.Add([]byte(`{"data":[{"id":"a","vmid":[1,"2"],"prune-backups":"=,,=","exclude":"1e9","fleecing":{"":null}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		found, err := inspect(body)
		if err != nil || !found.data {
			return
		}
		var reply struct{ Data json.RawMessage }
		if json.Unmarshal(body, &reply) != nil {
			return
		}
		jobs, err := rows(reply.Data, readJob)
		if err != nil {
			return
		}
		for _, j := range jobs {
			if j.ID == "" {
				t.Errorf("a job without an id: %+v", j)
			}
			if again := canonicalOption("prune-backups", j.Retention); again != j.Retention {
				t.Errorf("the canonical form of %q is %q", j.Retention, again)
			}
		}
	})
}

// FuzzInspect compares the look at a reply with what encoding/json makes of it.
func FuzzInspect(f *testing.F) {
	for _, seed := range []string{`{"data":[],"total":3}`, `{"data":{"a":{"a":1},"b":[{"a":"\"}"}]}}`, `{"a":1,"a":2}`, `{"data":null}`, `{"total":"7","data":"{"}`, `{"data":1}}`, `{"`, `{"a\`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		found, err := inspect(body)
		var reply map[string]json.RawMessage
		if err != nil || json.Unmarshal(body, &reply) != nil {
			return
		}
		// A name may be written with escapes, which Proxmox VE never does: then it is not found, and the reply is refused.
		if found.data && kindOfJSON(reply["data"]) == "null" {
			t.Errorf("data was found in %q", body)
		}
		if total, is := found.total.Get(); is {
			want, err := integerOf(reply["total"])
			if err != nil || want.Or(-1) != total {
				t.Errorf("total: %d, in %q", total, body)
			}
		}
	})
}
