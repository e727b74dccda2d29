package pve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// TestSecretStaysSecret looks for the token's secret in everything that a client can make public, with a server that repeats it
// wherever it can.
func TestSecretStaysSecret(t *testing.T) {
	var logged bytes.Buffer
	var observed strings.Builder
	echo := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			auth := r.Header.Get("Authorization")
			if auth != "PVEAPIToken="+testToken+"="+testSecret {
				t.Errorf("header %q", auth)
			}
			w.Header().Set("Location", "/?"+auth)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			_, _ = fmt.Fprintf(w, `{"data":{%[1]q:%[1]q},"message":%[1]q,"errors":{%[1]q:%[1]q}}`, auth)
		}
	}
	for _, code := range []int{200, 302, 400, 401, 403, 404, 500, 501, 503} {
		s := serve(t, echo(code))
		c, _ := connect(t, Config{
			Logger:  slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
			Observe: func(endpoint, code string, _ time.Duration) { observed.WriteString(endpoint + code) },
		}, s.URL, closedPort(t))
		for name, call := range everyMethod(c) {
			err := call(context.Background())
			public := fmt.Sprintf("%v %+v %#v %q", err, err, errorsOf(err), ui.Hints(err))
			if strings.Contains(public, testSecret) {
				t.Errorf("%s, %d: the secret is in %s", name, code, public)
			}
		}
		if public := fmt.Sprintf("%+v", c.EndpointStatus()); strings.Contains(public, testSecret) {
			t.Errorf("the secret is in %s", public)
		}
	}
	if !strings.Contains(logged.String(), "code=503") {
		t.Error("the debug log is empty: the test looks at nothing")
	}
	if strings.Contains(logged.String()+observed.String(), testSecret) {
		t.Errorf("the secret is in the log:\n%s", logged.String())
	}
}

// errorsOf lists the typed errors within an error, so that their fields are looked at too.
func errorsOf(err error) []any {
	var out []any
	var e *Error
	if errors.As(err, &e) {
		out = append(out, *e)
	}
	var c *ConnectionError
	if errors.As(err, &c) {
		out = append(out, *c)
	}
	return out
}

func TestSecretInAStatusLine(t *testing.T) {
	for _, line := range []string{"%s\r\n\r\n", "HTTP/1.1 %s\r\n\r\n", "HTTP/1.1 200 OK\r\n%s\r\n\r\n", "HTTP/1.1 500 %s\r\n\r\n"} {
		w := serveWire(t, func(r *http.Request) string { return fmt.Sprintf(line, r.Header.Get("Authorization")) })
		c, _ := connect(t, Config{}, w.address)
		_, err := c.Version(context.Background())
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v %+v", err, errorsOf(err), c.EndpointStatus()), testSecret) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestSecretThatCannotBeOne(t *testing.T) {
	s := serve(t, nil)
	for _, tt := range []struct{ secret, text string }{
		{"", "is empty"},
		{"  \n", "is empty"},
		{testToken + "=" + testSecret, "holds more than the secret"},
		{"abc\r\nX-Evil: 1", "has characters that no secret has"},
	} {
		c, _ := connect(t, Config{TokenSecret: func() (string, error) { return tt.secret, nil }}, s.URL)
		_, err := c.Version(context.Background())
		if err == nil || strings.Contains(err.Error(), testSecret) || strings.Contains(err.Error(), "Evil") {
			t.Fatalf("secret %q: %v", tt.secret, err)
		}
		wantContains(t, err.Error(), testToken, tt.text)
	}
	c, _ := connect(t, Config{TokenSecret: func() (string, error) { return "", io.ErrNoProgress }}, s.URL)
	if _, err := c.Version(context.Background()); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("the reason why there is no secret is lost: %v", err)
	}
	if n := len(s.seen()); n != 0 {
		t.Errorf("%d requests without a secret", n)
	}
	c, _ = connect(t, Config{TokenSecret: func() (string, error) { return testSecret + "\n", nil }}, s.URL)
	if _, err := c.Version(context.Background()); err != nil {
		t.Errorf("the end of line of a file is not part of the secret: %v", err)
	}
}

func TestRefusedTokenIsNotPresentedAgain(t *testing.T) {
	secret := testSecret
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("Authorization"), testSecret) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		replies(`{"data":{"version":"9.2.11"}}`)(w, r)
	})
	c, world := connect(t, Config{TokenSecret: func() (string, error) { return secret, nil }}, s.URL)
	ask := func() error { _, err := c.Version(context.Background()); return err }
	wantRequests := func(n int) {
		t.Helper()
		if got := len(s.seen()); got != n {
			t.Errorf("%d requests, want %d", got, n)
		}
	}
	if err := ask(); !IsUnauthorized(err) {
		t.Fatal(err)
	}
	wantRequests(1)
	err := ask()
	if !IsUnauthorized(err) {
		t.Fatal(err)
	}
	wantContains(t, err.Error(), "not asked again before", "401")
	wantRequests(1)

	world.advance(61 * time.Second)
	if err := ask(); !IsUnauthorized(err) {
		t.Fatal(err)
	}
	wantRequests(2)

	secret = "11111111-2222-3333-4444-555555555555"
	if err := ask(); err != nil {
		t.Errorf("a new secret is used at once: %v", err)
	}
	wantRequests(3)
}

// A refusal for lack of a privilege says nothing about the next call.
func TestForbiddenDoesNotPause(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	c, _ := connect(t, Config{}, s.URL)
	for range 3 {
		if _, err := c.Version(context.Background()); !IsForbidden(err) {
			t.Fatal(err)
		}
	}
	if n := len(s.seen()); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}
