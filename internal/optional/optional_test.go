package optional

import (
	"encoding/json"
	"testing"
)

func TestUnknownIsNotZero(t *testing.T) {
	type facts struct {
		Size Value[int64] `json:"size,omitzero"`
		Free Value[int64] `json:"free,omitzero"`
	}
	out, err := json.Marshal(facts{Free: Some(int64(0))})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), `{"free":0}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var back facts
	if err := json.Unmarshal([]byte(`{"size":null,"free":0}`), &back); err != nil {
		t.Fatal(err)
	}
	if back.Size.Known() || !back.Free.Known() {
		t.Errorf("null must stay unknown and 0 known, got %+v", back)
	}
	if got := back.Size.Or(7); got != 7 {
		t.Errorf("Or of an unknown value: got %d, want 7", got)
	}
}
