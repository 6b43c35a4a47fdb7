package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// Sealer encrypts secrets of key pairs and authenticator apps for storage, with AES-256-GCM.
type Sealer struct{ aead cipher.AEAD }

// sealVersion is the first byte of a sealed secret. It identifies the cipher.
const sealVersion = 1

// NewSealer returns a Sealer with a key derived from the 32-byte key. So the same key can serve
// other purposes.
func NewSealer(key []byte) (*Sealer, error) {
	const keyBytes = 32
	if len(key) != keyBytes {
		return nil, fmt.Errorf("the secret key has %d bytes, not %d", len(key), keyBytes)
	}
	derived, err := hkdf.Key(sha256.New, key, nil, "egress: secrets of key pairs", keyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("set up a cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("set up a cipher: %w", err)
	}
	return &Sealer{aead}, nil
}

// Seal encrypts a secret for an owner. Open fails for any other owner: a sealed secret cannot be
// moved to another record.
func (s *Sealer) Seal(owner, secret string) []byte {
	return s.aead.Seal([]byte{sealVersion}, nil, []byte(secret), []byte(owner)) //nolint:gosec // this AEAD generates a random nonce
}

var errCannotDecrypt = errors.New("cannot decrypt a stored secret: it was encrypted with another EGRESS_SECRET_KEY, or was changed")

// Open decrypts a sealed secret.
func (s *Sealer) Open(owner string, sealed []byte) (string, error) {
	if len(sealed) == 0 || sealed[0] != sealVersion {
		return "", errCannotDecrypt
	}
	secret, err := s.aead.Open(nil, nil, sealed[1:], []byte(owner))
	if err != nil {
		return "", errCannotDecrypt
	}
	return string(secret), nil
}

// newSecret returns 256 random bits as text.
func newSecret() string { return newToken() }

// newAccessKey returns a random access key of 130 bits.
func newAccessKey() string { return rand.Text() }
