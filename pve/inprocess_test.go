package pve

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAnotherTransportCarriesTheRequests(t *testing.T) {
	var asked []string
	client, err := New(Config{
		Endpoints: []string{"https://nowhere.invalid:8006"}, TokenID: testToken, TokenSecret: func() (string, error) { return testSecret, nil },
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			asked = append(asked, r.URL.String())
			out := httptest.NewRecorder()
			if r.Header.Get("Authorization") != "PVEAPIToken="+testToken+"="+testSecret {
				out.WriteHeader(http.StatusUnauthorized)
			}
			replies(`{"data":{"version":"9.2.11","release":"9.2"}}`)(out, r)
			return out.Result(), nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	version, err := client.Version(context.Background())
	if err != nil || version.String() != "9.2.11" || len(asked) != 1 || asked[0] != "https://nowhere.invalid:8006/api2/json/version" {
		t.Errorf("got %v, %v from %v", version, err, asked)
	}
	client.transport.base = roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("no answer") })
	if _, err := client.Version(context.Background()); err == nil {
		t.Error("a transport without an answer must be an error")
	}
}
