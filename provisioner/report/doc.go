// Package report shows a provisioning plan, and what became of it: as text for people, in the words that users of Terraform know, and as one
// JSON document for programs, whose form docs/provision.md promises.
//
// It decides nothing and reads nothing. Texts that come from a cluster are shown without control characters. Colour is decoration: the signs
// + ~ - ! say the same.
package report
