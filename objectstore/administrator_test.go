package objectstore

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// administrator is minio-go itself, to arrange what a test looks at.
func administrator(t *testing.T, address, access, secret string) *minio.Client {
	t.Helper()
	endpoint, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	api, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentials.NewStaticV4(access, secret, ""), Region: defaultRegion, BucketLookup: minio.BucketLookupPath, Transport: transport, Secure: endpoint.Scheme == "https",
	})
	if err != nil {
		t.Fatal(err)
	}
	return api
}
