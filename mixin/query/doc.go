// Package query writes PromQL: metrics with label matchers, and what is made of them, with quotes escaped and operands in parentheses where
// they need them.
//
// It knows the syntax and nothing of what a metric means, and it checks no more than a reader would see at once. What it writes is understood
// by Prometheus 2.42 and newer.
package query
