package query_test

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

const hour = model.Duration(time.Hour)

func TestExpressions(t *testing.T) {
	t.Parallel()
	var m query.Metrics
	a, b := m.Of("a"), m.Of("b")
	all := query.Match{}
	tests := map[string]struct {
		got  query.Expr
		want string
	}{
		"bare":                  {a, `a`},
		"matchers":              {m.Of("a", query.Equal("x", "1"), query.NotEqual("y", ""), query.Like("z", "p|q"), query.Unlike("w", ".+")), `a{x="1",y!="",z=~"p|q",w!~".+"}`},
		"always":                {query.NewMetrics(query.Equal("team", "a")).Of("a", query.Equal("x", "1")), `a{x="1",team="a"}`},
		"hostile value":         {m.Of("a", query.Equal("x", "a\"b\\c\nd{}")), `a{x="a\"b\\c\nd{}"}`},
		"offset":                {a.Offset(hour), `a offset 1h`},
		"range":                 {query.Call("max_over_time", a.Range(24*hour).Offset(hour)), `max_over_time(a[1d] offset 1h)`},
		"subquery":              {query.Call("changes", a.Minus(all, b).Steps(48*hour, hour)), `changes((a - b)[2d:1h])`},
		"difference of sums":    {a.Minus(all, b.Minus(all, a)), `a - (b - a)`},
		"sum of differences":    {a.Minus(all, b).Minus(all, a), `a - b - a`},
		"product of a sum":      {a.Plus(all, b).Times(all, a), `(a + b) * a`},
		"quotient of quotients": {a.Per(all, b.Per(all, a)), `a / (b / a)`},
		"comparison of a sum":   {a.Plus(all, b).Above(0.8), `a + b > 0.8`},
		"sum of comparisons":    {a.Above(1).Plus(all, b), `(a > 1) + b`},
		"comparison twice":      {a.Above(1).Below(2), `(a > 1) < 2`},
		"large number":          {a.Above(1 << 30), `a > 1073741824`},
		"seconds":               {a.Is(">=", all, query.Seconds(hour)), `a >= 3600`},
		"on":                    {a.Is("<", query.On("x", "y").Left(), b), `a < on (x, y) group_left () b`},
		"right with a label":    {a.Times(query.On("x").Right("y"), b), `a * on (x) group_right (y) b`},
		"and":                   {a.Above(1).And(query.On("x"), b.Above(2)), "a > 1\nand on (x) (b > 2)"},
		"unless of an or":       {a.Or(b).Unless(all, a), "(\n  a\n  or\n  b\n)\nunless a"},
		"or of an unless":       {a.Unless(all, b).Or(b.Or(a)), "a\nunless b\nor\n(\n  b\n  or\n  a\n)"},
		"aggregation":           {query.By("max", a.And(all, b), "x", "y"), "max by (x, y) (\n  a\n  and b\n)"},
		"call of many lines":    {query.Call("clamp_min", a.And(all, b), query.Number(1)), "clamp_min(\n  a\n  and b,\n  1\n)"},
		"raw":                   {query.Raw("a or b").Above(1), `(a or b) > 1`},
		"one of":                {m.Of("a", query.Like("x", query.OneOf("a.b", "c|d"))), `a{x=~"a\\.b|c\\|d"}`},
	}
	for name, test := range tests {
		if got := test.got.String(); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

func TestMatchersAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		``:                                    `a`,
		`job="x"`:                             `a{job="x"}`,
		`job="x", `:                           `a{job="x"}`,
		` a = "1" , b!="2",c=~"x|y", d!~"z" `: `a{a="1",b!="2",c=~"x|y",d!~"z"}`,
		`a="{,}=\"", b="2"`:                   `a{a="{,}=\"",b="2"}`,
		"a=`\\d`":                             `a{a="\\d"}`,
	}
	for text, want := range tests {
		matchers, err := query.ParseMatchers(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := query.NewMetrics(matchers...).Of("a").String(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestMatchersThatAreNone(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`job`:             `"job" is no label matcher such as job="pve-backup"`,
		`job=x`:           `the value of label job is not in double quotes`,
		`job="x`:          `the value of label job is not in double quotes`,
		`job=="x"`:        `the value of label job is not in double quotes`,
		`job="x" a="y"`:   `a comma is missing before "a=\"y\""`,
		`job="x",,`:       `"," is no label matcher such as job="pve-backup"`,
		`{job="x"}`:       `"{job=\"x\"}" is no label matcher such as job="pve-backup"`,
		`1a="x"`:          `"1a=\"x\"" is no label matcher such as job="pve-backup"`,
		`job=~"("`:        "the value of label job: missing closing ): `(`",
		`job="x"} or vec`: `a comma is missing before "} or vec"`,
	}
	for text, want := range tests {
		_, err := query.ParseMatchers(text)
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func FuzzParseMatchers(f *testing.F) {
	for _, seed := range []string{``, `job="x"`, `a=~"b|c", d!="e"`, `a="\"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		matchers, err := query.ParseMatchers(text)
		if err != nil {
			return
		}
		written := ""
		for i, matcher := range matchers {
			if i > 0 {
				written += ","
			}
			written += matcher.String()
		}
		again, err := query.ParseMatchers(written)
		if err != nil || len(again) != len(matchers) {
			t.Fatalf("%q was read as %s, which is read as %v, %v", text, written, again, err)
		}
		for i := range matchers {
			if again[i] != matchers[i] {
				t.Errorf("%q: %v became %v", text, matchers[i], again[i])
			}
		}
	})
}
