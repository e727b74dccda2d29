// Package store says what the declared file wants of an object store, and what is there: the proof that the server can hold Terraform states, the
// buckets with their versioning and lifecycle rules, and an access key for each environment. Reading is at its rim, see [Read]; the rest is pure, but
// for the files of access keys.
//
// A bucket cannot say whose it is on every server. It is ours if provisioning on this machine made it, if it carries lifecycle rules that provisioning
// wrote, or if it is empty, so that nobody loses anything. Any other is somebody else's, and refused unless `adopt: true` takes it over.
package store
