package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"unicode"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// maxSecret is far more than any secret has; a bigger file is the wrong one.
const maxSecret = 64 << 10

// SecretFile names a file that holds one secret. Nothing is opened until Read is called, so that each command opens only what it uses.
type SecretFile struct{ Path }

// Read opens the file and returns its content without the line end.
//
// A file that everybody may read or write, or that its group may write, is refused: the group may read it, since services run as users of their
// own. So are an empty file and one of several lines. The error names the file and where the declared file names it, and carries a hint; it
// never contains any of the content.
func (s SecretFile) Read() (Secret, error) { return s.read(oneLine) }

// read opens the file and returns what parse makes of its content. The errors of parse must not contain any of it.
func (s SecretFile) read(parse func(content []byte) (string, error)) (Secret, error) {
	if s.IsZero() {
		return Secret{}, errors.New("no secret file is named")
	}
	path := s.Resolve()
	content, err := readSecret(path)
	if err != nil {
		return Secret{}, fmt.Errorf("secret file %s (named at %s): %w", path, s.Position(), err)
	}
	text, err := parse(content)
	if err != nil {
		return Secret{}, fmt.Errorf("secret file %s (named at %s): %w", path, s.Position(), err)
	}
	return NewSecret(text), nil
}

func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, explainSecret(err, path)
	}
	if !info.Mode().IsRegular() {
		return nil, ui.Hint(errors.New("is not a regular file"), "name a file that holds the secret and nothing else")
	}
	if mode := info.Mode().Perm(); mode&0o026 != 0 {
		return nil, ui.Hint(fmt.Errorf("is too open (mode %04o): others could read or change it", mode),
			"chmod 600 %s; or chmod 640, where the program reads it through the file's group", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, explainSecret(err, path)
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return nil, explainSecret(err, path)
	}
	if len(content) > maxSecret {
		return nil, ui.Hint(errors.New("is larger than any secret"), "name a file that holds the secret and nothing else")
	}
	return content, nil
}

func explainSecret(err error, path string) error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err // the path is told already
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ui.Hint(err, "create it with the secret as its only line, then chmod 600 %s; relative names begin at the declared file's folder", path)
	case errors.Is(err, fs.ErrPermission):
		return ui.Hint(err, "let the user that runs this command read it: chgrp it to that user's group, then chmod 640 %s", path)
	}
	return ui.Hint(err, "check that %s is a readable file", path)
}

func oneLine(content []byte) (string, error) {
	content = bytes.TrimRight(content, "\r\n")
	switch {
	case len(bytes.TrimSpace(content)) == 0:
		return "", ui.Hint(errors.New("is empty"), "write the secret into it, as its only line")
	case bytes.ContainsAny(content, "\r\n"):
		return "", ui.Hint(errors.New("has more than one line"), "keep the secret alone: no user name, no comment, no second secret")
	case len(bytes.TrimSpace(content)) != len(content) || bytes.ContainsFunc(content, unicode.IsControl):
		return "", ui.Hint(errors.New("has spaces or control characters around or within the secret"), "write the secret alone, with printf rather than an editor if need be")
	}
	return string(content), nil
}

// wholeToken is a token as the API's header has it: what is often pasted instead of the secret.
var wholeToken = regexp.MustCompile(`^(PVEAPIToken=)?[^\s@!=]+@[^\s@!=]+![^\s@!=]+=`)

// Secret reads the token's secret. See [SecretFile.Read] for what is refused; a file that holds the token's name as well is, too.
func (t Token) Secret() (Secret, error) {
	secret, err := t.SecretFile.Read()
	if err != nil {
		return Secret{}, err
	}
	if wholeToken.MatchString(secret.Reveal()) {
		return Secret{}, ui.Hint(fmt.Errorf("secret file %s (named at %s): contains the token's name as well", t.SecretFile.Resolve(), t.SecretFile.Position()),
			"keep only what follows the last `=`: the name is `token_id` in the declared file")
	}
	return secret, nil
}
