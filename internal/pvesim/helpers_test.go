package pvesim_test

import (
	"bytes"
	"io"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newReader(text []byte) io.Reader { return bytes.NewReader(text) }
