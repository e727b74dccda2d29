package wire

import (
	"maps"
	"net/http"
	"slices"
	"sync"
)

// maxRecords bounds the list of requests, so that a demo may run for weeks.
const maxRecords = 20000

// Request is one request that came in, and what became of it.
type Request struct {
	Method   string
	Endpoint string // the template, "/nodes/{node}/tasks"; empty for an unknown path
	Path     string
	Query    string
	Entry    string // the node whose address was called
	Node     string // from the path
	UPID     string // from the path
	Status   int    // 0 where the connection was broken off without an answer
	Bytes    int64  // of the body, as sent
	Fault    bool   // a fault was at work
}

// Log lists the requests that came in. The zero Log is ready. It is safe for concurrent use.
type Log struct {
	mu       sync.Mutex
	requests []Request
	counts   map[string]int
	statuses map[int]int
	logs     map[string]int
	total    int
	bytes    int64
}

func (l *Log) add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts, l.statuses, l.logs = map[string]int{}, map[int]int{}, map[string]int{}
	}
	if len(l.requests) >= maxRecords {
		l.requests = append(l.requests[:0], l.requests[maxRecords/2:]...)
	}
	l.requests = append(l.requests, r)
	l.counts[r.Method+" "+r.Endpoint]++
	l.statuses[r.Status]++
	if r.Endpoint == "/nodes/{node}/tasks/{upid}/log" {
		l.logs[r.UPID]++
	}
	l.total++
	l.bytes += r.Bytes
}

// Requests returns the requests since the last Reset, oldest first; only the newest some ten thousand are kept.
func (l *Log) Requests() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Request(nil), l.requests...)
}

// Writes returns the requests since the last Reset that are not GETs, oldest first, whatever became of them; only the newest some ten
// thousand requests of any kind are kept.
func (l *Log) Writes() []Request {
	return slices.DeleteFunc(l.Requests(), func(r Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead })
}

// Total returns how many requests came since the last Reset.
func (l *Log) Total() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

// Bytes returns how many bytes of bodies were sent since the last Reset.
func (l *Log) Bytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}

// Counts returns the number of requests by "METHOD template" since the last Reset.
func (l *Log) Counts() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.counts)
}

// Statuses returns the number of answers by status since the last Reset.
func (l *Log) Statuses() map[int]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.statuses)
}

// LogFetches returns how often each task's log was asked for, by UPID, since the last Reset. A paged log counts once a page.
func (l *Log) LogFetches() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.logs)
}

// Reset forgets all.
func (l *Log) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests, l.counts, l.statuses, l.logs, l.total, l.bytes = nil, nil, nil, nil, 0, 0
}
