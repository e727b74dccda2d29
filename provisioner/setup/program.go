package setup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Source is where a server's program comes from: an address, or else a file.
type Source struct{ URL, File, SHA256 string }

// maxProgram is far more than any server's program has.
const maxProgram = 1 << 30

// Open copies the program into a temporary file, whose checksum must be the declared one, and opens that: so what was checked is what is sent. The
// copy is gone once it is closed.
func (s Source) Open(ctx context.Context) (io.ReadCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	source, name, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = source.Close() }()
	temporary, err := os.CreateTemp("", "server-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(temporary.Name()) // it stays as long as it is open
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(temporary, hash), io.LimitReader(source, maxProgram+1))
	switch got := hex.EncodeToString(hash.Sum(nil)); {
	case err != nil:
		err = fmt.Errorf("read %s: %w", name, err)
	case size > maxProgram:
		err = fmt.Errorf("%s is larger than any server's program", name)
	case got != s.SHA256:
		err = ui.Hint(fmt.Errorf("%s has the SHA-256 %s, and %s is declared: nothing was installed", name, got, s.SHA256), "find out which of the two is right before you change `sha256`")
	default:
		_, err = temporary.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, temporary.Close())
	}
	return temporary, nil
}

func (s Source) open(ctx context.Context) (io.ReadCloser, string, error) {
	if s.URL == "" {
		file, err := os.Open(s.File)
		if err != nil {
			return nil, "", ui.Hint(err, "name the server's program in `server: {file: ...}`; relative names begin at the declared file's folder")
		}
		return file, s.File, nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, http.NoBody)
	if err != nil {
		return nil, "", err
	}
	reply, err := (&http.Client{Timeout: uploadTimeout - time.Minute}).Do(request)
	if err != nil {
		return nil, "", ui.Hint(err, "the machine that provisions downloads the server's program; or download it yourself, and name it by `file`")
	}
	if reply.StatusCode != http.StatusOK {
		_ = reply.Body.Close()
		return nil, "", ui.Hint(fmt.Errorf("download %s: %s", s.URL, reply.Status), "is it the right address?")
	}
	return reply.Body, s.URL, nil
}
