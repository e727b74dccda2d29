package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/story"
)

// clusterName is the configured name of the simulated cluster.
const clusterName = "home"

// The tokens that a scenario may have: for the exporter, the one that also reads archive details first; for provisioning.
var (
	exporterTokens    = []string{pvesim.DetailsToken, pvesim.ExporterToken}
	provisionerTokens = []string{"backup-admin@pve!provision"}
)

//go:embed declared/*.yml
var declared embed.FS

// declaration is a declared file and the files that it names, by name.
type declaration struct {
	text  string
	files map[string]string
}

// head marks the files that a demo wrote: only those are overwritten by another.
const head = "# Written by pve-backup-exporter demo: it names a simulated cluster that ends with the demo.\n"

// declare writes down what a person would declare about the simulated cluster and the object stores; part is what is declared of guests.
func declare(scenario *story.Story, part string, nodes []*wire.Server, stores map[string]*wire.Server) declaration {
	result := declaration{files: map[string]string{clusterName + ".ca.pem": string(nodes[0].CAPEM)}}
	var text strings.Builder
	urls := make([]string, 0, len(nodes))
	for _, node := range nodes {
		urls = append(urls, node.URL)
	}
	fmt.Fprintf(&text, "%sversion: 1\nclusters:\n  %s:\n    endpoints: [%s]\n    ca_file: %s.ca.pem\n", head, clusterName, strings.Join(urls, ", "), clusterName)
	for _, role := range []struct {
		name   string
		tokens []string
	}{{"exporter", exporterTokens}, {"provisioner", provisionerTokens}} {
		if token, found := chooseToken(scenario, role.tokens); found {
			file := clusterName + "." + role.name
			result.files[file] = token.Secret + "\n"
			fmt.Fprintf(&text, "    %s: {token_id: %q, token_secret_file: %s}\n", role.name, token.ID, file)
			if token.ID == pvesim.DetailsToken {
				text.WriteString("    archive_details: true\n")
			}
		}
	}
	text.WriteString(declareDrill(scenario, result.files))
	text.WriteString("    refresh_interval: 15s\n    slow_refresh_interval: 5m\n")
	text.WriteString(part)
	text.WriteString(declareStores(stores, result.files))
	result.text = text.String()
	return result
}

// chooseToken returns the first of the wanted tokens that a scenario has; a scenario with other tokens gives its first for the exporter,
// and one without any has those that every cluster of a scenario has.
func chooseToken(scenario *story.Story, wanted []string) (pvesim.ScenarioToken, bool) {
	for _, id := range wanted {
		for _, token := range scenario.Tokens {
			if token.ID == id {
				return token, true
			}
		}
	}
	switch forExporter := slices.Contains(wanted, pvesim.ExporterToken); {
	case forExporter && len(scenario.Tokens) > 0:
		return scenario.Tokens[0], true
	case forExporter:
		return pvesim.ScenarioToken{ID: pvesim.DetailsToken, Secret: pvesim.DetailsSecret}, true
	}
	return pvesim.ScenarioToken{}, false
}

// troubled reports whether the object stores of a scenario show what can go wrong with them: those of the built-in one do.
func troubled(scenario *story.Story) bool { return scenario.Length == 0 }

// guestsOf declares environments and exemptions: those written for a built-in scenario, else those of the story itself.
func guestsOf(scenario *story.Story, begin time.Time) (string, error) {
	if text, err := fs.ReadFile(declared, "declared/"+scenario.Cluster+".yml"); err == nil && scenario.Declared.IsZero() && scenario.Length == 0 {
		return string(text), nil
	}
	return scenario.Declaration(begin)
}

// reachable turns an address to listen on into one to call.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
