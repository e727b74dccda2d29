package play

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// TestWhatIsRemembered: a copy reads like what was parsed, and what the engine does to one does not reach the next.
func TestWhatIsRemembered(t *testing.T) {
	remembering := newParsed()
	for _, text := range []string{
		`max by (a) (x{b="c"} offset 1h) > on (a) group_left (d) (y * -2)`,
		`quantile_over_time(0.2, x[30d:12h]) / (sum(x) or vector(1))`,
		`topk(2, x) unless label_replace(x @ 12, "a", "$1", "b", "(.*)")`,
		`last_over_time(x[2h]) and timestamp(x) - time() >= bool 3`,
	} {
		want, err := parser.NewParser(parser.Options{}).ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			got, err := remembering.ParseExpr(text)
			if err != nil || got.String() != want.String() {
				t.Errorf("%s: got %v, %v", text, got, err)
			}
			if got, err = promql.PreprocessExpr(got, time.Unix(0, 0), time.Unix(99, 0), time.Second); err != nil {
				t.Fatal(err)
			}
			parser.Inspect(got, func(node parser.Node, _ []parser.Node) error {
				if selector, is := node.(*parser.VectorSelector); is {
					selector.Offset, selector.Name = 99, "changed"
				}
				return nil
			})
		}
	}
	if _, err := remembering.ParseExpr("x ("); err == nil {
		t.Error("what cannot be read is accepted")
	}
}
