package pvesim_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

func TestAnswersWithoutANetworkAreTheSame(t *testing.T) {
	clock := pvesim.NewClock(start())
	cluster := pvesim.Scale(pvesim.Options{Now: clock.Now, Seed: 1}, 1, 2)
	client := http.Client{Transport: wire.InProcess{Handler: cluster.Handler()}}
	get := func(secret, path string) (*http.Response, string, error) {
		request, err := http.NewRequest(http.MethodGet, "https://anywhere.invalid/api2/json"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "PVEAPIToken="+pvesim.ExporterToken+"="+secret)
		response, err := client.Do(request)
		if err != nil {
			return nil, "", err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response, string(body), nil
	}
	if response, body, err := get(pvesim.ExporterSecret, "/version"); err != nil || response.StatusCode != 200 || !strings.Contains(body, `"version":"9.2.11"`) {
		t.Errorf("an answer: %v %s %v", response, body, err)
	}
	if response, _, err := get("wrong", "/version"); err != nil || response.Status != "401 Authentication failed!" {
		t.Errorf("the reason phrase must survive: %v %v", response, err)
	}
	if response, body, err := get(pvesim.ExporterSecret, "/nodes/pve1/storage/nowhere/status"); err != nil || response.StatusCode != 400 || !strings.Contains(body, "No such storage") {
		t.Errorf("a refusal with a body: %v %s %v", response, body, err)
	}
	cluster.Change(func(m *pvesim.Model) { m.Down = true })
	if _, _, err := get(pvesim.ExporterSecret, "/version"); err == nil {
		t.Error("a connection that is closed without an answer must be an error")
	}
}
