package config

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"

	"github.com/egress-io/egress/internal/errs"
)

const hidden = "[hidden]"

// Secret is text that fmt, slog and encoders show as a placeholder. Only Reveal returns the text.
type Secret string

// Reveal returns the text.
func (s Secret) Reveal() string { return string(s) }

// String returns a placeholder, or "" if the secret is empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// Format writes the placeholder for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText returns the placeholder, also in JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns the placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// keyBytes is the size of the secret key.
const keyBytes = 32

// NewSecretKey returns a new random secret key in base64, the format of EGRESS_SECRET_KEY.
func NewSecretKey() string {
	var key [keyBytes]byte
	_, _ = rand.Read(key[:]) // never fails
	return base64.StdEncoding.EncodeToString(key[:])
}

var errSecretKey = errs.Invalid("EGRESS_SECRET_KEY", "Must be 32 bytes in base64.")

// ParseSecretKey decodes a secret key from base64, in either alphabet, with or without padding.
func ParseSecretKey(text string) ([]byte, error) {
	key := decodeKey(text)
	if key == nil {
		return nil, errSecretKey
	}
	return key, nil
}

// decodeKey returns nil if the text is not a key.
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
