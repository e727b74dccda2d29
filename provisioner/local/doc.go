// Package local is what provisioning keeps on the machine that it runs on: a lock, so that two runs do not meet, and a small memory.
//
// The memory holds what the other side cannot tell: which storages provisioning made or took over, and keyed hashes of the secrets that were
// sent, to see whether the declared ones have changed since. It never holds a secret. Without it nothing is lost but that knowledge.
package local
