package endtoend

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

// message is what Alertmanager sends to a webhook.
type message struct {
	path        string
	Receiver    string
	Status      string
	GroupLabels map[string]string
	Alerts      []alert
}

type alert struct {
	Status              string
	Labels, Annotations map[string]string
}

// named reports whether a message is on the alert of this name.
func named(name string) func(message) bool {
	return func(one message) bool { return one.GroupLabels["alertname"] == name }
}

// resolved reports whether a message says that the guest's trouble is over.
func resolved(id string) func(message) bool {
	return func(one message) bool {
		return slices.ContainsFunc(one.Alerts, func(each alert) bool { return each.Labels["id"] == id && each.Status == "resolved" })
	}
}

// webhook is a receiver of messages.
type webhook struct {
	address string
	arrived chan message
	heard   []message
}

// startWebhook takes messages until the test ends.
func startWebhook(t *testing.T) *webhook {
	t.Helper()
	hook := &webhook{arrived: make(chan message, 1000)}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		one := message{path: request.URL.Path}
		if err := json.NewDecoder(request.Body).Decode(&one); err != nil {
			t.Errorf("no message: %v", err)
		}
		hook.arrived <- one
	}))
	t.Cleanup(server.Close)
	hook.address = server.Listener.Addr().String()
	return hook
}

// await returns the first message that is wanted, whenever it came.
func (w *webhook) await(t *testing.T, wanted func(message) bool) message {
	t.Helper()
	if i := slices.IndexFunc(w.heard, wanted); i >= 0 {
		return w.heard[i]
	}
	late := time.NewTimer(testprogram.Patience)
	defer late.Stop()
	for {
		select {
		case one := <-w.arrived:
			w.heard = append(w.heard, one)
			if wanted(one) {
				return one
			}
		case <-late.C:
			t.Fatalf("the message never came, but %v", w.heard)
		}
	}
}

// all returns every message that has come.
func (w *webhook) all() []message {
	for {
		select {
		case one := <-w.arrived:
			w.heard = append(w.heard, one)
		default:
			return w.heard
		}
	}
}
