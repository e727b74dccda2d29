// Package drill restores backups for a trial: it takes the newest archive of a guest, restores it under an id of its own, cut off from
// everything, starts it, takes a proof that it came up, removes it again and remembers the result.
//
//	config, API ──► plan (pure) ──► journal ──► restore, isolate, start, prove ──► remove ──► result
//
// It never writes to the guest that the archive is of, and removes nothing but what package plan takes for its own. What is left behind when
// the process dies is found by the journal and removed by the next run.
package drill
