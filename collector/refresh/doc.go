// Package refresh reads clusters and object stores: it decides which calls a cycle needs, makes them, and hands what they say to collector/derive.
//
// A fast cycle in which nothing ran costs five calls, however many nodes and guests there are: inventory, quorum, privileges, recent
// tasks, jobs. News cost a call for each finished log, once ever, and for each storage that was touched. A slow cycle adds the storages'
// configuration, one listing per backup storage (of a local one per node), one call per job and one per node.
//
// An object store has an [ObjectStoreRefresher] of its own, so that one that is down or slow holds nothing else up. Its fast cycle costs a few calls
// for the store, for each bucket and for each state, its slow one a few more; package objectstore bounds them however large a bucket is.
//
// Each source succeeds or fails alone. The package judges nothing and shows nothing.
package refresh
