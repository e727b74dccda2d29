// Package apply carries out a plan: one object after the other, each read again just before it is written and once more afterwards.
//
// It decides nothing by itself. What an object should be is the plan's business; when an object is no longer what the plan was made from, the
// plan for it is made anew, and when nothing is left to do for it nothing is written. How a kind of object is read and written is known to a
// [Provider]. The first error ends everything: the same plan, made again, goes on where this one ended.
package apply
