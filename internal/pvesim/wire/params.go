package wire

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is the type of a parameter.
type Kind uint8

// The kinds of parameters that PVE's schema knows.
const (
	String Kind = iota
	Integer
	Boolean
	Number
)

// Param describes one parameter of the query, the form or the path, as PVE's schema does.
type Param struct {
	Name      string // "scsi[n]" stands for scsi0, scsi1 and so on
	Kind      Kind
	Required  bool
	Requires  string   // another parameter that must be there too
	Values    []string // the only ones allowed, nil for any
	Min, Max  *int64   // for integers
	MaxLength int      // 0 for any
	MinLength int
	Pattern   *regexp.Regexp     // nil for any
	Repeats   bool               // an array: each value by itself
	Check     func(string) error // a format; its error is the text after "invalid format - "
	// CheckNamed is Check for a format whose errors name the parameter.
	CheckNamed func(name, value string) error
}

// Limit returns a pointer to n, for Param.Min and Param.Max.
func Limit(n int64) *int64 { return &n }

// Call is one request as an endpoint sees it.
type Call struct {
	Request  *http.Request
	Endpoint *Endpoint
	Who      string // "user@realm!token"
	Now      time.Time
	Entry    string // the node whose address was called
	values   map[string]string
	repeated map[string][]string
}

// Get returns a parameter, from the path, the query or the form; empty where it is absent.
func (c *Call) Get(name string) string { return c.values[name] }

// Has reports whether a parameter was given.
func (c *Call) Has(name string) bool { _, ok := c.values[name]; return ok }

// Given lists the names of all parameters of the query and the form, in alphabetical order.
func (c *Call) Given() []string { return slices.Sorted(maps.Keys(c.repeated)) }

// All returns every value of a repeated parameter.
func (c *Call) All(name string) []string { return c.repeated[name] }

// Int returns an integer parameter, or fallback where it is absent.
func (c *Call) Int(name string, fallback int64) int64 {
	n, err := strconv.ParseInt(c.values[name], 10, 64)
	if err != nil {
		return fallback
	}
	return n
}

// Bool returns a boolean parameter; absent is false.
func (c *Call) Bool(name string) bool { b, _ := parseBool(c.values[name]); return b }

// parseBool reads the booleans that PVE accepts in forms and queries.
func parseBool(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "1", "on", "yes":
		return true, true
	case "0", "off", "no", "":
		return false, text != ""
	}
	return false, false
}

// verify checks all parameters against the endpoint's description and reports all faults at once.
func (c *Call) verify() *Error {
	faults := map[string]string{}
	known := map[string]*Param{}
	for i := range c.Endpoint.Params {
		p := &c.Endpoint.Params[i]
		if c.Endpoint.Knows != nil && !c.Endpoint.Knows(p.Name) {
			continue
		}
		known[p.Name] = p
		if _, given := c.values[p.Name]; !given && p.Required {
			faults[p.Name] = "property is missing and it is not optional"
		}
	}
	for name, value := range c.values {
		p := known[name]
		if p == nil {
			p = known[strings.TrimRight(name, "0123456789")+"[n]"]
		}
		switch {
		case p != nil:
			c.verifyOne(p, name, value, faults)
		case !strings.Contains(c.Endpoint.Template, "{"+name+"}"):
			faults[name] = "property is not defined in schema and the schema does not allow additional properties"
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return &Error{Status: http.StatusBadRequest, Reason: "Parameter verification failed.", Fields: faults}
}

func (c *Call) verifyOne(p *Param, name, value string, faults map[string]string) {
	if text := p.fault(name, value); text != "" {
		faults[name] = text
	}
	if p.Requires != "" && !c.Has(p.Requires) {
		faults[p.Requires] = "missing property - '" + name + "' requires this property"
	}
}

// fault checks one value; empty for a good one.
func (p *Param) fault(name, value string) string {
	switch p.Kind {
	case Integer:
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case err != nil:
			return "type check ('integer') failed - got '" + value + "'"
		case p.Min != nil && n < *p.Min:
			return "value must have a minimum value of " + strconv.FormatInt(*p.Min, 10)
		case p.Max != nil && n > *p.Max:
			return "value must have a maximum value of " + strconv.FormatInt(*p.Max, 10)
		}
	case Number:
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return "type check ('number') failed - got '" + value + "'"
		}
	case Boolean:
		if _, ok := parseBool(value); !ok {
			return "type check ('boolean') failed - got '" + value + "'"
		}
	}
	if p.MaxLength > 0 && len(value) > p.MaxLength {
		return "value may only be " + strconv.Itoa(p.MaxLength) + " characters long"
	}
	if len(value) < p.MinLength {
		return "value must be at least " + strconv.Itoa(p.MinLength) + " characters long"
	}
	if p.Pattern != nil && !p.Pattern.MatchString(value) {
		return "value does not match the regex pattern"
	}
	if err := p.format(name, value); err != nil {
		return "invalid format - " + err.Error() + "\n"
	}
	if p.Values == nil {
		return ""
	}
	for _, allowed := range p.Values {
		if value == allowed {
			return ""
		}
	}
	return "value '" + value + "' does not have a value in the enumeration '" + strings.Join(p.Values, ", ") + "'"
}

func (p *Param) format(name, value string) error {
	switch {
	case p.Check != nil:
		return p.Check(value)
	case p.CheckNamed != nil:
		return p.CheckNamed(name, value)
	}
	return nil
}
