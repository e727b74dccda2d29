package pve

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

var tokenPattern = regexp.MustCompile(`^[^\s:/@!]+@[A-Za-z][A-Za-z0-9._-]*![A-Za-z][A-Za-z0-9._-]*$`)

// errPaused says that a call was not made, because the token was refused a moment ago.
var errPaused = errors.New("not asked again")

// authenticator makes the Authorization header, and remembers a refusal: Proxmox VE delays every wrong attempt by three seconds and logs
// it, so a revoked token must not be presented on every call.
type authenticator struct {
	tokenID string
	secret  func() (string, error)
	pause   time.Duration
	now     func() time.Time

	mu      sync.Mutex
	refused [sha256.Size]byte // of the secret that was refused
	refusal error
	until   time.Time
}

func newAuthenticator(cfg Config, now func() time.Time) (*authenticator, error) {
	if !tokenPattern.MatchString(cfg.TokenID) {
		err := fmt.Errorf("token_id %q is not the name of a token", cfg.TokenID)
		if strings.Contains(cfg.TokenID, "=") {
			err = errors.New("token_id holds more than the name of a token") // probably the secret: do not repeat it
		}
		return nil, ui.Hint(err, "it has the form user@realm!name; the secret is given apart from it")
	}
	if cfg.TokenSecret == nil {
		return nil, fmt.Errorf("token %s: no secret is given", cfg.TokenID)
	}
	return &authenticator{tokenID: cfg.TokenID, secret: cfg.TokenSecret, pause: cfg.AuthPause, now: now}, nil
}

// credentials returns the secret for the next attempt, or the refusal of the last one while that is recent and the secret the same.
func (a *authenticator) credentials() (string, error) {
	raw, err := a.secret()
	if err != nil {
		return "", fmt.Errorf("secret of token %s: %w", a.tokenID, err)
	}
	secret := strings.TrimSpace(raw)
	if err := a.plausible(secret); err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refusal != nil && a.refused == sha256.Sum256([]byte(secret)) && a.now().Before(a.until) {
		return "", ui.Hint(fmt.Errorf("%w before %s: %w", errPaused, a.until.Format(time.TimeOnly), a.refusal), "a new secret is used at once")
	}
	return secret, nil
}

// plausible refuses what cannot be a secret before it is sent, without repeating it.
func (a *authenticator) plausible(secret string) error {
	var problem string
	switch {
	case secret == "":
		problem = "is empty"
	case strings.ContainsAny(secret, "!="):
		problem = "holds more than the secret: the token's name belongs to token_id"
	case strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' }):
		problem = "has characters that no secret has"
	default:
		return nil
	}
	return ui.Hint(fmt.Errorf("secret of token %s %s", a.tokenID, problem), "it is the UUID that Proxmox VE showed once, when the token was made")
}

// refuse notes that the server did not accept the secret.
func (a *authenticator) refuse(secret string, refusal error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused, a.refusal, a.until = sha256.Sum256([]byte(secret)), refusal, a.now().Add(a.pause)
}

func (a *authenticator) header(secret string) string {
	return "PVEAPIToken=" + a.tokenID + "=" + secret
}
