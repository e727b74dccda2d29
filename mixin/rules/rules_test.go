package rules_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin"
	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/rules"
)

const root = "../.."

// severities is the promise to the people who route by them.
var severities = map[string]mixin.Severity{
	"BackupJobFailed": mixin.Critical, "BackupJobMissing": mixin.Warning,
	"BackupJobDisabled": mixin.Warning, "BackupJobNamesMissingGuests": mixin.Info,
	"BackupGuestUncovered": mixin.Warning, "BackupGuestPartlyExcluded": mixin.Info, "BackupExemptionExpired": mixin.Warning,
	"BackupHanging": mixin.Warning, "BackupGuestLocked": mixin.Warning,
	"BackupStorageAlmostFull": mixin.Warning, "BackupStorageFull": mixin.Critical, "BackupStorageDown": mixin.Critical, "BackupStorageFillingUp": mixin.Warning,
	"BackupRetentionExceeded": mixin.Warning, "BackupArchivesLost": mixin.Critical, "BackupVerificationFailed": mixin.Critical,
	"BackupSizeAnomaly": mixin.Warning, "BackupTakesTooLong": mixin.Warning,
	"BackupRestoreDrillFailed": mixin.Critical, "BackupRestoreDrillMissing": mixin.Warning,
	"BackupStoreDown": mixin.Critical, "BackupBucketUnversioned": mixin.Warning, "BackupStateLockStale": mixin.Warning, "BackupCertificateExpiring": mixin.Warning,
	"BackupPermissionMissing": mixin.Warning, "BackupDataStale": mixin.Warning, "BackupLabelsOverwritten": mixin.Warning, "BackupClockSkew": mixin.Warning,
	"BackupExporterDown": mixin.Critical, "BackupConfigDrift": mixin.Info,
}

func groups(t *testing.T, cfg mixin.Config) []rules.Group {
	t.Helper()
	made, err := rules.Groups(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// alerts returns the alerting rules by their names.
func alerts(t *testing.T, cfg mixin.Config) map[string]rules.Rule {
	t.Helper()
	all := map[string]rules.Rule{}
	for _, group := range groups(t, cfg) {
		for _, rule := range group.Rules {
			if rule.Alert == "" {
				continue
			}
			if _, twice := all[rule.Alert]; twice {
				t.Errorf("%s: two rules of this name", rule.Alert)
			}
			all[rule.Alert] = rule
		}
	}
	return all
}

func TestAlertsAreThePromisedOnes(t *testing.T) {
	t.Parallel()
	made := alerts(t, mixin.Default())
	for name, severity := range severities {
		rule, found := made[name]
		if !found {
			t.Errorf("%s: no rule", name)
			continue
		}
		if len(rule.Labels) != 1 || rule.Labels["severity"] != string(severity) {
			t.Errorf("%s: labels %v, want severity %s alone", name, rule.Labels, severity)
		}
	}
	for name := range made {
		if _, promised := severities[name]; !promised {
			t.Errorf("%s: a rule that nobody promised", name)
		}
	}
}

// An alert that carried a node or a name would be another one after a migration or a rename.
func TestAlertsCarryNoOtherLabels(t *testing.T) {
	t.Parallel()
	outermost := regexp.MustCompile(`(?m)^[a-z]+ by \((.*?)\) \($`)
	for name, rule := range alerts(t, mixin.Default()) {
		aggregations := outermost.FindAllStringSubmatch(rule.Expr, -1)
		if len(aggregations) == 0 {
			t.Errorf("%s: not aggregated:\n%s", name, rule.Expr)
		}
		for _, line := range strings.Split(rule.Expr, "\n") { // all that begins at the left is an aggregation, or excludes
			if !strings.HasPrefix(line, " ") && line != ")" && line != "or" && !strings.HasPrefix(line, "unless on (cluster) ") && !outermost.MatchString(line) {
				t.Errorf("%s: %q stands outside of an aggregation", name, line)
			}
		}
		for _, labels := range aggregations {
			for _, label := range strings.Split(labels[1], ", ") {
				if !slices.Contains([]string{"cluster", "environment", "id", "storage", "store", "bucket", "key"}, label) {
					t.Errorf("%s: has the label %s", name, label)
				}
			}
		}
	}
}

func TestAnnotations(t *testing.T) {
	t.Parallel()
	cfg := mixin.Default()
	cfg.DashboardURL = "https://grafana.example/d/backup-overview"
	for name, rule := range alerts(t, cfg) {
		summary, description := rule.Annotations["summary"], rule.Annotations["description"]
		if strings.Contains(summary, "{{") || !strings.HasSuffix(summary, ".") {
			t.Errorf("%s: the summary is no fixed sentence: %s", name, summary)
		}
		if !strings.HasSuffix(strings.TrimSuffix(description, "{{ end }}"), ".") {
			t.Errorf("%s: the description is no sentence: %s", name, description)
		}
		for _, label := range []string{"cluster", "store", "bucket"} {
			if regexp.MustCompile(`(?m)^(max|count|min|sum) by \(.*\b`+label+`\b.*\) \($`).MatchString(rule.Expr) && name != "BackupLabelsOverwritten" &&
				!strings.Contains(description, "{{ $labels."+label+" }}") {
				t.Errorf("%s: the description does not name the %s: %s", name, label, description)
			}
		}
		if regexp.MustCompile(`max by \((cluster|store), environment`).MatchString(rule.Expr) && !strings.Contains(description, "{{ $labels.environment }}") {
			t.Errorf("%s: the description does not name the environment: %s", name, description)
		}
		if got, want := rule.Annotations["runbook_url"], cfg.RunbookURL+"/"+name+".md"; got != want {
			t.Errorf("%s: runbook %s, want %s", name, got, want)
		}
		if rule.Annotations["dashboard_url"] != cfg.DashboardURL {
			t.Errorf("%s: no link to the dashboard", name)
		}
	}
}

func TestEveryAlertHasARunbook(t *testing.T) {
	t.Parallel()
	headings := []string{"## Meaning", "## Impact", "## Diagnosis", "## Fix", "## When to silence"}
	for name := range severities {
		page, err := os.ReadFile(filepath.Join(root, "docs/runbooks", name+".md"))
		if err != nil {
			t.Errorf("%s: no runbook: %v", name, err)
			continue
		}
		rest := string(page)
		if !strings.HasPrefix(rest, "# "+name+"\n") {
			t.Errorf("%s: the runbook is about something else", name)
		}
		for _, heading := range headings {
			_, after, found := strings.Cut(rest, "\n"+heading+"\n")
			if !found {
				t.Errorf("%s: no %q, or not in its place", name, heading)
				continue
			}
			rest = after
		}
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs/runbooks/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if name := strings.TrimSuffix(filepath.Base(page), ".md"); severities[name] == "" && strings.HasPrefix(name, "Backup") {
			t.Errorf("%s: a runbook without an alert", page)
		}
	}
}

func TestCommittedRulesAreUpToDate(t *testing.T) {
	t.Parallel()
	want, err := rules.YAML(groups(t, mixin.Default()))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, "alerts/pve-backup.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("alerts/pve-backup.yml is not what the rules make: run make generate")
	}
}

func TestOutputIsDeterministicAndReadable(t *testing.T) {
	t.Parallel()
	first, err := rules.YAML(groups(t, mixin.Default()))
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, err := rules.YAML(groups(t, mixin.Default())); err != nil || !bytes.Equal(first, again) {
			t.Fatalf("another output: %v", err)
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(first))
	decoder.KnownFields(true)
	var file struct {
		Groups []rules.Group `yaml:"groups"`
	}
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	again, err := rules.YAML(file.Groups)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("what is read back is written otherwise: %v", err)
	}
}

func TestKubernetesFormHasTheSameGroups(t *testing.T) {
	t.Parallel()
	text, err := rules.PrometheusRule("backups", groups(t, mixin.Default()))
	if err != nil {
		t.Fatal(err)
	}
	var resource struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct{ Name string }
		Spec       struct{ Groups []rules.Group }
	}
	if err := yaml.Unmarshal(text, &resource); err != nil {
		t.Fatal(err)
	}
	if resource.APIVersion != "monitoring.coreos.com/v1" || resource.Kind != "PrometheusRule" || resource.Metadata.Name != "backups" {
		t.Errorf("got %s %s %s", resource.APIVersion, resource.Kind, resource.Metadata.Name)
	}
	inside, err := rules.YAML(resource.Spec.Groups)
	if err != nil {
		t.Fatal(err)
	}
	if outside, err := rules.YAML(groups(t, mixin.Default())); err != nil || !bytes.Equal(inside, outside) {
		t.Errorf("the groups differ from those of the rule file: %v", err)
	}
}
