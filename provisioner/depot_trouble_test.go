package provisioner

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

// The page tells which rights provisioning's key needs: with just these all is done, and the same without a right fails with that advice.
func TestTheRightsOfProvisioningsKeyAreEnough(t *testing.T) {
	w := onMinIO(t)
	page, err := os.ReadFile(filepath.Join(testprogram.Root(t), "docs", "object-stores.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "**Provisioning's key**")
	block := regexp.MustCompile("(?s)```json\n(.*?)```").FindStringSubmatch(rest)
	if !found || block == nil {
		t.Fatal("the page has no policy for provisioning")
	}
	admin := w.admin()
	name, secret := "provisioner", "secret-of-provisioning"
	install := func(policy string) {
		t.Helper()
		if err := admin.SetPolicy(t.Context(), name, []byte(policy)); err != nil {
			t.Fatal(err)
		}
	}
	install(block[1])
	if err := admin.SetUser(t.Context(), name, secret); err != nil {
		t.Fatal(err)
	}
	if err := admin.AttachPolicy(t.Context(), name, name); err != nil {
		t.Fatal(err)
	}
	w.put("minio.admin", name+"\n")
	w.put("minio.admin.secret", secret+"\n")
	w.declareStore("minio", threeEnvironments)
	w.mustRun(nil)
	w.settledToo()
	for right, other := range map[string]string{
		"admin:GetUser": "admin:ServerInfo", "s3:GetBucketVersioning": "s3:GetBucketTagging", "s3:GetLifecycleConfiguration": "s3:GetBucketTagging",
	} {
		install(strings.Replace(block[1], right, other, 1))
		w.fails(nil, "access denied", "docs/object-stores.md")
	}
	// A key that may make no buckets tries the server in a bucket that is there.
	install(strings.NewReplacer(`"s3:CreateBucket", `, "", "pve-backup-exporter-probe-*/*", "tfstate-*/.pve-backup-exporter/*").Replace(block[1]))
	w.storage = t.TempDir()
	w.mustRun(nil)
	w.says("+ lock probe")
	w.settledToo()
}

// breaker spoils one of the requests that change something: it never arrives, or its answer is lost.
type breaker struct {
	next    http.Handler
	at      int // which one; 0: none
	arrives bool
	seen    int
}

func (b *breaker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		b.next.ServeHTTP(w, r)
		return
	}
	if b.seen++; b.seen != b.at {
		b.next.ServeHTTP(w, r)
		return
	}
	if b.arrives {
		b.next.ServeHTTP(&deaf{header: http.Header{}}, r)
	}
	panic(http.ErrAbortHandler)
}

// deaf takes an answer that nobody gets.
type deaf struct{ header http.Header }

func (d *deaf) Header() http.Header            { return d.header }
func (d *deaf) Write(text []byte) (int, error) { return len(text), nil }
func (d *deaf) WriteHeader(int)                {}

// Whatever request is lost on its way, or its answer: the next run goes on, and the one after finds nothing to do. No key is lost.
func TestEachWriteToAStoreMayFail(t *testing.T) {
	w := onMinIO(t)
	next := w.proxy.Config.Handler
	fault := &breaker{next: next}
	w.proxy.Config.Handler = fault
	total, said := 0, ""
	for _, arrives := range []bool{false, true} {
		for at := 0; at == 0 || at <= total; at++ {
			bucket := fmt.Sprintf("tfstate-%d-%t", at, arrives)
			w.declareStore("minio", strings.NewReplacer("tfstate-lab", bucket, "  lab:\n", "  "+bucket+":\n", "lab.", bucket+".").Replace(oneStateWith(ownKey)))
			w.storage = t.TempDir()
			fault.at, fault.arrives, fault.seen = at, arrives, 0
			err := w.run(nil)
			said += w.said
			if at == 0 {
				total = fault.seen
			}
			if (err == nil) != (at == 0) && !arrives {
				t.Errorf("request %d never arrived: %v", at, err)
			}
			fault.at = 0
			w.mustRun(nil)
			w.settledToo()
			if _, err := w.client(bucket+".access", bucket+".secret").Bucket(t.Context(), bucket); err != nil {
				t.Errorf("request %d, arrived %t: the key in the files: %v", at, arrives, err)
			}
		}
	}
	if total < 15 {
		t.Errorf("only %d requests were tried", total)
	}
	for _, name := range must(w.everything().Buckets(t)) {
		if !strings.HasPrefix(name, "tfstate-") && !strings.Contains(said, "what is left of the probe is bucket "+name+": remove it") {
			t.Errorf("bucket %s was left behind, and nobody said so", name)
		}
	}
}

func must(names []string, _ string) []string { return names }

func TestSomebodyMakesTheBucketMeanwhile(t *testing.T) {
	w := onMinIO(t)
	w.declareStore("minio", oneStateWith(""))
	next := w.proxy.Config.Handler
	made := false
	w.proxy.Config.Handler = http.HandlerFunc(func(reply http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodPut && request.URL.Path == "/tfstate-lab/" && !made {
			made = true
			w.everything().MakeBucket(t, "tfstate-lab", false)
			w.everything().Put(t, "tfstate-lab", "terraform.tfstate", "precious")
		}
		next.ServeHTTP(reply, request)
	})
	w.fails(nil, "adopt: true", "was not made by this tool")
	if !made {
		t.Fatal("nobody made it")
	}
	if status, _ := w.everything().Versioning(t, "tfstate-lab"); status != "" {
		t.Errorf("its versioning is %s", status)
	}
	w.fails(nil, "bucket tfstate-lab exists, was not made by this tool")
}
