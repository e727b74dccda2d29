// Package verdict compares what fired in a story with what the story expects. It is pure: episodes and expectations in, figures and
// findings out.
//
// [Ours] is strict: every expected alert with exactly its labels, in time, without a pause, cleared in time, and nothing else. [Peer]
// judges rule sets that know other alerts, as generously as can be: whatever fires during a trouble and does not contradict its labels
// has found it.
package verdict
