package collector

import (
	"maps"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

// public is what users rely on: every metric's labels after cluster, and its type where it is not a gauge.
var public = map[string]string{
	"pve_backup_up":        "",
	"pve_backup_source_up": "source,node,storage,store",
	"pve_backup_source_last_success_timestamp_seconds":     "source,node,storage,store",
	"pve_backup_source_duration_seconds":                   "source,node,storage,store",
	"pve_backup_source_interval_seconds":                   "source,node,storage,store",
	"pve_backup_permission_missing":                        "path,privilege",
	"pve_backup_api_requests_total":                        "endpoint,code",
	"pve_backup_api_request_duration_seconds":              "endpoint,code",
	"pve_backup_api_endpoint_up":                           "address",
	"pve_backup_clock_skew_seconds":                        "node",
	"pve_backup_guest_info":                                "environment,id,vmid,name,type,node,pool,template",
	"pve_backup_guest_covered":                             "environment,id",
	"pve_backup_guest_uncovered":                           "environment,id,reason",
	"pve_backup_guest_exempt":                              "environment,id,note",
	"pve_backup_guest_exempt_until_timestamp_seconds":      "environment,id",
	"pve_backup_guest_running":                             "environment,id",
	"pve_backup_guest_running_since_timestamp_seconds":     "environment,id",
	"pve_backup_guest_running_progress_ratio":              "environment,id",
	"pve_backup_guest_lock":                                "environment,id,lock",
	"pve_backup_guest_excluded_disks":                      "environment,id",
	"pve_backup_guest_bind_mounts":                         "environment,id",
	"pve_backup_guest_last_success_timestamp_seconds":      "environment,id,storage",
	"pve_backup_guest_last_attempt_timestamp_seconds":      "environment,id,storage",
	"pve_backup_guest_last_attempt_failed":                 "environment,id,storage",
	"pve_backup_guest_last_failure_reason":                 "environment,id,storage,reason",
	"pve_backup_guest_due_timestamp_seconds":               "environment,id,storage",
	"pve_backup_guest_observed_timestamp_seconds":          "environment,id,storage",
	"pve_backup_guest_last_duration_seconds":               "environment,id,storage",
	"pve_backup_guest_last_archive_bytes":                  "environment,id,storage",
	"pve_backup_guest_last_transferred_bytes":              "environment,id,storage",
	"pve_backup_guest_last_downtime_seconds":               "environment,id,storage",
	"pve_backup_guest_attempts_total":                      "environment,id,storage",
	"pve_backup_guest_failures_total":                      "environment,id,storage",
	"pve_backup_archives":                                  "environment,id,storage",
	"pve_backup_archives_bytes":                            "environment,id,storage",
	"pve_backup_archives_sized":                            "environment,id,storage",
	"pve_backup_archives_protected":                        "environment,id,storage",
	"pve_backup_archive_oldest_timestamp_seconds":          "environment,id,storage",
	"pve_backup_archive_newest_timestamp_seconds":          "environment,id,storage",
	"pve_backup_archives_encrypted":                        "environment,id,storage",
	"pve_backup_archives_verified":                         "environment,id,storage",
	"pve_backup_archives_verify_failed":                    "environment,id,storage",
	"pve_backup_archives_logical_bytes":                    "environment,id,storage",
	"pve_backup_archives_expected":                         "environment,id,storage",
	"pve_backup_archives_excess":                           "environment,id,storage",
	"pve_backup_job_info":                                  "backup_job,storage,schedule,mode,compress,node",
	"pve_backup_job_enabled":                               "backup_job",
	"pve_backup_job_guests":                                "backup_job",
	"pve_backup_job_exclusive_guests":                      "backup_job",
	"pve_backup_job_missing_guests":                        "backup_job",
	"pve_backup_job_next_run_timestamp_seconds":            "backup_job",
	"pve_backup_job_last_run_timestamp_seconds":            "backup_job",
	"pve_backup_job_last_run_failed":                       "backup_job",
	"pve_backup_job_last_run_duration_seconds":             "backup_job",
	"pve_backup_job_retention":                             "backup_job,keep",
	"pve_backup_node_task_running_since_timestamp_seconds": "node",
	"pve_backup_node_unattributed_failure":                 "node",
	"pve_backup_storage_info":                              "storage,type,shared",
	"pve_backup_storage_up":                                "storage,node",
	"pve_backup_storage_needed":                            "storage,node",
	"pve_backup_storage_content_visible":                   "storage,node",
	"pve_backup_storage_size_bytes":                        "storage,node",
	"pve_backup_storage_used_bytes":                        "storage,node",
	"pve_backup_storage_available_bytes":                   "storage,node",
	"pve_backup_storage_orphaned_archives":                 "storage",
	"pve_backup_storage_orphaned_bytes":                    "storage",
	"pve_backup_drill_last_run_timestamp_seconds":          "environment,id,proof",
	"pve_backup_drill_last_failed":                         "environment,id,proof",
	"pve_backup_drill_last_success_timestamp_seconds":      "environment,id,proof",
	"pve_backup_drill_last_duration_seconds":               "environment,id,proof",
	"pve_backup_drill_due_timestamp_seconds":               "environment,id",
	"pve_backup_drift":                                     "kind,store",
}

// publicOfStores is the same of object stores, which belong to no cluster: all their labels.
var publicOfStores = map[string]string{
	"pve_backup_s3_up": "store",
	"pve_backup_s3_tls_not_after_timestamp_seconds":              "store",
	"pve_backup_s3_bucket_up":                                    "store,bucket",
	"pve_backup_s3_bucket_versioning_enabled":                    "store,bucket",
	"pve_backup_s3_bucket_objects":                               "store,bucket",
	"pve_backup_s3_bucket_bytes":                                 "store,bucket",
	"pve_backup_terraform_state_last_modified_timestamp_seconds": "store,environment,bucket,key",
	"pve_backup_terraform_state_bytes":                           "store,environment,bucket,key",
	"pve_backup_terraform_state_serial":                          "store,environment,bucket,key",
	"pve_backup_terraform_state_versions":                        "store,environment,bucket,key",
	"pve_backup_terraform_state_locked_since_timestamp_seconds":  "store,environment,bucket,key",
}

// own are the metrics of the exporter itself, which belong to no cluster.
var own = []string{
	"pve_backup_exporter_config_last_reload_successful",
	"pve_backup_exporter_config_last_reload_success_timestamp_seconds",
	"pve_backup_exporter_build_info",
}

func TestPublicNamesAndLabels(t *testing.T) {
	defined, found := map[string]string{}, 0
	for _, d := range Definitions() {
		if slices.Contains(own, d.Name) {
			continue
		}
		if labels, is := publicOfStores[d.Name]; is {
			if got := strings.Join(d.Labels, ","); got != labels {
				t.Errorf("%s: got the labels %s, want %s", d.Name, got, labels)
			}
			found++
			continue
		}
		if len(d.Labels) == 0 || d.Labels[0] != "cluster" {
			t.Errorf("%s: got the labels %v, want cluster first", d.Name, d.Labels)
			continue
		}
		if _, twice := defined[d.Name]; twice {
			t.Errorf("%s is defined twice", d.Name)
		}
		defined[d.Name] = strings.Join(d.Labels[1:], ",")
	}
	if found != len(publicOfStores) {
		t.Errorf("%d of the %d metrics of object stores are defined", found, len(publicOfStores))
	}
	for name, labels := range public {
		if got, ok := defined[name]; !ok {
			t.Errorf("%s is not defined", name)
		} else if got != labels {
			t.Errorf("%s: got the labels %s, want %s", name, got, labels)
		}
	}
	for name := range defined {
		if _, ok := public[name]; !ok {
			t.Errorf("%s is exported, but not among the public names", name)
		}
	}
}

// The golden scrape shows every metric, with the type and labels that its definition states.
func TestScrapeKeepsToTheDefinitions(t *testing.T) {
	families, err := exporter(t).Gather()
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]*dto.MetricFamily{}
	for _, family := range families {
		shown[family.GetName()] = family
	}
	for _, d := range Definitions() {
		if d.Name == BuildInfo {
			continue
		}
		family, ok := shown[d.Name]
		if !ok {
			t.Errorf("%s: the fixture has no series of it", d.Name)
			continue
		}
		if got := strings.ToLower(family.GetType().String()); got != string(d.Type) {
			t.Errorf("%s: got type %s, want %s", d.Name, got, d.Type)
		}
		if family.GetHelp() != d.Help() {
			t.Errorf("%s: got help %q, want %q", d.Name, family.GetHelp(), d.Help())
		}
		want := slices.Sorted(slices.Values(d.Labels))
		for _, metric := range family.Metric {
			var got []string
			for _, label := range metric.Label {
				got = append(got, label.GetName())
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: got the labels %v, want %v", d.Name, got, want)
			}
		}
		delete(shown, d.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(shown)) {
		t.Errorf("%s has no definition", name)
	}
}

// A reader of a HELP line learns the unit that the name promises and whether the value is cached.
func TestHelpTellsUnitAndFreshness(t *testing.T) {
	for _, d := range Definitions() {
		help := d.Help()
		unit := map[string]string{
			"_timestamp_seconds": "Unix seconds", "_seconds": "seconds", "_bytes": "bytes", "_ratio": "0 to 1",
		}
		for suffix, want := range unit {
			if strings.HasSuffix(d.Name, suffix) && !strings.Contains(help, want) {
				t.Errorf("%s: help does not state the unit %q: %s", d.Name, want, help)
			}
		}
		if cached := strings.Contains(help, "as of the last refresh"); cached == d.Live {
			t.Errorf("%s: live is %v, but help says %s", d.Name, d.Live, help)
		}
		if d.Meaning == "" || d.Origin == "" || !strings.HasSuffix(d.Meaning, ".") {
			t.Errorf("%s: want a meaning that is a sentence and an origin, got %q, %q", d.Name, d.Meaning, d.Origin)
		}
		if len(help) > 320 {
			t.Errorf("%s: help of %d characters is too long for a line that every scrape carries", d.Name, len(help))
		}
	}
}
