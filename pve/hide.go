package pve

import (
	"encoding/json"
	"net/url"
	"strings"
)

// shortest is the length in bytes from which on a secret, or a line of it, can be told from ordinary words.
const shortest = 4

// leftOut stands for a text that cannot be told apart from the secrets in it.
const leftOut = "(left out: it may hold a secret)"

// hide takes secrets out of a text: the token's, and those among a call's parameters in every form in which a server may repeat them. A text
// with a secret so short that the gap would tell what it was is given up as a whole, and so is one that has it in yet another form.
func hide(text, token string, parameters []string) string {
	text = strings.ReplaceAll(text, token, "***")
	for _, secret := range parameters {
		for _, form := range formsOf(secret) {
			switch {
			case form == "" || !strings.Contains(text, form):
			case len(form) < shortest:
				return leftOut
			default:
				text = strings.ReplaceAll(text, form, "***")
			}
		}
		if plain, err := url.QueryUnescape(text); err == nil && secret != "" && strings.Contains(plain, secret) {
			return leftOut
		}
	}
	return text
}

// formsOf lists how a secret may be written: as it is, its long lines, and quoted for JSON, a query or a shell.
func formsOf(secret string) []string {
	forms := []string{secret}
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); len(line) >= shortest && strings.Trim(line, "{}[]") != "" {
			forms = append(forms, line)
		}
	}
	for _, form := range forms[:len(forms):len(forms)] {
		quoted, err := json.Marshal(form)
		if err == nil {
			forms = append(forms, strings.Trim(string(quoted), `"`))
		}
		forms = append(forms, url.QueryEscape(form), strings.ReplaceAll(url.QueryEscape(form), "+", "%20"), url.PathEscape(form), strings.ReplaceAll(form, "'", `'\''`), strings.ReplaceAll(form, "'", `'"'"'`))
	}
	return append(forms, keyMaterial(secret)...)
}

// keyMaterial lists the long texts of a key file, which is a JSON object.
func keyMaterial(secret string) []string {
	var members map[string]any
	if json.Unmarshal([]byte(secret), &members) != nil {
		return nil
	}
	var texts []string
	for _, value := range members {
		if text, ok := value.(string); ok && len(text) >= 16 {
			texts = append(texts, text)
		}
	}
	return texts
}
