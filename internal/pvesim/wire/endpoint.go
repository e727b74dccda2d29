package wire

import (
	"net/http"
	"strings"
)

// Endpoint is one method of one path template of the API.
type Endpoint struct {
	Method   string // GET, POST, PUT or DELETE
	Template string // "/nodes/{node}/tasks/{upid}/log"
	Params   []Param
	// Knows tells whether the cluster's version has a parameter; nil for all of them. One that it does not have is refused as any other name.
	Knows func(param string) bool
	// Protected calls are handed to the privileged daemon, which leaves two Connection headers in the answer.
	Protected bool
	// OnNode calls are answered by the node that the path names.
	OnNode bool
	// Check refuses callers without the needed privileges; nil lets everybody in. It runs before parameters are looked at, as in PVE.
	Check func(*Call) *Error
	// Handle answers. It runs inside Backend.Guard.
	Handle func(*Call) (Answer, *Error)
}

// Answer is what an endpoint returns.
type Answer struct {
	Data  any
	Total int // beside data; left out when 0, as PVE does
	// File, where not nil, is sent as an attachment of plain text instead of JSON, under the name FileName.
	File     []byte
	FileName string
}

// Error is a refusal or failure.
type Error struct {
	Status int
	Reason string            // the reason phrase of the status line
	Fields map[string]string // per parameter
	Detail string            // the body's message where it differs from the reason
	Silent bool              // no body and no content type
	Abort  bool              // no answer at all: the connection is closed
}

// Failure is the 500 that PVE sends for nearly everything.
func Failure(message string) *Error {
	return &Error{Status: http.StatusInternalServerError, Reason: message}
}

// Invalid is the 400 of a parameter check.
func Invalid(param, text string) *Error {
	return &Error{Status: http.StatusBadRequest, Reason: "Parameter verification failed.", Fields: map[string]string{param: text}}
}

// InvalidWithin is a parameter check that failed while a lock was held: the status gets lost on the way out, and the text moves into the
// message.
func InvalidWithin(param, text string) *Error {
	reason := "400 Parameter verification failed."
	return &Error{Status: http.StatusInternalServerError, Reason: reason, Detail: reason + "\n" + param + ": " + text + "\n"}
}

// Forbidden is the 403 of a permission check; what is "path, privilege" or a sentence.
func Forbidden(what string) *Error {
	return &Error{Status: http.StatusForbidden, Reason: "Permission check failed (" + what + ")"}
}

// Unauthorized is the 401 of a missing or wrong credential.
func Unauthorized(reason string) *Error {
	return &Error{Status: http.StatusUnauthorized, Reason: reason, Silent: true}
}

// Unreachable is the 595 of a node or daemon that does not answer.
func Unreachable(reason string) *Error {
	return &Error{Status: 595, Reason: reason, Silent: true}
}

// router finds endpoints by path segments.
type router struct{ root *segment }

// segment is one level of the tree of templates.
type segment struct {
	fixed     map[string]*segment
	param     *segment
	name      string // of param
	endpoints map[string]*Endpoint
}

func newRouter(endpoints []Endpoint) *router {
	r := &router{root: &segment{}}
	for i := range endpoints {
		at := r.root
		for part := range strings.SplitSeq(strings.Trim(endpoints[i].Template, "/"), "/") {
			at = at.child(part)
		}
		if at.endpoints == nil {
			at.endpoints = map[string]*Endpoint{}
		}
		at.endpoints[endpoints[i].Method] = &endpoints[i]
	}
	return r
}

// child returns the next level for a part of a template, and makes it where it is new.
func (s *segment) child(part string) *segment {
	if strings.HasPrefix(part, "{") {
		if s.param == nil {
			s.param, s.name = &segment{}, strings.Trim(part, "{}")
		}
		return s.param
	}
	if s.fixed == nil {
		s.fixed = map[string]*segment{}
	}
	if s.fixed[part] == nil {
		s.fixed[part] = &segment{}
	}
	return s.fixed[part]
}

// find returns the endpoint of a path and the values of its template; nil where there is none. Empty segments do not count, and a
// volume name, which contains a slash, swallows the rest of its path.
func (r *router) find(method string, parts []string) (*Endpoint, map[string]string) {
	at, values := r.root, map[string]string{}
	for i, part := range parts {
		if next := at.fixed[part]; next != nil {
			at = next
			continue
		}
		if at.param == nil {
			return nil, nil
		}
		if at.name == "volume" {
			part, parts = strings.Join(parts[i:], "/"), parts[:i+1]
		}
		values[at.name] = part
		at = at.param
		if len(parts) == i+1 {
			break
		}
	}
	return at.endpoints[method], values
}
