package demo

import (
	"fmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
)

// introduce says where to look, and how the demo gets into a Prometheus and a Grafana that are there.
func introduce(options Options, scenario *story.Story, path string) {
	fmt.Fprintf(options.Talk, "simulated cluster %q: %s\n", clusterName, scenario.Description)
	target := ""
	for _, address := range *options.Web.WebListenAddresses {
		target = reachable(address)
		fmt.Fprintf(options.Talk, "  what is wrong, in words  http://%s/\n  metrics                  http://%s/metrics\n", target, target)
	}
	if options.ConfigOut != "" {
		fmt.Fprintf(options.Talk, "  other commands on it     pve-backup-exporter check --config.file=%s\n", path)
	}
	fmt.Fprintf(options.Talk, `into your Prometheus and Grafana, with files of the project (its first two are also written by: pve-backup-exporter mixin generate --output-dir=.)
  alerting rules           cp alerts/pve-backup.yml /etc/prometheus/rules/
  dashboard                in Grafana: Dashboards, New, Import, dashboards/backup-overview.json; or by provisioning: docs/dashboards.md
  scraping %-15s rule_files and scrape_configs as in deploy/prometheus/prometheus.yml, then: systemctl reload prometheus
`, target)
	fmt.Fprintln(options.Talk, "stop it with Ctrl-C")
}
