package server

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func TestMetricsAreNegotiated(t *testing.T) {
	exporter := newFake(t, oneCluster)
	exporter.Publish(cluster("home", 1))
	server := newServer(t, exporter, nil)
	plain := ask(server, "GET", "/metrics")
	if kind := plain.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/plain; version=0.0.4") {
		t.Errorf("without a wish: %s", kind)
	}
	open := ask(server, "GET", "/metrics", "Accept", "application/openmetrics-text; version=1.0.0")
	if kind := open.Header().Get("Content-Type"); !strings.HasPrefix(kind, "application/openmetrics-text; version=1.0.0") || !strings.HasSuffix(open.Body.String(), "# EOF\n") {
		t.Errorf("OpenMetrics: %s", kind)
	}
	if strings.Contains(open.Body.String(), "_created") {
		t.Error("OpenMetrics has series of creation times")
	}
	packed := ask(server, "GET", "/metrics", "Accept-Encoding", "gzip") // as Prometheus does
	if encoding := packed.Header().Get("Content-Encoding"); encoding != "gzip" {
		t.Fatalf("asked for gzip, got %q", encoding)
	}
	reader, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(reader); err != nil || !bytes.Contains(body, []byte(`pve_backup_up{cluster="home"} 1`)) {
		t.Errorf("%v, %.100s", err, body)
	}
}

// Two scrapes and more at once, while the pictures change: each is whole and of one moment.
func TestManyScrapesAtOnce(t *testing.T) {
	exporter := newFake(t, oneCluster)
	exporter.Publish(cluster("home", 1))
	server := newServer(t, exporter, nil)
	done := make(chan struct{})
	var publisher, scrapers sync.WaitGroup
	publisher.Go(func() {
		for guests := 1; ; guests = guests%50 + 1 {
			select {
			case <-done:
				return
			default:
				exporter.Publish(cluster("home", guests))
			}
		}
	})
	for range 8 {
		scrapers.Go(func() {
			for range 20 {
				if err := whole(ask(server, "GET", "/metrics")); err != nil {
					t.Error(err)
				}
				if reply := ask(server, "GET", "/"); reply.Code != http.StatusOK {
					t.Errorf("page: %d", reply.Code)
				}
			}
		})
	}
	scrapers.Wait()
	close(done)
	publisher.Wait()
}

// whole checks that a scrape parses and that its families are of the same moment: as many guests as pairs.
func whole(reply *httptest.ResponseRecorder) error {
	if reply.Code != http.StatusOK {
		return fmt.Errorf("status %d", reply.Code)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(reply.Body)
	if err != nil {
		return err
	}
	guests, pairs := len(families["pve_backup_guest_info"].GetMetric()), len(families["pve_backup_guest_last_success_timestamp_seconds"].GetMetric())
	if guests == 0 || guests != pairs {
		return fmt.Errorf("%d guests and %d pairs", guests, pairs)
	}
	return nil
}

// A client that asks and never reads must hold neither a refresh nor the scrape of another client.
func TestASlowClientHoldsNobody(t *testing.T) {
	exporter := newFake(t, oneCluster)
	exporter.Publish(cluster("home", 20_000)) // more than the buffers of a connection hold
	server := httptest.NewServer(newServer(t, exporter, nil))
	defer server.Close()
	slow, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Close() }()
	if _, err := io.WriteString(slow, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if status, err := bufio.NewReaderSize(slow, 16).ReadString('\n'); err != nil || !strings.Contains(status, "200") {
		t.Fatalf("%q, %v", status, err) // the reply has begun, and nobody reads on
	}

	exporter.Publish(cluster("home", 3)) // what a refresh does at its end
	reply, err := http.Get(server.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	body, err := io.ReadAll(reply.Body)
	if err != nil || strings.Count(string(body), "\npve_backup_guest_info{") != 3 {
		t.Errorf("the other client got %d guests, %v", strings.Count(string(body), "\npve_backup_guest_info{"), err)
	}
	http.DefaultClient.CloseIdleConnections()
}
