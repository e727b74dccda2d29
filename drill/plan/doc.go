// Package plan decides how a restore drill goes, before and without doing any of it: which guests' turn it is, which archive is restored, on
// which node, under which id, what is asked of the cluster, what is taken out of the restored guest before it may start, and which leftovers
// of earlier drills may be removed.
//
// It is pure: it reads no clock and does no I/O. Package drill does what it says.
package plan
