package source

import (
	"regexp"
	"strings"
)

const (
	// hidden stands in a quoted line for what looks like a secret. Its length says nothing.
	hidden = "********"
	// hiddenUUID is as long as every UUID, so that carets further right stay in place.
	hiddenUUID = "********-****-****-****-************"
)

var (
	// A token's secret is a UUID. It ends up in the wrong place when somebody pastes `user@realm!name=uuid` whole.
	uuid = regexp.MustCompile(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	// What follows a token's name is its secret, whatever it looks like.
	tokenValue = regexp.MustCompile("(@[\\w.-]+![\\w.-]+=)[^\\s\"'`,}]+")
	userinfo   = regexp.MustCompile(`//[^/\s]*@`)
	// Everything after a key that is named like a secret, except the file keys and ids, which only name one.
	secretKey = regexp.MustCompile(`(?i)([\w-]*(?:secret|password|passwd|passphrase|token|access_key|private_key|api_key)[\w-]*)["']?\s*[:=]\s*`)
)

// Mask hides what looks like a secret in a text that is about to be shown: UUIDs, tokens written whole, credentials in a URL, and the rest of a
// line after a key that is named like a secret.
func Mask(text string) string {
	text = uuid.ReplaceAllString(text, hiddenUUID)
	text = tokenValue.ReplaceAllString(text, "${1}"+hidden)
	text = userinfo.ReplaceAllString(text, "//"+hidden+"@")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = maskKeys(line)
	}
	return strings.Join(lines, "\n")
}

func maskKeys(line string) string {
	for _, match := range secretKey.FindAllStringSubmatchIndex(line, -1) {
		key := strings.ToLower(line[match[2]:match[3]])
		if strings.HasSuffix(key, "_file") || strings.HasSuffix(key, "_id") || match[1] == len(line) {
			continue
		}
		return line[:match[1]] + hidden
	}
	return line
}
