package backend

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// fileName is what the file is called in the environment's directory.
const fileName = "backend.tf"

// mark begins the first line of a file that is ours.
const mark = "# Written by `pve-backup-exporter provision`"

// Setting is a setting of Terraform's backend.
type Setting struct{ Name, Value string } // the value as it is written

// text is the value as people read it: a quoted text without its quotes, unless it would look like another value.
func (s Setting) text() string {
	if address, found := strings.CutPrefix(s.Value, endpointHead); found {
		return strings.TrimSuffix(address, endpointTail)
	}
	inner, quoted := strings.CutPrefix(s.Value, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	if !quoted || !closed || inner == "true" || inner == "false" {
		return s.Value
	}
	return inner
}

// What stands around the server's address.
const (
	endpointHead = `{ s3 = "`
	endpointTail = `" }`
)

// Settings are those of an environment's backend, in the order in which they are written.
func Settings(store config.Store, state config.TerraformState) []Setting {
	settings := []Setting{
		{"bucket", quote(state.Bucket)},
		{"key", quote(state.Key)},
		{"region", quote(store.Region)},
		{"endpoints", endpointHead + strings.Trim(quote(store.Endpoint), `"`) + endpointTail},
		{"use_path_style", "true"},
		{"use_lockfile", "true"},
	}
	if !store.CAFile.IsZero() {
		settings = append(settings, Setting{"custom_ca_bundle", quote(authority(store, state))})
	}
	for _, name := range []string{"skip_credentials_validation", "skip_metadata_api_check", "skip_region_validation", "skip_requesting_account_id"} {
		settings = append(settings, Setting{name, "true"}) // these ask AWS, which this server is not
	}
	return settings
}

// authority is the path of the certificate authority, as Terraform finds it: from its own directory where the declared file says it from its own.
func authority(store config.Store, state config.TerraformState) string {
	path := store.CAFile.Resolve()
	if filepath.IsAbs(store.CAFile.Name()) {
		return path
	}
	if relative, err := filepath.Rel(state.Directory.Resolve(), path); err == nil {
		return filepath.ToSlash(relative)
	}
	return path
}

// Render writes the file, as `terraform fmt` would have it.
func Render(environment string, settings []Setting) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s for environment %s, which writes it anew after a change by hand.\n", mark, environment)
	b.WriteString("# It holds no secret: the access key comes from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.\n")
	b.WriteString("terraform {\n  backend \"s3\" {\n")
	// Lines that follow each other are aligned by `terraform fmt`.
	width := 0
	for _, each := range settings {
		width = max(width, len(each.Name))
	}
	for _, each := range settings {
		fmt.Fprintf(&b, "    %-*s = %s\n", width, each.Name, each.Value)
	}
	b.WriteString("  }\n}\n")
	return b.String()
}

// quote writes a text as Terraform's language does.
func quote(text string) string {
	quoted := strconv.Quote(text)
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(quoted)
}

// read takes a file that is ours apart. Generated is false where it is not just what Render makes of its settings.
func read(environment, content string) (settings []Setting, generated bool) {
	for line := range strings.Lines(content) {
		name, value, is := strings.Cut(strings.TrimSpace(line), "=")
		name = strings.TrimSpace(name)
		if !is || strings.ContainsAny(name, " #{}\"") || slices.ContainsFunc(settings, func(each Setting) bool { return each.Name == name }) {
			continue
		}
		settings = append(settings, Setting{name, strings.TrimSpace(value)})
	}
	return settings, content == Render(environment, settings)
}
