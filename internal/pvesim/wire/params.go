package wire

import (
	"net/http"
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
)

// Param describes one parameter of the query, the form or the path, as PVE's schema does.
type Param struct {
	Name      string
	Kind      Kind
	Required  bool
	Values    []string           // the only ones allowed, nil for any
	Min, Max  *int64             // for integers
	MaxLength int                // 0 for any
	Check     func(string) error // a format; its error is the text after "invalid format - "
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
	known := map[string]bool{}
	for _, p := range c.Endpoint.Params {
		known[p.Name] = true
		value, given := c.values[p.Name]
		if !given {
			if p.Required {
				faults[p.Name] = "property is missing and it is not optional"
			}
			continue
		}
		if text := p.fault(value); text != "" {
			faults[p.Name] = text
		}
	}
	for name := range c.values {
		if !known[name] && !strings.Contains(c.Endpoint.Template, "{"+name+"}") {
			faults[name] = "property is not defined in schema and the schema does not allow additional properties"
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return &Error{Status: http.StatusBadRequest, Reason: "Parameter verification failed.", Fields: faults}
}

// fault checks one value; empty for a good one.
func (p *Param) fault(value string) string {
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
	case Boolean:
		if _, ok := parseBool(value); !ok {
			return "type check ('boolean') failed - got '" + value + "'"
		}
	}
	if p.MaxLength > 0 && len(value) > p.MaxLength {
		return "value may only be " + strconv.Itoa(p.MaxLength) + " characters long"
	}
	if p.Check != nil {
		if err := p.Check(value); err != nil {
			return "invalid format - " + err.Error() + "\n"
		}
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
