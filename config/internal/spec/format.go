package spec

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Format is what the text of a scalar must look like.
type Format struct {
	Name    string // in the reference: "storage id"
	Is      string // completes "x is not ...": "a storage id"
	Hint    string // what a good value looks like
	Pattern string // an anchored regular expression, in the part of the syntax that Go and JSON Schema share; empty: any text
	Longest int    // the most characters, 0 where there is no limit
	OneLine string // what to do about a text of several lines, where that is more than usual
	match   *regexp.Regexp
	parse   func(string) (string, error)
}

// Parse checks a text and returns its canonical form. The error says what is wrong and carries a hint.
func (f Format) Parse(text string) (string, error) {
	if length := utf8.RuneCountInString(text); f.Longest > 0 && length > f.Longest {
		return "", ui.Hint(fmt.Errorf("%d characters are more than the %d that Proxmox VE keeps", length, f.Longest), "shorten it")
	}
	if f.parse != nil {
		return f.parse(text)
	}
	if f.match != nil && !f.match.MatchString(text) {
		return "", ui.Hint(fmt.Errorf("`%s` is not %s", text, f.Is), "%s", f.Hint)
	}
	return text, nil
}

func mustFormat(name string) Format {
	format, ok := compiled()[name]
	if !ok {
		panic(fmt.Sprintf("config: unknown format %q", name))
	}
	return format
}

// compiled holds the formats with their patterns ready: a file is described anew each time that one is loaded.
var compiled = sync.OnceValue(func() map[string]Format {
	ready := make(map[string]Format, len(formats))
	for name, format := range formats {
		if format.Pattern != "" {
			format.match = regexp.MustCompile(format.Pattern)
		}
		ready[name] = format
	}
	return ready
})

// The syntax of Proxmox VE's own names is that of its API schema (formats pve-storage-id, pve-node, pve-poolid, pve-vmid, pve-tag).
var formats = map[string]Format{
	"text": {Name: "text", Is: "a text"},
	"note": {Name: "text", Is: "a note of up to 128 characters", Pattern: `^.{1,128}$`, Hint: "keep it to one short sentence: it becomes a label"},
	"name": {
		Name: "name", Is: "a name", Pattern: `^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`,
		Hint: "names are letters, digits, `_`, `.` and `-`, begin with a letter or digit, and have up to 63 characters",
	},
	"node": {
		Name: "node name", Is: "a node name", Pattern: `^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`,
		Hint: "write the node's name as Proxmox VE lists it, without domain",
	},
	"pool": {
		Name: "pool name", Is: "a pool name", Pattern: `^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,2}$`,
		Hint: "pool names are letters, digits, `_`, `.` and `-`; nested pools are written parent/child",
	},
	"vmid-range": {
		Name: "range of guest ids", Is: "a range of guest ids", Pattern: vmidRangePattern, parse: parseVMIDRange,
	},
	"tag": {
		Name: "tag", Is: "a guest tag", Pattern: `^[A-Za-z0-9_][A-Za-z0-9_+.-]*$`,
		Hint: "tags are letters, digits, `_`, `-`, `+` and `.`",
	},
	"storage": {
		Name: "storage id", Is: "a storage id", Pattern: `^[A-Za-z][A-Za-z0-9_.-]*[A-Za-z0-9]$`,
		Hint: "storage ids begin with a letter, end with a letter or digit, and have `_`, `.` and `-` between; they are case-sensitive",
	},
	"token-id": {
		Name: "token id", Is: "a token id", Pattern: tokenIDPattern, parse: parseTokenID,
	},
	"fingerprint": {
		Name: "SHA-256 fingerprint", Is: "a SHA-256 fingerprint", Pattern: `^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$`,
		parse: fingerprint("copy it from the node's Certificates panel, or print it with `pvenode cert info`"),
	},
	"pbs-fingerprint": {
		Name: "SHA-256 fingerprint", Is: "a SHA-256 fingerprint", Pattern: `^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$`,
		parse: fingerprint("copy it from the server's dashboard, or print it with `proxmox-backup-manager cert info`"),
	},
	"cluster-address": {
		Name: "https address", Is: "the address of a Proxmox VE API", Pattern: `^https?://[^/?#@\s]+/?$`, parse: parseClusterAddress,
	},
	"store-address": {
		Name: "http or https address", Is: "the address of an object store", Pattern: `^https?://[^/?#@\s]+/?$`, parse: parseStoreAddress,
	},
	"host": {
		Name: "host name or address", Is: "a host name or IP address", Pattern: `^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$`,
		Hint: "write the server alone, such as 192.0.2.20 or nas.example, without path or scheme",
	},
	"absolute-path": {
		Name: "absolute path", Is: "an absolute path", Pattern: `^/.*$`, Hint: "write it from the root on, such as /backup",
	},
	"job-id": {
		Name: "job id", Is: "a job id", Pattern: `^[A-Za-z0-9][A-Za-z0-9_:-]{1,49}$`,
		Hint: "job ids begin with a letter and have 2 to 50 letters, digits, `_` and `-`",
	},
	"owner": {
		Name: "owner", Is: "an owner's name", Pattern: `^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$`,
		Hint: "owners are letters, digits, `_`, `.` and `-`, begin with a letter or digit, and have up to 32 characters",
	},
	"comment":        {Name: "text", Is: "a text", Longest: 512},
	"notes-template": {Name: "text", Is: "a text", Longest: 1024, OneLine: "write `\\n` for a new line, in single quotes: '{{guestname}}\\n{{node}}'", parse: parseNotesTemplate},
	"mail-address": {
		Name: "mail address", Is: "a mail address or user", Pattern: `^[A-Za-z0-9_+~-]+(\.[A-Za-z0-9_+~-]+)*(@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?$`,
		Hint: "write the address alone, such as ops@example.org, or a user name such as root",
	},
	"volume": {
		Name: "volume", Is: "a volume of a guest", Pattern: volumePattern, parse: parseVolume,
	},
	"mountpoint": {
		Name: "`yes`, `no` or path", Is: "`yes`, `no` or an absolute path", Pattern: `^(yes|no|/.*)$`,
		Hint: "write `yes` where the storage's own path is the mount, or the path of the mount",
	},
	"mount-options": {Name: "mount options", Is: "a list of mount options", Pattern: `^[^\s]+$`, Hint: "write them as mount does, with commas and without spaces: vers=4.2,soft"},
	"share": {
		Name: "share name", Is: "the name of a share", Pattern: `^[^/\\]+$`,
		Hint: "write the share alone, such as backup: the server stands in `server`, a folder of the share in `subdir`",
	},
	"text-256": {Name: "text", Is: "a text", Longest: 256},
	"datastore": {
		Name: "datastore name", Is: "a datastore name", Pattern: `^[A-Za-z0-9_][A-Za-z0-9_.-]*$`,
		Hint: "datastore names are letters, digits, `_`, `.` and `-`",
	},
	"namespace": {
		Name: "namespace", Is: "a namespace", Pattern: `^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,7}$`,
		Hint: "namespaces are letters, digits, `_`, `.` and `-`; nested ones are written parent/child, up to eight deep",
	},
	"path": {Name: "path", Is: "a path"},
	"secret-file": {
		Name: "secret file", Is: "the name of a secret file", parse: parseSecretFile,
	},
	"bucket": {
		Name: "bucket name", Is: "a bucket name", Pattern: `^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`,
		Hint: "bucket names have 3 to 63 lower-case letters, digits, `.` and `-`",
	},
	"object-key": {
		Name: "object key", Is: "a key that Terraform and every object store take", Pattern: `^[A-Za-z0-9_][A-Za-z0-9_.=+@,:-]*(/[A-Za-z0-9_][A-Za-z0-9_.=+@,:-]*)*$`, Longest: 512,
		Hint: "keys are letters, digits and `_.=+@,:-`, with `/` between their parts, not at the beginning or end, such as network/terraform.tfstate",
	},
	"region": {
		Name: "region", Is: "a region", Pattern: `^[A-Za-z0-9][A-Za-z0-9_-]*$`, Hint: "regions are letters, digits, `_` and `-`, such as us-east-1",
	},
	"hostname": {
		Name: "host name", Is: "a host name", Pattern: `^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`, Longest: 253,
		Hint: "host names are letters, digits and `-`, with dots between their parts, such as minio.example.org",
	},
	"container-address": {
		Name: "IPv4 address with prefix, or `dhcp`", Is: "the address of a container", Pattern: containerAddressPattern, parse: parseContainerAddress,
	},
	"ip-address": {Name: "IP address", Is: "an IP address", Pattern: ipAddressPattern, parse: parseIPAddress},
	"network":    {Name: "network", Is: "a network", Pattern: networkPattern, parse: parseNetwork},
	"bridge": {
		Name: "bridge", Is: "the name of a bridge", Pattern: `^[A-Za-z][A-Za-z0-9_.-]{1,14}$`, Hint: "write the bridge as Proxmox VE lists it, such as vmbr0",
	},
	"template": {
		Name: "template name", Is: "the name of a container template", Pattern: `^[A-Za-z0-9][A-Za-z0-9_.+~-]*$`,
		Hint: "write the file's name, or its beginning, without the storage: debian-13-standard",
	},
	"download-address": {
		Name: "http or https address", Is: "the address of a file, without a password in it", Pattern: `^https?://[^\s@]+$`, Hint: "write it as https://host/path",
	},
	"sha256": {
		Name: "SHA-256", Is: "a SHA-256 in lower-case hexadecimal", Pattern: `^[0-9a-f]{64}$`, Hint: "print it with `sha256sum FILE`",
	},
	"ssh-fingerprint": {
		Name: "SSH fingerprint", Is: "the SHA-256 fingerprint of an SSH key", Pattern: `^SHA256:[A-Za-z0-9+/]{43}$`,
		Hint: "in the container's console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
	},
	"date": {
		Name: "date", Is: "a date", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, Hint: "write it as year-month-day, such as 2027-01-31",
	},
	"duration": {
		Name: "duration", Is: "a duration", Pattern: `^([0-9]+(ms|y|w|d|h|m|s))+$`,
		Hint: "write a number and a unit without a space: 30s, 5m, 24h, 7d; combined from large to small: 1h30m",
	},
	"schedule": {
		Name: "calendar event", Is: "a calendar event of up to 128 characters", Pattern: `^.{1,128}$`,
		Hint: "write it as Proxmox VE does: `01:00` daily, `sun 03:00` weekly, `*-*-1 04:00` monthly",
	},
}

const tokenIDPattern = `^[^\s:/!@=]+@[A-Za-z][A-Za-z0-9._-]*![A-Za-z][A-Za-z0-9._-]*$` //nolint:gosec // a pattern, no credential

// secretShape is a token written whole, as the header of the API has it and as `pveum` is often copied.
var secretShape = regexp.MustCompile(`^(PVEAPIToken=)?[^\s@!=]+@[^\s@!=]+![^\s@!=]+=`)

var tokenIDShape = regexp.MustCompile(tokenIDPattern)

var digitPairs = regexp.MustCompile(`^[0-9A-F]{64}$`)

var uuidShape = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func parseTokenID(text string) (string, error) {
	switch {
	case tokenIDShape.MatchString(text):
		return text, nil
	case secretShape.MatchString(text):
		return "", ui.Hint(fmt.Errorf("`%s` contains the token's secret", text), "write what stands before the `=` here, and the rest alone into the secret file")
	case strings.Contains(text, "@") && !strings.Contains(text, "!"):
		return "", ui.Hint(fmt.Errorf("`%s` is a user, not one of its tokens", text), "add the token's name: `%s!metrics`; `pveum user token list %s` shows those that exist", text, text)
	}
	return "", ui.Hint(fmt.Errorf("`%s` is not a token id", text), "write it as user@realm!name, such as backup-exporter@pve!metrics")
}

func parseSecretFile(text string) (string, error) {
	if secretShape.MatchString(text) || uuidShape.MatchString(text) {
		return "", ui.Hint(fmt.Errorf("this is a secret, not the name of a file that holds one"),
			"write the secret into a file of its own, `chmod 600` it, and name that file here; a secret that was in here should be replaced")
	}
	return text, nil
}

// fingerprint reads fingerprints. Where says where people find one.
func fingerprint(where string) func(text string) (string, error) {
	return func(text string) (string, error) {
		digits := strings.ToUpper(strings.ReplaceAll(text, ":", ""))
		switch {
		case len(digits) == 40:
			return "", ui.Hint(fmt.Errorf("`%s` is a SHA-1 fingerprint", text), "copy the SHA-256 one, with 32 pairs of digits")
		case !digitPairs.MatchString(digits):
			return "", ui.Hint(fmt.Errorf("`%s` is not a SHA-256 fingerprint", text), "%s: 32 pairs of digits, in quotes", where)
		}
		pairs := make([]string, 0, 32)
		for i := 0; i < len(digits); i += 2 {
			pairs = append(pairs, digits[i:i+2])
		}
		return strings.Join(pairs, ":"), nil
	}
}
