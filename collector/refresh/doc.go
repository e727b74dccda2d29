// Package refresh reads clusters: it decides which calls a cycle needs, makes them, and hands what they say to collector/derive.
//
// A fast cycle in which nothing ran costs five calls, however many nodes and guests there are: inventory, quorum, privileges, recent
// tasks, jobs. News cost a call for each finished log, once ever, and for each storage that was touched. A slow cycle adds the storages'
// configuration, one listing per backup storage (of a local one per node), one call per job and one per node.
//
// Each source succeeds or fails alone. The package judges nothing and shows nothing.
package refresh
