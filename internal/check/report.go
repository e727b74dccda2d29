package check

import (
	"encoding/json"
	"io"
)

// Report is all that was found, in the order in which it is to be read: the declared file first, then one cluster after the other, then the object stores.
type Report struct {
	// File is the declared file's path, as it was given.
	File     string
	Findings []Finding
}

// Count returns how many findings have a level.
func (r Report) Count(level Level) int {
	count := 0
	for _, finding := range r.Findings {
		if finding.Level == level {
			count++
		}
	}
	return count
}

// JSON writes the report as one object:
//
//	{"result": "ok|problems", "problems": 0, "warnings": 0, "config_file": "...", "findings": [
//	  {"cluster": "home", "store": "minio", "check": "token", "level": "ok|info|warning|problem", "what": "...", "why": "...",
//	   "excerpt": "...", "fix": [{"text": "...", "paste": ["..."]}]}]}
//
// Members without a value are absent.
func (r Report) JSON(w io.Writer) error {
	document := struct {
		Result     string    `json:"result"`
		Problems   int       `json:"problems"`
		Warnings   int       `json:"warnings"`
		ConfigFile string    `json:"config_file"`
		Findings   []Finding `json:"findings"`
	}{"ok", r.Count(Problem), r.Count(Warning), r.File, r.Findings}
	if document.Problems > 0 {
		document.Result = "problems"
	}
	if document.Findings == nil {
		document.Findings = []Finding{}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}
