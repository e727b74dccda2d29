package storetest

import (
	"encoding/xml"

	"github.com/minio/minio-go/v7/pkg/lifecycle"
)

func readLifecycle(text string) (*lifecycle.Configuration, error) {
	configuration := lifecycle.NewConfiguration()
	err := xml.Unmarshal([]byte(text), configuration)
	return configuration, err
}
