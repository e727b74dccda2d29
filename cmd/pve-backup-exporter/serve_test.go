package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim"
)

// The real program on a simulated cluster: it starts, answers, loads the file again on SIGHUP, and ends on SIGTERM with status 0.
func TestServeObeysSignals(t *testing.T) {
	node, err := pvesim.Scale(pvesim.Options{Now: time.Now, Seed: 1}, 1, 2).Start("pve1")
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	folder := t.TempDir()
	file := filepath.Join(folder, "config.yml")
	put := func(name, content string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	declared := func(name string) string {
		return fmt.Sprintf("version: 1\nclusters:\n  %s:\n    endpoints: [%q]\n    ca_file: ca.pem\n    exporter: {token_id: %s, token_secret_file: secret}\n",
			name, node.URL, pvesim.ExporterToken)
	}
	put("ca.pem", string(node.CAPEM))
	put("secret", pvesim.ExporterSecret+"\n")
	put("config.yml", declared("home"))

	serve := exec.Command(program, "--config.file="+file, "--storage.path="+folder, "--web.listen-address=127.0.0.1:0", "--log.level=debug")
	output, err := serve.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = serve.Process.Kill() }()
	lines := bufio.NewScanner(output)
	var log strings.Builder
	url := ""
	for url == "" && lines.Scan() {
		log.WriteString(lines.Text() + "\n")
		if found := regexp.MustCompile(`msg="Listening on" address=(\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			url = "http://" + found[1]
		}
	}
	rest := make(chan string)
	go func() {
		text, _ := io.ReadAll(output) // what the scanner has read ahead is not needed
		rest <- string(text)
	}()

	waitFor(t, url+"/metrics", `pve_backup_up{cluster="home"} 1`)
	put("config.yml", declared("office"))
	if err := serve.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	waitFor(t, url+"/metrics", `pve_backup_up{cluster="office"} 1`)
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	log.WriteString(<-rest)
	if err := serve.Wait(); err != nil {
		t.Errorf("ended with %v:\n%s", err, log.String())
	}
	if strings.Contains(log.String(), pvesim.ExporterSecret) || strings.Contains(log.String(), "goroutine") {
		t.Errorf("the log has a secret or a stack:\n%s", log.String())
	}
	if _, err := os.Stat(filepath.Join(folder, "state.json")); err != nil {
		t.Error(err)
	}
}

// waitFor asks until the answer contains what is wanted.
func waitFor(t *testing.T, url, want string) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; {
		reply, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(reply.Body)
		if err != nil || reply.Body.Close() != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s never had %s", url, want)
		}
	}
}
