// Package derive judges what was read of a cluster: which guests are covered, which backup succeeded when, what is due.
//
// It is pure: it takes what was read ([World]), what is remembered (state.Cluster) and what was declared ([Settings]), updates the memory
// and returns an immutable snapshot. It does no I/O and reads no clock; the reading is collector/refresh's business, the showing
// collector's.
package derive
