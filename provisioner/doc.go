// Package provisioner makes clusters match the declared file, in one shot: it reads them, plans, and carries the plan out.
//
//	config ──► cluster.Desired ─┐
//	                            ├─► plan.Calculate ─► report ─► apply
//	API ─────► cluster.Current ─┘
//
// Nothing is written before every cluster was read, every problem of the file was told and every schedule was looked at by its cluster. The
// package composes; what things mean is known to the packages below it.
package provisioner
