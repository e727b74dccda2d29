package query

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Matcher is one condition on a label.
type Matcher struct {
	Label    string
	Operator string // = != =~ !~
	Value    string
}

// Equal selects series whose label has the value. An empty value selects those without the label, too.
func Equal(label, value string) Matcher { return Matcher{label, "=", value} }

// NotEqual selects series whose label has another value.
func NotEqual(label, value string) Matcher { return Matcher{label, "!=", value} }

// Like selects series whose label matches the whole regular expression (RE2).
func Like(label, expression string) Matcher { return Matcher{label, "=~", expression} }

// Unlike selects series whose label does not match the whole regular expression (RE2).
func Unlike(label, expression string) Matcher { return Matcher{label, "!~", expression} }

// OneOf is the regular expression of exactly these values, for [Like] and [Unlike].
func OneOf(values ...string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = regexp.QuoteMeta(value)
	}
	return strings.Join(quoted, "|")
}

// String writes the matcher as PromQL does.
func (m Matcher) String() string { return m.Label + m.Operator + strconv.Quote(m.Value) }

var (
	matcherHead = regexp.MustCompile(`^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*`)
	separator   = regexp.MustCompile(`^\s*,\s*`)
)

// ParseMatchers reads label matchers as they stand between braces: `job="pve-backup", team=~"a|b"`. Nothing is no matcher.
func ParseMatchers(text string) ([]Matcher, error) {
	var matchers []Matcher
	rest := strings.TrimSpace(text)
	for rest != "" {
		if len(matchers) > 0 {
			comma := separator.FindString(rest)
			if comma == "" {
				return nil, fmt.Errorf("a comma is missing before %s", strconv.Quote(rest))
			}
			if rest = rest[len(comma):]; rest == "" {
				break // PromQL does not mind a comma at the end
			}
		}
		matcher, length, err := parseMatcher(rest)
		if err != nil {
			return nil, err
		}
		matchers = append(matchers, matcher)
		rest = strings.TrimSpace(rest[length:])
	}
	return matchers, nil
}

func parseMatcher(text string) (Matcher, int, error) {
	head := matcherHead.FindStringSubmatch(text)
	if head == nil {
		return Matcher{}, 0, fmt.Errorf("%s is no label matcher such as job=\"pve-backup\"", strconv.Quote(text))
	}
	quoted, err := strconv.QuotedPrefix(text[len(head[0]):])
	if err != nil {
		return Matcher{}, 0, fmt.Errorf("the value of label %s is not in double quotes", head[1])
	}
	value, err := strconv.Unquote(quoted)
	if err != nil {
		return Matcher{}, 0, fmt.Errorf("the value of label %s: %w", head[1], err)
	}
	matcher := Matcher{head[1], head[2], value}
	if strings.HasSuffix(matcher.Operator, "~") {
		if _, err := regexp.Compile(value); err != nil {
			return Matcher{}, 0, fmt.Errorf("the value of label %s: %w", head[1], regexpProblem(err))
		}
	}
	return matcher, len(head[0]) + len(quoted), nil
}

// regexpProblem drops the words that regexp puts before its reason.
func regexpProblem(err error) error {
	return errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
}
