package play

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
)

func TestLabelsOfASeriesAndOfItsTarget(t *testing.T) {
	series := map[string]string{"__name__": "pve_backup_up", "cluster": "home", "node": ""}
	target := map[string]string{"job": "pve-backup", "instance": "a", "cluster": "dc", "node": "n1"}
	for _, test := range []struct {
		honor bool
		want  string
	}{
		{true, `{__name__="pve_backup_up", cluster="home", instance="a", job="pve-backup"}`},
		{false, `{__name__="pve_backup_up", cluster="dc", exported_cluster="home", instance="a", job="pve-backup", node="n1"}`},
	} {
		if got := join(series, target, test.honor).String(); got != test.want {
			t.Errorf("honor_labels %t: got %s, want %s", test.honor, got, test.want)
		}
	}
	if got := join(map[string]string{labels.MetricName: "x"}, map[string]string{"job": "a"}, false).String(); got != `{__name__="x", job="a"}` {
		t.Errorf("without a conflict nothing is renamed: %s", got)
	}
}
