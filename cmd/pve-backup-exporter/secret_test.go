package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// canary is a secret that must be seen nowhere but in the header that carries it.
const canary = "0dd5ec12-e7ca-4a12-9b1d-5ec2e7ca9a12"

// echo is an upstream at its worst: it sends back all that it was sent, wherever it can, with a success or an error.
func echo(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := r.Header.Get("Authorization")
		w.Header().Set("X-Echo", sent)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"data":[{"%[1]s":"%[1]s","id":"%[1]s","type":"%[1]s","name":"%[1]s"}],"message":"%[1]s","errors":{"%[1]s":"%[1]s"}}`, sent)
	})
}

// runs are command lines for each command that opens a token's secret, all at debug level.
func runs(config, dir string) [][]string {
	return [][]string{
		{"once", "--config.file=" + config, "--log.level=debug"},
		{"check", "--config.file=" + config, "--log.level=debug"},
		{"check", "--config.file=" + config, "--log.level=debug", "--output=json"},
		{"explain", "--config.file=" + config, "--log.level=debug", "UPID:pve1:00001878:0003F603:6B038787:vzdump:200:root@pam:"},
		{"provision", "--config.file=" + config, "--log.level=debug", "--storage.path=" + dir, "--output=json"},
		{"provision", "--config.file=" + config, "--log.level=debug", "--storage.path=" + dir, "--dry-run"},
		{"provision", "dump", "--config.file=" + config, "--log.level=debug"},
		{"serve", "--config.file=" + config, "--log.level=debug", "--web.listen-address=127.0.0.1:0", "--storage.path=" + dir},
	}
}

func TestTheSecretIsToldNowhere(t *testing.T) {
	simulated := pvesim.Scale(pvesim.Options{Now: time.Now, Seed: 1}, 2, 6)
	simulated.Change(func(m *pvesim.Model) {
		m.Access.Tokens[pvesim.ExporterToken].Secret, m.Access.Tokens[pvesim.DetailsToken].Secret = canary, canary
	})
	upstreams := map[string]http.Handler{
		"a cluster":        simulated.Handler(),
		"an echo":          echo(http.StatusOK),
		"an echoing error": echo(http.StatusInternalServerError),
		"an echoing no":    echo(http.StatusUnauthorized),
		"an echoing door":  echo(http.StatusFound),
	}
	for name, handler := range upstreams {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(handler)
			defer server.Close()
			dir := t.TempDir()
			for file, content := range map[string]string{
				"secret": canary,
				"config.yml": fmt.Sprintf(`
version: 1
clusters:
  home:
    endpoints: [%q]
    exporter: {token_id: %q, token_secret_file: secret}
    provisioner: {token_id: %q, token_secret_file: secret}
environments: {prod: {guests: {all: true}, backup: {profile: prod, storage: backup-nfs}}}
`, server.URL, pvesim.ExporterToken, pvesim.DetailsToken),
			} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			state := t.TempDir()
			for _, args := range runs(filepath.Join(dir, "config.yml"), state) {
				limit := time.Minute
				if args[0] == "serve" { // it would go on for good
					limit = 2 * time.Second
				}
				ctx, cancel := context.WithTimeout(context.Background(), limit)
				var out bytes.Buffer
				run(ctx, args, commands(), &environment{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: os.Getenv})
				cancel()
				if out.Len() == 0 {
					t.Errorf("%s said nothing: the test looks at nothing", args[0])
				}
				if text := out.String(); strings.Contains(text, canary) {
					t.Errorf("%s tells the secret: %.300s", args[0], text[max(0, strings.Index(text, canary)-150):])
				}
			}
			noCanaryIn(t, state)
		})
	}
}

// noCanaryIn looks at what was kept.
func noCanaryIn(t *testing.T, dir string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, path))
		if strings.Contains(string(content), canary) {
			t.Errorf("%s holds the secret", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
