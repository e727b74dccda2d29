// Package play plays stories in virtual time: the product's own refresher reads the simulated cluster, its own collector makes the series,
// a Prometheus storage keeps them as if they had been scraped, and Prometheus' own rule engine evaluates the rules. What fired when comes
// back as a [Recording]; whether that is right is the package verdict's business.
//
// One step of a story is: the clock moves on, each exporter that runs refreshes once, everything is scraped, all rules are evaluated. An
// exporter of the suite has the default intervals of a real one, so that its series tell the same, but refreshes once a step.
package play
