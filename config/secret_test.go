package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const canary = "canary-7c1f"

// holder keeps a secret where fmt cannot ask its methods.
type holder struct{ secret config.Secret }

func TestSecretIsNeverPrinted(t *testing.T) {
	secret := config.NewSecret(canary)
	shown := map[string]string{"String": secret.String(), "GoString": secret.GoString()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		shown[verb] = fmt.Sprintf(verb, secret)
		shown["pointer "+verb] = fmt.Sprintf(verb, &secret)
		shown["unexported field "+verb] = fmt.Sprintf(verb, holder{secret})
		shown["list "+verb] = fmt.Sprintf(verb, []config.Secret{secret})
	}
	for name, encode := range map[string]func(any) ([]byte, error){"json": json.Marshal, "yaml": yaml.Marshal} {
		out, err := encode(map[string]any{"a": secret, "b": &secret, "c": []config.Secret{secret}})
		if err != nil || strings.Count(string(out), "secret") != 3 {
			t.Errorf("%s: %s, %v", name, out, err)
		}
		shown[name] = string(out)
	}
	key, err := json.Marshal(map[config.Secret]int{secret: 1})
	if err != nil {
		t.Fatal(err)
	}
	shown["json key"] = string(key)
	for _, json := range []bool{true, false} {
		var out bytes.Buffer
		var handler slog.Handler = slog.NewTextHandler(&out, nil)
		if json {
			handler = slog.NewJSONHandler(&out, nil)
		}
		slog.New(handler).Info("message", "token", secret, "in", holder{secret}, "list", []config.Secret{secret})
		shown[fmt.Sprintf("slog, json %v", json)] = out.String()
	}
	for way, text := range shown {
		if strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
			t.Errorf("%s shows it: %s", way, text)
		}
	}
	if got := secret.Reveal(); got != canary {
		t.Errorf("Reveal: got %q", got)
	}
	if got := (config.Secret{}).Reveal(); got != "" {
		t.Errorf("Reveal of nothing: got %q", got)
	}
}

// token loads a file from folder whose exporter secret is in the named file.
func token(t *testing.T, folder, name string) config.Token {
	t.Helper()
	file, err := config.LoadBytes(filepath.Join(folder, "config.yml"), fmt.Appendf(nil, `
version: 1
clusters:
  home: {endpoints: [https://pve1], exporter: {token_id: e@pve!m, token_secret_file: %s}}
`, name))
	if err != nil {
		t.Fatal(err)
	}
	return *file.Clusters[0].Exporter
}

func write(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestSecretFiles(t *testing.T) {
	for _, test := range []struct {
		name, content string
		mode          os.FileMode
		message, hint string // both empty: it is accepted
	}{
		{"owner only", canary, 0o600, "", ""},
		{"a line end", canary + "\n", 0o400, "", ""},
		{"a line end of Windows", canary + "\r\n", 0o600, "", ""},
		{"readable to its group", canary, 0o640, "", ""},
		{"readable to everybody", canary, 0o644, "too open (mode 0644)", "chmod 600"},
		{"writable to everybody", canary, 0o602, "too open", "chmod 600"},
		{"writable to its group", canary, 0o660, "too open", "chmod 640"},
		{"empty", "", 0o600, "is empty", "only line"},
		{"blank", " \n\n", 0o600, "is empty", "only line"},
		{"two lines", "name\n" + canary, 0o600, "more than one line", "alone"},
		{"a space before it", " " + canary, 0o600, "spaces", "alone"},
		{"binary", canary + "\x00", 0o600, "control characters", "alone"},
		{"too big", strings.Repeat("x", 64<<10+1), 0o600, "larger", "nothing else"},
		{"the whole token", "e@pve!m=" + canary, 0o600, "the token's name as well", "follows the last `=`"},
		{"the whole header", "PVEAPIToken=e@pve!m=" + canary, 0o600, "the token's name as well", "follows the last `=`"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "home.exporter")
			write(t, path, test.content, test.mode)
			secret, err := token(t, folder, "home.exporter").Secret()
			if test.message == "" {
				if err != nil || secret.Reveal() != canary {
					t.Errorf("got %q, %v", secret.Reveal(), err)
				}
				return
			}
			checkSecretError(t, err, path, test.message, test.hint)
		})
	}
}

func checkSecretError(t *testing.T, err error, path, message, hint string) {
	t.Helper()
	if err == nil {
		t.Fatal("it was accepted")
	}
	hints := ui.Hints(err)
	if !strings.Contains(err.Error(), message) || len(hints) != 1 || !strings.Contains(hints[0], hint) {
		t.Errorf("got %v, hints %q; want %q, %q", err, hints, message, hint)
	}
	if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "config.yml:4:") {
		t.Errorf("%v: does not name the file and where it is named", err)
	}
	if strings.Contains(fmt.Sprint(err, hints), canary) {
		t.Errorf("%v %q: shows the secret", err, hints)
	}
}

func TestSecretFileThatIsNone(t *testing.T) {
	folder := t.TempDir()
	_, err := token(t, folder, "absent").Secret()
	checkSecretError(t, err, filepath.Join(folder, "absent"), "no such file", "create it")
	_, err = token(t, folder, ".").Secret()
	checkSecretError(t, err, folder, "not a regular file", "nothing else")
}

func TestSecretIsFound(t *testing.T) {
	folder, credentials, elsewhere := t.TempDir(), t.TempDir(), t.TempDir()
	for _, name := range []string{"both", "beside"} {
		write(t, filepath.Join(folder, name), "from-folder", 0o600)
	}
	for _, name := range []string{"both", "given"} {
		write(t, filepath.Join(credentials, name), "from-credentials", 0o400)
	}
	if err := os.Mkdir(filepath.Join(folder, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "secrets", "given"), "from-subfolder", 0o600)
	write(t, filepath.Join(elsewhere, "absolute"), "from-elsewhere", 0o600)
	for _, test := range []struct{ credentials, name, want string }{
		{"", "beside", "from-folder"},
		{"", "both", "from-folder"},
		{credentials, "both", "from-credentials"},
		{credentials, "given", "from-credentials"},
		{credentials, "beside", "from-folder"},
		{credentials, "secrets/given", "from-subfolder"},
		{credentials, filepath.Join(elsewhere, "absolute"), "from-elsewhere"},
	} {
		t.Run(test.want+" "+filepath.Base(test.name), func(t *testing.T) {
			t.Setenv("CREDENTIALS_DIRECTORY", test.credentials)
			secret, err := token(t, folder, test.name).Secret()
			if err != nil || secret.Reveal() != test.want {
				t.Errorf("got %q, %v", secret.Reveal(), err)
			}
		})
	}
}

// A secret is read when it is asked for: the exporter starts although the provisioner's is not there.
func TestSecretsAreReadLazily(t *testing.T) {
	folder := t.TempDir()
	config := token(t, folder, "late")
	write(t, filepath.Join(folder, "late"), canary, 0o600)
	if secret, err := config.Secret(); err != nil || secret.Reveal() != canary {
		t.Errorf("got %q, %v", secret.Reveal(), err)
	}
}
