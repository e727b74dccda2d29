// Package storetest lets tests arrange and look at what lies in an object store, with any access key, beyond what the product itself does there. Only tests
// import it.
package storetest

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Store is a server as an access key sees it.
type Store struct{ api *minio.Client }

// Version is one version of an object.
type Version struct {
	ID      string
	Latest  bool
	Deleted bool // it is a delete marker
}

// Connect returns a client of a server at an address, with an access key. Nothing is asked yet.
func Connect(t testing.TB, address, accessKey, secretKey string) Store {
	t.Helper()
	endpoint, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	api, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentials.NewStaticV4(accessKey, secretKey, ""), Region: "us-east-1", BucketLookup: minio.BucketLookupPath, Transport: transport,
		Secure: endpoint.Scheme == "https", MaxRetries: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return Store{api}
}

// MakeBucket makes a bucket, with versioning or without.
func (s Store) MakeBucket(t testing.TB, bucket string, versioned bool) {
	t.Helper()
	if err := s.api.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if versioned {
		if err := s.api.EnableVersioning(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
	}
}

// SuspendVersioning switches a bucket's versioning off again.
func (s Store) SuspendVersioning(t testing.TB, bucket string) {
	t.Helper()
	if err := s.api.SuspendVersioning(t.Context(), bucket); err != nil {
		t.Fatal(err)
	}
}

// Put writes an object. The code is that of the server's refusal, such as AccessDenied; empty where there is none.
func (s Store) Put(t testing.TB, bucket, key, content string) (code string) {
	t.Helper()
	_, err := s.api.PutObject(t.Context(), bucket, key, strings.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
	return minio.ToErrorResponse(err).Code
}

// Get reads an object, or one version of it.
func (s Store) Get(t testing.TB, bucket, key, version string) (content, code string) {
	t.Helper()
	object, err := s.api.GetObject(t.Context(), bucket, key, minio.GetObjectOptions{VersionID: version})
	if err != nil {
		return "", minio.ToErrorResponse(err).Code
	}
	defer func() { _ = object.Close() }()
	text, err := io.ReadAll(object)
	return string(text), minio.ToErrorResponse(err).Code
}

// Remove removes an object, or one version of it.
func (s Store) Remove(t testing.TB, bucket, key, version string) (code string) {
	t.Helper()
	return minio.ToErrorResponse(s.api.RemoveObject(t.Context(), bucket, key, minio.RemoveObjectOptions{VersionID: version})).Code
}

// Versions lists the versions of one object, the newest first.
func (s Store) Versions(t testing.TB, bucket, key string) (versions []Version, code string) {
	t.Helper()
	for each := range s.api.ListObjectsIter(t.Context(), bucket, minio.ListObjectsOptions{Prefix: key, Recursive: true, WithVersions: true}) {
		if each.Err != nil {
			return nil, minio.ToErrorResponse(each.Err).Code
		}
		if each.Key == key {
			versions = append(versions, Version{ID: each.VersionID, Latest: each.IsLatest, Deleted: each.IsDeleteMarker})
		}
	}
	return versions, ""
}

// List lists the names of a bucket's objects.
func (s Store) List(t testing.TB, bucket string) (names []string, code string) {
	t.Helper()
	for each := range s.api.ListObjectsIter(t.Context(), bucket, minio.ListObjectsOptions{Recursive: true}) {
		if each.Err != nil {
			return nil, minio.ToErrorResponse(each.Err).Code
		}
		names = append(names, each.Key)
	}
	return names, ""
}

// Buckets lists the names of the buckets that the key may see.
func (s Store) Buckets(t testing.TB) (names []string, code string) {
	t.Helper()
	buckets, err := s.api.ListBuckets(t.Context())
	for _, each := range buckets {
		names = append(names, each.Name)
	}
	return names, minio.ToErrorResponse(err).Code
}

// Versioning reads a bucket's versioning.
func (s Store) Versioning(t testing.TB, bucket string) (status, code string) {
	t.Helper()
	configuration, err := s.api.GetBucketVersioning(t.Context(), bucket)
	return configuration.Status, minio.ToErrorResponse(err).Code
}

// SetLifecycle writes a bucket's lifecycle configuration, as XML.
func (s Store) SetLifecycle(t testing.TB, bucket, configuration string) {
	t.Helper()
	rules, err := readLifecycle(configuration)
	if err == nil {
		err = s.api.SetBucketLifecycle(t.Context(), bucket, rules)
	}
	if err != nil {
		t.Fatal(err)
	}
}
