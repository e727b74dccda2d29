// Package plan compares what the declared file wants with what is there, and says what has to be done about it.
//
// It is a pure function: desired and current objects in, an ordered list of changes out. It reads nothing, writes nothing, knows no clock and
// cannot fail. What an object's properties mean is not its business: they are texts in a canonical form, made by package
// provisioner/cluster, so that equal texts mean equal things.
package plan
