package objectstore

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/testprogram"
)

// onMinIO runs a real server, with a proxy before it that counts, and returns a client with the administrator's key.
func onMinIO(t *testing.T) (*testprogram.Store, *counted, *Client) {
	t.Helper()
	if testing.Short() {
		t.Skip("it runs a real server")
	}
	store := testprogram.MinIO(t, "")
	proxy := inFront(t, store.URL)
	return store, proxy, connect(t, Config{Kind: MinIO, Endpoint: proxy.URL, Credentials: key(store.AccessKey, store.SecretKey)})
}

func TestMakingABucketOnMinIO(t *testing.T) {
	store, proxy, c := onMinIO(t)
	proxy.seen()
	if err := c.CreateBucket(t.Context(), bucketName); err != nil {
		t.Fatal(err)
	}
	wantRequests(t, proxy, 1)
	if err := c.CreateBucket(t.Context(), bucketName); !errors.Is(err, ErrBucketExists) {
		t.Errorf("a second time: %v", err)
	}
	wantRequests(t, proxy, 1)
	api := administrator(t, store.URL, store.AccessKey, store.SecretKey)
	wantEmpty := func(when string, want bool) {
		t.Helper()
		proxy.seen()
		if empty, err := c.Empty(t.Context(), bucketName); err != nil || empty != want {
			t.Errorf("%s: empty %t, %v", when, empty, err)
		}
		wantRequests(t, proxy, 2)
	}
	wantEmpty("new", true)
	if err := c.EnableVersioning(t.Context(), bucketName); err != nil {
		t.Fatal(err)
	}
	put(t, api, bucketName, "below/"+stateKey, "{}")
	wantEmpty("with an object", false)
	remove(t, api, bucketName, "below/"+stateKey)
	wantEmpty("with earlier versions only", false)
	if _, err := c.Empty(t.Context(), "no-such-bucket"); ReasonOf(err) != BucketMissing {
		t.Errorf("a bucket that is not there: %v", err)
	}
	if names, err := c.Buckets(t.Context()); err != nil || strings.Join(names, " ") != bucketName {
		t.Errorf("buckets %q, %v", names, err)
	}
	proxy.seen()
	if err := c.ProbeServer(t.Context()); err != nil {
		t.Errorf("MinIO is fit: %v", err)
	}
	wantRequests(t, proxy, 18)
	if names, err := c.Buckets(t.Context()); err != nil || len(names) != 1 {
		t.Errorf("after the probe there are %q, %v", names, err)
	}
}

func TestLifecycleRulesOnMinIO(t *testing.T) {
	_, proxy, c := onMinIO(t)
	if err := c.CreateBucket(t.Context(), bucketName); err != nil {
		t.Fatal(err)
	}
	if rules, err := c.Lifecycle(t.Context(), bucketName); err != nil || len(rules) != 0 {
		t.Errorf("a new bucket has %v, %v", rules, err)
	}
	mine := []LifecycleRule{
		{ID: "one", Enabled: true, Prefix: stateKey, NoncurrentDays: 90, NewerNoncurrentVersions: 10},
		{ID: "two", Enabled: true, Prefix: stateKey + LockSuffix, NoncurrentDays: 1, ExpiredObjectDeleteMark: true},
	}
	proxy.seen()
	if err := c.SetLifecycle(t.Context(), bucketName, mine); err != nil {
		t.Fatal(err)
	}
	wantRequests(t, proxy, 1)
	read, err := c.Lifecycle(t.Context(), bucketName)
	wantRequests(t, proxy, 1)
	if err != nil || len(read) != 2 {
		t.Fatalf("read back %+v, %v", read, err)
	}
	for i := range read {
		if read[i].ID != mine[i].ID || !read[i].Same(&mine[i]) {
			t.Errorf("wrote %+v, read %+v", mine[i], read[i])
		}
	}
	// A rule with more to it, as a user's tool writes it, goes back word for word.
	foreign := "<ID>by hand &amp; eye</ID><Status>Enabled</Status><Filter><And><Prefix>logs/</Prefix><Tag><Key>kind</Key><Value>old</Value></Tag></And></Filter><Expiration><Days>30</Days></Expiration>"
	ctx, e, err := c.beginSigned(t.Context(), 1, "write a rule by hand")
	if err != nil {
		t.Fatal(err)
	}
	defer e.stop()
	body := `<LifecycleConfiguration xmlns="` + lifecycleSpace + `"><Rule>` + foreign + `</Rule></LifecycleConfiguration>`
	if _, err := e.signed(ctx, http.MethodPut, "/"+bucketName, url.Values{"lifecycle": {""}}, []byte(body)); err != nil {
		t.Fatal(err)
	}
	before, err := c.Lifecycle(t.Context(), bucketName)
	if err != nil || len(before) != 1 || !before[0].Other || !before[0].Expires || before[0].ID != "by hand & eye" {
		t.Fatalf("%+v, %v", before, err)
	}
	if err := c.SetLifecycle(t.Context(), bucketName, append(before, mine...)); err != nil {
		t.Fatal(err)
	}
	after, err := c.Lifecycle(t.Context(), bucketName)
	if err != nil || len(after) != 3 || string(after[0].raw) != string(before[0].raw) {
		t.Errorf("%+v, %v", after, err)
	}
	if err := c.SetLifecycle(t.Context(), bucketName, nil); err != nil {
		t.Fatal(err)
	}
	if rules, err := c.Lifecycle(t.Context(), bucketName); err != nil || len(rules) != 0 {
		t.Errorf("after removing all %v, %v", rules, err)
	}
}

func TestAccessKeysOnMinIO(t *testing.T) {
	store, proxy, c := onMinIO(t)
	const name, secret, policy = "terraform-canary", "hunter2-canary-of-terraform", "of-the-lab"
	if _, found, err := c.User(t.Context(), name); err != nil || found {
		t.Errorf("found %t, %v", found, err)
	}
	if _, found, err := c.Policy(t.Context(), policy); err != nil || found {
		t.Errorf("policy found %t, %v", found, err)
	}
	document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::tfstate-lab"]}]}`
	proxy.seen()
	if err := errors.Join(c.SetPolicy(t.Context(), policy, []byte(document)), c.SetUser(t.Context(), name, secret), c.AttachPolicy(t.Context(), name, policy)); err != nil {
		t.Fatal(err)
	}
	wantRequests(t, proxy, 3)
	user, found, err := c.User(t.Context(), name)
	if err != nil || !found || !user.Enabled || strings.Join(user.Policies, ",") != policy || len(user.Groups) != 0 {
		t.Errorf("%+v %t %v", user, found, err)
	}
	if read, found, err := c.Policy(t.Context(), policy); err != nil || !found || !strings.Contains(string(read), "s3:ListBucket") {
		t.Errorf("%s %t %v", read, found, err)
	}
	if err := c.CreateBucket(t.Context(), bucketName); err != nil {
		t.Fatal(err)
	}
	asUser := connect(t, Config{Kind: MinIO, Endpoint: store.URL, Credentials: key(name, secret)})
	if got, err := asUser.Bucket(t.Context(), bucketName); err != nil || got.Versioning != VersioningUnknown {
		t.Errorf("with the key: %+v, %v", got, err)
	}
	if err := asUser.CreateBucket(t.Context(), "another"); ReasonOf(err) != Denied {
		t.Errorf("the key may make buckets: %v", err)
	}
	// A new secret takes the place of the old one at once.
	if err := c.SetUser(t.Context(), name, secret+"-new"); err != nil {
		t.Fatal(err)
	}
	_, err = asUser.Bucket(t.Context(), bucketName)
	wantReason(t, err, WrongKey, "compare the two secret files")

	// A key without rights, and the root's own name: refusals without any secret.
	_, _, err = asUser.User(t.Context(), "another-canary")
	wantReason(t, err, WrongKey, "")
	err = connect(t, Config{Kind: MinIO, Endpoint: store.URL, Credentials: key(name, secret+"-new")}).SetUser(t.Context(), "other-canary", "hunter2-canary-other")
	wantReason(t, err, Denied, "docs/object-stores.md")
	if err := c.SetUser(t.Context(), store.AccessKey, secret); err == nil || strings.Contains(err.Error(), store.AccessKey) {
		t.Errorf("the root's secret was changed: %v", err)
	}
}

func TestVersitygwCannotHoldStates(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs a real server")
	}
	store := testprogram.Versitygw(t)
	c := connect(t, Config{Endpoint: store.URL, Credentials: key(store.AccessKey, store.SecretKey)})
	var unfit *UnfitError
	if err := c.ProbeServer(t.Context()); !errors.As(err, &unfit) || unfit.Lacks != LockOnlyOnce {
		t.Errorf("%v", err)
	}
	if names, err := c.Buckets(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("the probe left %q, %v", names, err)
	}
	if err := c.CreateBucket(t.Context(), bucketName); err != nil {
		t.Fatal(err)
	}
	if empty, err := c.Empty(t.Context(), bucketName); err != nil || !empty {
		t.Errorf("empty %t, %v", empty, err)
	}
	put(t, administrator(t, store.URL, store.AccessKey, store.SecretKey), bucketName, stateKey, "{}")
	if empty, err := c.Empty(t.Context(), bucketName); err != nil || empty {
		t.Errorf("with an object: empty %t, %v", empty, err)
	}
	if _, err := c.Lifecycle(t.Context(), bucketName); ReasonOf(err) != NotImplemented {
		t.Errorf("lifecycle: %v", err)
	}
}
