package config

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"

	"github.com/egress-io/egress/internal/export"
)

const hidden = "[hidden]"

// Secret is text that shows itself to nobody: not to fmt, whatever the verb, nor to slog or an encoder.
type Secret string

// Reveal returns the text.
func (s Secret) Reveal() string { return string(s) }

// String returns a placeholder, or "" where there is no secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// Format writes the placeholder for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText returns the placeholder, for JSON too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns the placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// keyBytes is the size of the secret key.
const keyBytes = 32

// NewSecretKey returns a fresh secret key in base64, as EGRESS_SECRET_KEY takes it.
func NewSecretKey() string {
	var key [keyBytes]byte
	_, _ = rand.Read(key[:]) // never fails
	return base64.StdEncoding.EncodeToString(key[:])
}

var errSecretKey = export.Invalid("EGRESS_SECRET_KEY", "Must be 32 bytes in base64.")

// ParseSecretKey reads a secret key from base64, in either alphabet and with or without padding.
func ParseSecretKey(text string) ([]byte, error) {
	key := decodeKey(text)
	if key == nil {
		return nil, errSecretKey
	}
	return key, nil
}

// decodeKey returns nil for what is no key.
func decodeKey(text string) []byte {
	for _, encoding := range []*base64.Encoding{
		base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding,
	} {
		if key, err := encoding.DecodeString(text); err == nil && len(key) == keyBytes {
			return key
		}
	}
	return nil
}
