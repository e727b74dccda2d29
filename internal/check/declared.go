package check

import (
	"errors"
	"slices"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

// fileErrors makes findings of all that is wrong with the declared file.
func fileErrors(err error) []Finding {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) && errors.Is(joined.(error), err) {
		var findings []Finding
		for _, each := range joined.Unwrap() {
			findings = append(findings, fileErrors(each)...)
		}
		return findings
	}
	finding := found(Problem, "%v", err)
	var problem *config.Problem
	if errors.As(err, &problem) {
		finding = found(Problem, "%s: %s", problem.Position, problem.Message)
		finding.Excerpt = problem.Excerpt
	}
	for _, hint := range ui.Hints(err) {
		finding = finding.advise(hint)
	}
	finding.Check = "file"
	return []Finding{finding}
}

// checkFile looks at what the file says beyond its clusters.
func checkFile(file *config.File) []Finding {
	findings := []Finding{found(OK, "valid: %s, %s, %s", words.Count(len(file.Clusters), "cluster", "clusters"),
		words.Count(len(file.Environments), "environment", "environments"), words.Count(len(file.Exempt), "exempt guest", "exempt guests"))}
	if !slices.ContainsFunc(file.Clusters, func(cluster config.Cluster) bool { return cluster.Exporter != nil }) {
		findings = append(findings, found(Problem, "no cluster has an exporter token").because("the exporter has nothing to watch, and does not start").
			advise("make a token on a node of the cluster", newTokenLines("backup-exporter@pve!metrics")...).
			advise("and name it in the file, under the cluster", "exporter: {token_id: backup-exporter@pve!metrics, token_secret_file: "+file.Clusters[0].Name+".exporter}"))
	}
	for i := range findings {
		findings[i].Check = "file"
	}
	return findings
}
