package vzdump

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestParseCommandLine(t *testing.T) {
	for text, want := range map[string]CommandLine{
		"vzdump": {},
		"vzdump 101 --mode stop --compress zstd --storage backup2 --prune-backups 'keep-last=2' --notes-template '{{guestname}}' --quiet 1": {
			VMIDs: []int{101},
			Options: map[string]string{
				"mode": "stop", "compress": "zstd", "storage": "backup2", "prune-backups": "keep-last=2", "notes-template": "{{guestname}}", "quiet": "1",
			},
		},
		"vzdump 100 102 101 --all 0": {VMIDs: []int{100, 102, 101}, Options: map[string]string{"all": "0"}},
		"vzdump --all 1 --exclude 102,103": {
			Options: map[string]string{"all": "1", "exclude": "102,103"},
		},
		`vzdump --notes-template 'it'\''s {{vmid}}' --pool a\ b --script "x \"y\" \n"`: {
			Options: map[string]string{"notes-template": "it's {{vmid}}", "pool": "a b", "script": `x "y" \n`},
		},
		// Several single quotes in a row are printed in double quotes.
		`vzdump --notes-template 'a'"'''"'b'`: {Options: map[string]string{"notes-template": "a'''b"}},
		"vzdump 101 --remove 0 --notes-template '' --mode snapshot": {
			VMIDs: []int{101}, Options: map[string]string{"remove": "0", "notes-template": "", "mode": "snapshot"},
		},
		"vzdump 103 --notes-template '-diff-nfs' --storage pbs41": {
			VMIDs: []int{103}, Options: map[string]string{"notes-template": "-diff-nfs", "storage": "pbs41"},
		},
		"vzdump 103 --notes-template '--mode' --storage -x": {
			VMIDs: []int{103}, Options: map[string]string{"notes-template": "--mode", "storage": "-x"},
		},
		"vzdump 100 --exclude-path '/tmp/?*' --quiet 1 --exclude-path /var/cache": {
			VMIDs: []int{100}, Options: map[string]string{"exclude-path": "/tmp/?*\n/var/cache", "quiet": "1"},
		},
		"vzdump 136 --quiet 1 --maxfiles 1 --fullbackup 7 --mailto [hidden]": {
			VMIDs: []int{136}, Options: map[string]string{"quiet": "1", "maxfiles": "1", "fullbackup": "7", "mailto": "[hidden]"},
		},
		// Proxmox VE 1: flags without values, and the guest last.
		"vzdump --dumpdir /root/vzsnaps --stdexcludes --compress --snapshot 1123": {
			VMIDs: []int{1123}, Options: map[string]string{"dumpdir": "/root/vzsnaps", "stdexcludes": "1", "compress": "1", "snapshot": "1"},
		},
		"vzdump 100 --mode=stop --storage='a b' --quiet": {
			VMIDs: []int{100}, Options: map[string]string{"mode": "stop", "storage": "a b", "quiet": "1"},
		},
	} {
		got, err := ParseCommandLine(text)
		if err != nil || !slices.Equal(got.VMIDs, want.VMIDs) || !maps.Equal(got.Options, want.Options) {
			t.Errorf("%s\n got %+v %v\nwant %+v", text, got, err, want)
		}
	}
}

func TestParseCommandLineErrorsNameTheTrouble(t *testing.T) {
	for text, part := range map[string]string{
		"":                                    "does not begin with vzdump",
		"100 101":                             "does not begin with vzdump",
		"vzdump web":                          `"web" is not a guest's id`,
		"vzdump -5":                           `"-5" is not a guest's id`,
		"vzdump 100 --notes-template 'open":   "a single quote is not closed",
		`vzdump 100 --notes-template "open\"`: "a double quote is not closed",
	} {
		_, err := ParseCommandLine(text)
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: got error %v, want one that contains %s", text, err, part)
		}
	}
}

func TestValuesOfRepeatedOptions(t *testing.T) {
	line := mustCommandLine(t, "vzdump 100 --exclude-path /a --exclude-path '/b c'")
	if got := line.Values("exclude-path"); !slices.Equal(got, []string{"/a", "/b c"}) {
		t.Errorf("got %q", got)
	}
	if got := line.Values("mode"); got != nil {
		t.Errorf("an option that was not given has the values %q", got)
	}
}

func mustCommandLine(t testing.TB, text string) CommandLine {
	t.Helper()
	line, err := ParseCommandLine(text)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// Any line whose options have ordinary names can be read again after it was printed with every value quoted.
func FuzzCommandLine(f *testing.F) {
	for _, text := range []string{
		"vzdump 100 101 --quiet 1 --notes-template 'it'\\''s' --all", "vzdump --a '' --a \"x\\\"\" --b=--c", "vzdump \\ 1 '' --stop --x", "vzdump 100;101,102",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line, err := ParseCommandLine(text)
		oddName := func(name string) bool { return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") != "" }
		if err != nil || slices.ContainsFunc(slices.Collect(maps.Keys(line.Options)), oddName) {
			return
		}
		again, err := ParseCommandLine(printCommandLine(line))
		if err != nil || !slices.Equal(again.VMIDs, line.VMIDs) || !maps.Equal(again.Options, line.Options) {
			t.Fatalf("%q was read as %+v, and printed and read again as %+v %v", text, line, again, err)
		}
		job, err := selectionOf(line.Options)
		if err != nil {
			return
		}
		job.VMIDs = line.VMIDs
		if line.FromJob(job) != line.Scheduled() {
			t.Fatalf("%q is not the run of a job that has its own options", text)
		}
	})
}

func printCommandLine(line CommandLine) string {
	var out strings.Builder
	out.WriteString("vzdump")
	for _, id := range line.VMIDs {
		out.WriteString(" ")
		out.WriteString(optionText(float64(id)))
	}
	for name, value := range line.Options {
		out.WriteString(" --" + name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'")
	}
	return out.String()
}
