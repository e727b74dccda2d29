package query

import (
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// Expr is a PromQL expression.
type Expr struct {
	text  string
	binds binding
}

// binding is how strongly the outermost operator of an expression holds its operands together.
type binding int

const (
	atom binding = iota // needs parentheses nowhere
	product
	sum
	comparison
	conjunction // and, unless
	disjunction // or
)

// String is the PromQL.
func (e Expr) String() string { return e.text }

// Raw takes over PromQL as it is; whatever is made of it puts it in parentheses.
func Raw(text string) Expr { return Expr{text, disjunction} }

// Number is a constant.
func Number(value float64) Expr { return Expr{strconv.FormatFloat(value, 'f', -1, 64), atom} }

// Seconds is a duration as a constant number of seconds.
func Seconds(d model.Duration) Expr { return Number(time.Duration(d).Seconds()) }

// Now is the time of the evaluation.
func Now() Expr { return Expr{"time()", atom} }

// Metrics makes the selectors of metrics. The zero value selects all series of a metric.
type Metrics struct{ always []Matcher }

// NewMetrics returns selectors to which these matchers are always added.
func NewMetrics(always ...Matcher) Metrics { return Metrics{always} }

// Of selects the newest sample of a metric's series.
func (m Metrics) Of(name string, matchers ...Matcher) Expr {
	texts := make([]string, 0, len(matchers)+len(m.always))
	for _, matcher := range matchers {
		texts = append(texts, matcher.String())
	}
	for _, matcher := range m.always {
		texts = append(texts, matcher.String())
	}
	if len(texts) == 0 {
		return Expr{name, atom}
	}
	return Expr{name + "{" + strings.Join(texts, ",") + "}", atom}
}

// Offset looks at a selector, or at a range, some time ago.
func (e Expr) Offset(d model.Duration) Expr { return Expr{e.text + " offset " + d.String(), atom} }

// Range selects all samples of a selector in a window that ends now.
func (e Expr) Range(window model.Duration) Expr {
	return Expr{e.text + "[" + window.String() + "]", atom}
}

// Steps evaluates any expression again and again in a window that ends now: a subquery.
func (e Expr) Steps(window, step model.Duration) Expr {
	return Expr{e.within(atom) + "[" + window.String() + ":" + step.String() + "]", atom}
}

// Call is a function of its arguments.
func Call(function string, arguments ...Expr) Expr {
	texts := make([]string, len(arguments))
	for i, argument := range arguments {
		texts[i] = argument.text
	}
	joined := strings.Join(texts, ", ")
	if strings.Contains(joined, "\n") {
		return Expr{function + "(\n" + indent(strings.Join(texts, ",\n")) + "\n)", atom}
	}
	return Expr{function + "(" + joined + ")", atom}
}

// By aggregates: By("max", e, "cluster") is the greatest value of each cluster.
func By(operator string, e Expr, labels ...string) Expr {
	head := operator + " by (" + strings.Join(labels, ", ") + ") ("
	if strings.Contains(e.text, "\n") {
		return Expr{head + "\n" + indent(e.text) + "\n)", atom}
	}
	return Expr{head + e.text + ")", atom}
}

// within writes the expression as an operand of something that binds that strongly.
func (e Expr) within(outer binding) string {
	if e.binds <= outer {
		return e.text
	}
	if strings.Contains(e.text, "\n") {
		return "(\n" + indent(e.text) + "\n)"
	}
	return "(" + e.text + ")"
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }
