package figures

import (
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// Expr is a query that a panel asks, or a part of one.
type Expr struct{ query.Expr }

// The functions below give the parts of PromQL that figures are made of short names, so that a figure reads as what it means.

var all query.Match // matches series by all their labels

func (e Expr) maxBy(labels ...string) Expr   { return Expr{query.By("max", e.Expr, labels...)} }
func (e Expr) sumBy(labels ...string) Expr   { return Expr{query.By("sum", e.Expr, labels...)} }
func (e Expr) countBy(labels ...string) Expr { return Expr{query.By("count", e.Expr, labels...)} }
func (e Expr) count() Expr                   { return e.apply("count") }
func (e Expr) sum() Expr                     { return e.apply("sum") }

// apply calls a function, with the expression as its first argument.
func (e Expr) apply(function string, further ...query.Expr) Expr {
	return Expr{query.Call(function, append([]query.Expr{e.Expr}, further...)...)}
}

// most keeps the n greatest, for each combination of the labels.
func (e Expr) most(n int, labels ...string) Expr {
	function := "topk"
	if len(labels) > 0 {
		function = "topk by (" + strings.Join(labels, ", ") + ") "
	}
	return Expr{query.Call(function, query.Number(float64(n)), e.Expr)}
}

func (e Expr) plus(other Expr) Expr       { return Expr{e.Plus(all, other.Expr)} }
func (e Expr) minus(other Expr) Expr      { return Expr{e.Minus(all, other.Expr)} }
func (e Expr) per(other Expr) Expr        { return Expr{e.Per(all, other.Expr)} }
func (e Expr) times(n float64) Expr       { return Expr{e.Times(all, query.Number(n))} }
func (e Expr) equals(value float64) Expr  { return Expr{e.Equals(value)} }
func (e Expr) above(value float64) Expr   { return Expr{e.Above(value)} }
func (e Expr) below(value float64) Expr   { return Expr{e.Below(value)} }
func (e Expr) less(other Expr) Expr       { return Expr{e.Is("<", all, other.Expr)} }
func (e Expr) and(other Expr) Expr        { return Expr{e.And(all, other.Expr)} }
func (e Expr) unless(other Expr) Expr     { return Expr{e.Unless(all, other.Expr)} }
func (e Expr) atLeast(value float64) Expr { return e.apply("clamp_min", query.Number(value)) }

// andOn and unlessOn compare by these labels only.
func (e Expr) andOn(labels []string, other Expr) Expr {
	return Expr{e.And(query.On(labels...), other.Expr)}
}

func (e Expr) unlessOn(labels []string, other Expr) Expr {
	return Expr{e.Unless(query.On(labels...), other.Expr)}
}

// taking adds labels of the other expression, which has one series of value 1 for each combination of the labels that both have.
func (e Expr) taking(labels []string, other Expr, take ...string) Expr {
	one := query.Call("", e.Expr) // in parentheses
	return Expr{query.Raw(one.String() + "\n* on (" + strings.Join(labels, ", ") + ") group_left (" + strings.Join(take, ", ") + ") " + other.String())}
}

// as gives every series this value.
func (e Expr) as(value float64) Expr {
	if value == 0 {
		return e.times(0)
	}
	return e.times(0).plus(Expr{query.Number(value)})
}

// either is the first expression, and of each further one what those before have no series of the same labels for.
func either(expressions ...Expr) Expr {
	texts := make([]string, len(expressions))
	for i, e := range expressions {
		texts[i] = e.String()
	}
	return Expr{query.Raw(strings.Join(texts, "\nor\n"))}
}

// label sets a label on every series.
func (e Expr) label(name, value string) Expr {
	return e.apply("label_replace", quote(name), quote(value), quote(""), quote(""))
}

// join writes the values of some labels into another one.
func (e Expr) join(name, separator string, labels ...string) Expr {
	further := []query.Expr{quote(name), quote(separator)}
	for _, label := range labels {
		further = append(further, quote(label))
	}
	return e.apply("label_join", further...)
}

func quote(text string) query.Expr { return query.Raw(strconv.Quote(text)) }

// overTime calls a function with all samples of a selector in a window.
func (e Expr) overTime(function string, window time.Duration) Expr {
	return Expr{query.Call(function, e.Range(model.Duration(window)))}
}

// daily calls a function with the values of an expression at every step of a window.
func (e Expr) stepwise(function string, window, step time.Duration, further ...query.Expr) Expr {
	steps := e.Steps(model.Duration(window), model.Duration(step))
	return Expr{query.Call(function, append([]query.Expr{steps}, further...)...)}
}

// atEnd evaluates a selector at the end of the shown time, whatever the moment of a graph is.
func (e Expr) atEnd() Expr { return Expr{query.Raw(e.String() + " @ end()")} }

// ago evaluates a selector in the past.
func (e Expr) ago(span time.Duration) Expr { return Expr{e.Offset(model.Duration(span))} }

// age is how long ago a Unix time is, in seconds.
func (e Expr) age() Expr { return Expr{query.Now()}.minus(e) }

// date is a Unix time in milliseconds, Grafana's unit.
func (e Expr) date() Expr { return e.times(1000) }

// keyed reduces a column of a table to the key of its rows.
func (e Expr) keyed(labels []string) Expr { return e.join(LabelKey, "|", labels...).maxBy(LabelKey) }

func seconds(d model.Duration) float64 { return time.Duration(d).Seconds() }
