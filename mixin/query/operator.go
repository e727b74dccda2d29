package query

import "strings"

// Match says which series of two expressions belong together: those with the same values of these labels. The zero value is all labels.
type Match struct {
	labels []string
	side   string
}

// On matches by these labels.
func On(labels ...string) Match { return Match{labels: labels} }

// Left lets many series on the left match one on the right, whose values of these further labels they get.
func (m Match) Left(further ...string) Match {
	return Match{m.labels, " group_left (" + strings.Join(further, ", ") + ")"}
}

// Right lets many series on the right match one on the left, whose values of these further labels they get.
func (m Match) Right(further ...string) Match {
	return Match{m.labels, " group_right (" + strings.Join(further, ", ") + ")"}
}

func (m Match) String() string {
	if m.labels == nil {
		return ""
	}
	return " on (" + strings.Join(m.labels, ", ") + ")" + m.side
}

// Plus adds.
func (e Expr) Plus(match Match, other Expr) Expr { return e.arithmetic("+", sum, match, other) }

// Minus subtracts.
func (e Expr) Minus(match Match, other Expr) Expr { return e.arithmetic("-", sum, match, other) }

// Times multiplies.
func (e Expr) Times(match Match, other Expr) Expr { return e.arithmetic("*", product, match, other) }

// Per divides.
func (e Expr) Per(match Match, other Expr) Expr { return e.arithmetic("/", product, match, other) }

func (e Expr) arithmetic(operator string, binds binding, match Match, other Expr) Expr {
	return Expr{e.within(binds) + " " + operator + match.String() + " " + other.within(binds-1), binds}
}

// Is keeps the series whose value compares so with the other: ==, !=, <, <=, > or >=.
func (e Expr) Is(operator string, match Match, other Expr) Expr {
	return Expr{e.within(sum) + " " + operator + match.String() + " " + other.within(sum), comparison}
}

// Equals keeps the series with this value.
func (e Expr) Equals(value float64) Expr { return e.Is("==", Match{}, Number(value)) }

// Above keeps the series with a greater value.
func (e Expr) Above(value float64) Expr { return e.Is(">", Match{}, Number(value)) }

// Below keeps the series with a smaller value.
func (e Expr) Below(value float64) Expr { return e.Is("<", Match{}, Number(value)) }

// And keeps the series that the other has as well.
func (e Expr) And(match Match, other Expr) Expr { return e.set("and", match, other) }

// Unless keeps the series that the other does not have.
func (e Expr) Unless(match Match, other Expr) Expr { return e.set("unless", match, other) }

func (e Expr) set(operator string, match Match, other Expr) Expr {
	right := other.text
	if other.binds > atom {
		right = Expr{other.text, disjunction}.within(atom) // PromQL needs none around a comparison, readers do
	}
	return Expr{e.within(conjunction) + "\n" + operator + match.String() + " " + right, conjunction}
}

// Or adds the series that only the other has.
func (e Expr) Or(other Expr) Expr {
	return Expr{e.text + "\nor\n" + other.within(conjunction), disjunction}
}
