package store

import (
	"encoding/json"
	"slices"
	"strings"
)

// policyName is the name of the policy for a bucket's access key on the server.
func policyName(bucket string) string { return "pve-backup-exporter-" + bucket }

// statement is one sentence of a policy.
type statement struct {
	Effect   string   `json:"Effect"`
	Action   []string `json:"Action"`
	Resource []string `json:"Resource"`
}

// Policy is what Terraform needs on a bucket, and no more, as a policy document: it lists the bucket, reads and writes objects, and removes locks. It
// removes neither states nor versions.
func Policy(bucket string) []byte {
	const resource = "arn:aws:s3:::"
	document, _ := json.Marshal(struct { // texts can always be written
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{
		{"Allow", []string{"s3:ListBucket"}, []string{resource + bucket}},
		{"Allow", []string{"s3:GetObject", "s3:PutObject"}, []string{resource + bucket + "/*"}},
		{"Allow", []string{"s3:DeleteObject"}, []string{resource + bucket + "/*.tflock"}},
	}})
	return document
}

// rights puts a policy into a canonical form for people, such as "s3:ListBucket on tfstate-prod; s3:GetObject, s3:PutObject on tfstate-prod/*". Servers
// give policies back in another order, and with lists for single texts.
func rights(document []byte) string {
	var read struct{ Statement json.RawMessage }
	if json.Unmarshal(document, &read) != nil {
		return "not readable"
	}
	var sentences []map[string]json.RawMessage
	if json.Unmarshal(read.Statement, &sentences) != nil {
		one := map[string]json.RawMessage{}
		if json.Unmarshal(read.Statement, &one) != nil {
			return "not readable"
		}
		sentences = []map[string]json.RawMessage{one}
	}
	byObject := map[string][]string{}
	for _, sentence := range sentences {
		resources := listOf(sentence["Resource"])
		if len(resources) == 0 {
			resources = []string{"what it names otherwise"}
		}
		for _, resource := range resources {
			object := " on " + strings.TrimPrefix(resource, "arn:aws:s3:::") + otherwise(sentence)
			byObject[object] = append(byObject[object], listOf(sentence["Action"])...)
		}
	}
	texts := make([]string, 0, len(byObject))
	for object, actions := range byObject {
		slices.Sort(actions)
		texts = append(texts, strings.Join(slices.Compact(actions), ", ")+object)
	}
	slices.Sort(texts)
	return strings.Join(texts, "; ")
}

// otherwise tells whatever a sentence says beside whom it allows what.
func otherwise(sentence map[string]json.RawMessage) string {
	var rest []string
	for name, value := range sentence {
		switch {
		case name == "Action", name == "Resource", name == "Sid":
		case name == "Effect" && string(value) == `"Allow"`:
		default:
			rest = append(rest, name+" "+string(value))
		}
	}
	if len(rest) == 0 {
		return ""
	}
	slices.Sort(rest)
	return " (" + strings.Join(rest, ", ") + ")"
}

// listOf reads a text or a list of texts.
func listOf(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	return nil
}
