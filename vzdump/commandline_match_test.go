package vzdump

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// mustSelection reads a job as GET /cluster/backup returns it.
func mustSelection(t testing.TB, job string) JobSelection {
	t.Helper()
	var decoded map[string]any
	if err := json.Unmarshal([]byte(job), &decoded); err != nil {
		t.Fatal(err)
	}
	selection, err := NewJobSelection(decoded)
	if err != nil {
		t.Fatal(err)
	}
	return selection
}

func TestFromJob(t *testing.T) {
	const nightly = `{"id":"nightly","type":"vzdump","enabled":1,"schedule":"22:45","comment":"all of it","repeat-missed":1,"next-run":1795473900,
		"vmid":"100, 101;200","storage":"backup1","mode":"snapshot","compress":"zstd","notes-template":"{{guestname}} {{vmid}}",
		"prune-backups":{"keep-last":"3","keep-daily":"7"}}`
	const line = "vzdump 100 101 200 --quiet 1 --notes-template '{{guestname}} {{vmid}}' --storage backup1 --prune-backups 'keep-daily=7,keep-last=3' --mode snapshot --compress zstd"
	without := func(part string) string { return strings.Replace(line, part, "", 1) }

	for name, test := range map[string]struct {
		line, job string
		want      bool
	}{
		"the run of the job":                  {line, nightly, true},
		"some of its guests":                  {strings.Replace(line, "100 101 200", "200", 1), nightly, true},
		"a rule in another order":             {strings.Replace(line, "'keep-daily=7,keep-last=3'", "'keep-last=3,keep-daily=7'", 1), nightly, true},
		"a value that is as good as none":     {line + " --mailto ''", nightly, true},
		"started by hand":                     {without("--quiet 1 "), nightly, false},
		"not quiet":                           {strings.Replace(line, "--quiet 1", "--quiet 0", 1), nightly, false},
		"a guest of another job":              {strings.Replace(line, "100 101 200", "100 102", 1), nightly, false},
		"no guests":                           {without("100 101 200 "), nightly, false},
		"all guests":                          {strings.Replace(line, "100 101 200", "--all 1", 1), nightly, false},
		"another storage":                     {strings.Replace(line, "backup1", "backup2", 1), nightly, false},
		"another rule":                        {strings.Replace(line, "keep-last=3", "keep-last=4", 1), nightly, false},
		"an option more":                      {line + " --protected 1", nightly, false},
		"an option less":                      {without("--mode snapshot "), nightly, false},
		"on one node only, which it does not": {line + " --node pve1", nightly, false},
		"a pool": {
			"vzdump --pool prod --quiet 1 --storage local --fleecing '1,storage=local' --performance 'pbs-entries-max=1048576,max-workers=4'",
			`{"pool":"prod","storage":"local","fleecing":{"storage":"local","enabled":1},"performance":{"max-workers":"4","pbs-entries-max":1048576}}`, true,
		},
		"fleecing by its name": {
			"vzdump --pool prod --quiet 1 --fleecing 'enabled=1,storage=local'", `{"pool":"prod","fleecing":{"storage":"local","enabled":true}}`, true,
		},
		"another pool": {"vzdump --pool prod --quiet 1", `{"pool":"lab"}`, false},
		"all but some": {
			"vzdump --exclude 103,102 --quiet 1 --all 1 --mailto 'b@x.org,a@x.org' --remove 0 --bwlimit 51200",
			`{"all":1,"exclude":"102,103","mailto":"a@x.org b@x.org","remove":false,"bwlimit":51200}`, true,
		},
		"all but some, all being implied":   {"vzdump --exclude 102 --quiet 1 --all 1", `{"exclude":"102"}`, true},
		"all but others":                    {"vzdump --exclude 102 --quiet 1 --all 1", `{"all":1,"exclude":"103"}`, false},
		"all and the job names one":         {"vzdump --quiet 1 --all 1", `{"vmid":"100"}`, false},
		"one node":                          {"vzdump 100 --quiet 1 --node pve1", `{"vmid":"100","node":"pve1"}`, true},
		"another node":                      {"vzdump 100 --quiet 1 --node pve1", `{"vmid":"100","node":"pve2"}`, false},
		"paths":                             {"vzdump 100 --exclude-path /var/cache --exclude-path '/tmp/?*' --quiet 1", `{"vmid":100,"exclude-path":["/tmp/?*","/var/cache"]}`, true},
		"maxfiles of an old job":            {"vzdump 100 --quiet 1 --prune-backups 'keep-last=3'", `{"vmid":"100","maxfiles":3}`, true},
		"maxfiles without a limit":          {"vzdump 100 --quiet 1 --prune-backups 'keep-all=1'", `{"vmid":"100","maxfiles":0}`, true},
		"maxfiles in an old log":            {"vzdump 100 --quiet 1 --maxfiles 2", `{"vmid":"100","maxfiles":"2"}`, true},
		"compress of an old job":            {"vzdump 100 --quiet 1 --compress 1", `{"vmid":"100","compress":"lzo"}`, true},
		"no compression":                    {"vzdump 100 --quiet 1 --compress 0", `{"vmid":"100","compress":"0"}`, true},
		"a job from the crontab of old":     {"vzdump 100 --quiet 1 --mode stop", `{"id":"a1b2:3","vmid":"100","mode":"stop","quiet":1,"dow":"sat","starttime":"01:00"}`, true},
		"exclusions that cannot be read":    {"vzdump --quiet 1 --exclude web", `{"all":1}`, false},
		"a rule that cannot be read, alike": {"vzdump 100 --quiet 1 --prune-backups 'keep-x=1'", `{"vmid":"100","prune-backups":"keep-x=1"}`, true},
	} {
		if got := mustCommandLine(t, test.line).FromJob(mustSelection(t, test.job)); got != test.want {
			t.Errorf("%s: got %v, want %v\n%s\n%s", name, got, test.want, test.line, test.job)
		}
	}
}

func TestJobsOfPrefersTheJobThatNamesTheSameGuests(t *testing.T) {
	jobs := []JobSelection{
		mustSelection(t, `{"id":"both","vmid":"100,101","storage":"nas"}`),
		mustSelection(t, `{"id":"one","vmid":"100","storage":"nas"}`),
		mustSelection(t, `{"id":"offsite","vmid":"100","storage":"pbs"}`),
		mustSelection(t, `{"id":"weekly","vmid":"101,100","storage":"nas"}`),
	}
	for line, want := range map[string][]int{
		"vzdump 100 --quiet 1 --storage nas":     {1},
		"vzdump 100 101 --quiet 1 --storage nas": {0, 3},
		"vzdump 101 --quiet 1 --storage nas":     {0, 3},
		"vzdump 100 --quiet 1 --storage pbs":     {2},
		"vzdump 100 --quiet 1 --storage local":   nil,
		"vzdump 100 --storage nas":               nil,
	} {
		if got := mustCommandLine(t, line).JobsOf(jobs); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", line, got, want)
		}
	}
}

func TestNewJobSelectionErrorsNameTheProperty(t *testing.T) {
	for _, job := range []map[string]any{{"vmid": "100,web"}, {"exclude": "-1"}, {"all": "perhaps"}} {
		_, err := NewJobSelection(job)
		for name := range job {
			if err == nil || !strings.HasPrefix(err.Error(), name+":") {
				t.Errorf("%v: got error %v, want one that names %s", job, err, name)
			}
		}
	}
}
