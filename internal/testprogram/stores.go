package testprogram

import (
	"context"
	"crypto/tls"
	"net/http"
	"os"
	"os/exec"
	"testing"
)

// Store is an object store that runs until the test ends.
type Store struct {
	URL                  string
	AccessKey, SecretKey string // of its administrator
	Server               *Server

	// Stop ends it before that, at once.
	Stop func()
}

// MinIO runs a MinIO server on an empty folder, and waits until it is ready. With a folder of certificates (public.crt and private.key) it speaks
// https. More environment is given as NAME=value. Its metrics are to be had with a token unless MINIO_PROMETHEUS_AUTH_TYPE=public is among that.
func MinIO(t testing.TB, certificates string, environment ...string) *Store {
	t.Helper()
	address := FreeAddress(t)
	store := &Store{URL: "http://" + address, AccessKey: "administrator", SecretKey: "hunter2-of-the-administrator"}
	arguments := []string{"server", t.TempDir(), "--address", address, "--quiet"}
	if certificates == "" {
		certificates = t.TempDir()
	} else {
		store.URL = "https://" + address
	}
	environment = append(environment, "MINIO_ROOT_USER="+store.AccessKey, "MINIO_ROOT_PASSWORD="+store.SecretKey, "MINIO_BROWSER=off", "MINIO_UPDATE=off")
	store.run(t, Path(t, "minio"), environment, append(arguments, "--certs-dir", certificates)...)
	store.until(t, store.URL+"/minio/health/cluster")
	return store
}

// Versitygw runs a versitygw server on an empty folder, with a place for versions beside it, and waits until it answers.
func Versitygw(t testing.TB) *Store {
	t.Helper()
	address := FreeAddress(t)
	store := &Store{URL: "http://" + address, AccessKey: "administrator", SecretKey: "hunter2-of-the-administrator"}
	store.run(t, Path(t, "versitygw"), []string{"ROOT_ACCESS_KEY=" + store.AccessKey, "ROOT_SECRET_KEY=" + store.SecretKey},
		"--port", address, "--health", "/health", "--quiet", "posix", "--versioning-dir", t.TempDir(), t.TempDir())
	store.until(t, store.URL+"/health")
	return store
}

func (s *Store) run(t testing.TB, path string, environment []string, arguments ...string) {
	t.Helper()
	s.Server = &Server{}
	command := exec.CommandContext(t.Context(), path, arguments...)
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = s.Server, s.Server
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	s.Stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = command.Process.Kill() // it may have ended
		_ = command.Wait()         // with that
	}
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", command.Args[0], s.Server.Said())
		}
	})
}

// until waits for a 200, whoever signed the certificate.
func (s *Store) until(t testing.TB, url string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	Eventually(t, func(ctx context.Context) bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		reply, err := client.Do(request)
		if err != nil {
			return false
		}
		defer reply.Body.Close()
		return reply.StatusCode == http.StatusOK
	}, func() string { return url + " never answered 200:\n" + s.Server.Said() })
}
