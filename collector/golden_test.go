package collector

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// exporter is all that a scrape of the fixture shows, apart from the build information, which differs from build to build.
func exporter(t testing.TB) prometheus.Gatherer {
	t.Helper()
	store := NewStore(silent())
	store.Publish(everything())
	publishStores(store)
	own := prometheus.NewPedanticRegistry()
	own.MustRegister(withAPI(), loaded())
	return store.Gatherer(own)
}

func TestGoldenScrape(t *testing.T) {
	got := encode(t, exporter(t), expfmt.NewFormat(expfmt.TypeTextPlain))
	golden := filepath.Join("testdata", "golden.prom")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			t.Fatalf("line %d differs\n got %s\nwant %s\nrun go test ./collector -update if that is intended", i+1, gotLines[i], wantLines[i])
		}
	}
	t.Fatalf("got %d lines, want %d", len(gotLines), len(wantLines))
}

func TestLintIsClean(t *testing.T) {
	store := NewStore(silent())
	store.Publish(everything())
	publishStores(store)
	own := prometheus.NewPedanticRegistry()
	own.MustRegister(store, withAPI(), loaded(), NewBuildInfo())
	problems, err := testutil.GatherAndLint(own)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
}

// A scrape is read back by the parsers of both text formats, with the same number of series.
func TestScrapeParses(t *testing.T) {
	gatherer := exporter(t)
	families, err := gatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []expfmt.FormatType{expfmt.TypeTextPlain, expfmt.TypeOpenMetrics, expfmt.TypeProtoDelim} {
		format := expfmt.NewFormat(kind)
		parsed := parse(t, encode(t, gatherer, format), format)
		if len(parsed) != len(families) {
			t.Errorf("%s: got %d metrics back, want %d", format, len(parsed), len(families))
		}
		if got, want := count(parsed), count(families); got != want {
			t.Errorf("%s: got %d series back, want %d", format, got, want)
		}
	}
}

// Passing the prebuilt series on must come to what a registry that checks everything makes of them.
func TestGathererAgreesWithPedanticRegistry(t *testing.T) {
	store := NewStore(silent())
	store.Publish(everything())
	publishStores(store)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(store)
	plain := expfmt.NewFormat(expfmt.TypeTextPlain)
	want := encode(t, registry, plain)
	got := encode(t, store.Gatherer(prometheus.NewRegistry()), plain)
	if !bytes.Equal(got, want) {
		t.Errorf("the gatherer wrote\n%s\nthe registry\n%s", got, want)
	}
}

func encode(t testing.TB, gatherer prometheus.Gatherer, format expfmt.Format) []byte {
	t.Helper()
	families, err := gatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	write(t, &out, families, format)
	return out.Bytes()
}

func write(t testing.TB, w io.Writer, families []*dto.MetricFamily, format expfmt.Format) {
	t.Helper()
	encoder := expfmt.NewEncoder(w, format)
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			t.Fatal(err)
		}
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func parse(t testing.TB, text []byte, format expfmt.Format) []*dto.MetricFamily {
	t.Helper()
	decoder := expfmt.NewDecoder(bytes.NewReader(text), format)
	var families []*dto.MetricFamily
	for {
		family := &dto.MetricFamily{}
		err := decoder.Decode(family)
		if errors.Is(err, io.EOF) {
			return families
		}
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		families = append(families, family)
	}
}

func count(families []*dto.MetricFamily) int {
	n := 0
	for _, family := range families {
		n += len(family.Metric)
	}
	return n
}

// series returns the text form of every series of a store without values, sorted.
func series(t testing.TB, s *Store) []string {
	t.Helper()
	text := encode(t, s.Gatherer(prometheus.NewRegistry()), expfmt.NewFormat(expfmt.TypeTextPlain))
	var all []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			all = append(all, line[:strings.LastIndexByte(line, ' ')])
		}
	}
	slices.Sort(all)
	return all
}
