package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
)

// maxForm bounds a request's body; PVE allows half a megabyte.
const maxForm = 512 << 10

func unescape(part string) string {
	if plain, err := url.PathUnescape(part); err == nil {
		return plain
	}
	return part
}

// read collects the parameters of the query and the body beside those of the path.
func (c *Call) read() *Error {
	path := c.values
	c.values = map[string]string{}
	c.repeated = map[string][]string{}
	for name, value := range path {
		c.values[name] = value
	}
	given := c.Request.URL.Query()
	if failure := c.readBody(given); failure != nil {
		return failure
	}
	for name, all := range given {
		if inPath, ok := path[name]; ok && inPath != all[0] {
			return Invalid(name, "duplicate parameter (already defined in URI) with conflicting values!")
		}
		c.values[name], c.repeated[name] = all[0], all
	}
	return nil
}

// readBody adds a form's or a JSON object's values to given.
func (c *Call) readBody(given url.Values) *Error {
	r := c.Request
	if r.Body == nil || r.Method == http.MethodGet {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxForm+1))
	if err != nil || len(body) == 0 {
		return nil
	}
	if len(body) > maxForm {
		return &Error{Status: http.StatusNotImplemented, Reason: "for data too large", Silent: true}
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "", "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil
		}
		for name, all := range form {
			given[name] = append(given[name], all...)
		}
		return nil
	case "application/json":
		return readJSON(body, given)
	}
	return &Error{Status: 506, Reason: fmt.Sprintf("upload 'Content-Type '%s' not implemented", kind), Silent: true}
}

// readJSON adds the members of an object to given, in the form that a form would have.
func readJSON(body []byte, given url.Values) *Error {
	var object map[string]any
	if err := json.Unmarshal(body, &object); err != nil {
		return &Error{
			Status: http.StatusInternalServerError, Silent: true,
			Reason: "malformed JSON string, neither tag, array, object, number, string or atom, at character offset " + strconv.Itoa(len(body)) + ` (before "(end of string)")`,
		}
	}
	for name, value := range object {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, one := range list {
			given.Add(name, plain(one))
		}
	}
	return nil
}

// plain writes a JSON value as a form would.
func plain(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "1"
		}
		return "0"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return v
	}
	return fmt.Sprint(value)
}
