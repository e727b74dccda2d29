package pvesim_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// askInProcess makes a call with the exporter's token and a secret, without a network.
func askInProcess(t *testing.T, cluster *pvesim.Cluster, secret, path string) (status, body string, err error) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, "https://anywhere.invalid/api2/json"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "PVEAPIToken="+pvesim.ExporterToken+"="+secret)
	client := http.Client{Transport: wire.InProcess{Handler: cluster.Handler()}}
	response, err := client.Do(request)
	if err != nil {
		return "", "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.Status, string(text), nil
}

func TestAnswersWithoutANetworkAreTheSame(t *testing.T) {
	clock := pvesim.NewClock(start())
	cluster := pvesim.Scale(pvesim.Options{Now: clock.Now, Seed: 1}, 1, 2)
	for _, test := range []struct{ what, secret, path, status, body string }{
		{"an answer", pvesim.ExporterSecret, "/version", "200 OK", `"version":"9.2.11"`},
		{"a reason phrase", "wrong", "/version", "401 Authentication failed!", ""},
		{"a refusal with a body", pvesim.ExporterSecret, "/nodes/pve1/storage/nowhere/status", "400 Parameter verification failed.", "No such storage"},
	} {
		if status, body, err := askInProcess(t, cluster, test.secret, test.path); err != nil || status != test.status || !strings.Contains(body, test.body) {
			t.Errorf("%s: got %s %s %v", test.what, status, body, err)
		}
	}
	cluster.Change(func(m *pvesim.Model) { m.Down = true })
	if _, _, err := askInProcess(t, cluster, pvesim.ExporterSecret, "/version"); err == nil {
		t.Error("a connection that is closed without an answer must be an error")
	}
}
