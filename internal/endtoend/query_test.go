package endtoend

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// prometheus asks a Prometheus.
type prometheus struct{ url string }

// series returns how many series a query of a panel finds, seen from a moment and so far back. What Prometheus calls wrong fails the test.
func (p prometheus) series(ctx context.Context, t *testing.T, query target, now time.Time, span time.Duration) int {
	t.Helper()
	form, path := url.Values{"query": {query.Expr}}, "/api/v1/query"
	if query.Instant {
		form.Set("time", seconds(now))
	} else {
		path = "/api/v1/query_range"
		form.Set("step", strconv.FormatFloat(query.step.Seconds(), 'f', -1, 64))
		form.Set("start", seconds(now.Add(-span).Truncate(query.step))) // Grafana begins at whole steps
		form.Set("end", seconds(now))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var answer struct {
		Error    string
		Warnings []string
		Data     struct{ Result []json.RawMessage }
	}
	if err := json.NewDecoder(reply.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if answer.Error != "" || len(answer.Warnings) > 0 {
		t.Fatalf("%s: %s %v\n%s", query.name, answer.Error, answer.Warnings, query.Expr)
	}
	return len(answer.Data.Result)
}

func seconds(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
