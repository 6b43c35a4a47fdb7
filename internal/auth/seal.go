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

// Sealer encrypts the secrets of key pairs for storage, with AES-256-GCM.
type Sealer struct{ aead cipher.AEAD }

// sealVersion begins what is sealed, for the day that another cipher takes over.
const sealVersion = 1

// NewSealer uses a key of 32 bytes. What is sealed here is sealed with a key that is derived from it, so that the same
// key may serve other purposes.
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
		return nil, fmt.Errorf("set a cipher up: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("set a cipher up: %w", err)
	}
	return &Sealer{aead}, nil
}

// Seal encrypts a secret. It can only be opened for the same owner: what is stored for one cannot be put in another's
// place.
func (s *Sealer) Seal(owner, secret string) []byte {
	return s.aead.Seal([]byte{sealVersion}, nil, []byte(secret), []byte(owner)) //nolint:gosec // it makes a random nonce, and takes none
}

var errSealed = errors.New("the stored secret cannot be opened: it was sealed with another EGRESS_SECRET_KEY, or changed")

// Open is the inverse of Seal.
func (s *Sealer) Open(owner string, sealed []byte) (string, error) {
	if len(sealed) == 0 || sealed[0] != sealVersion {
		return "", errSealed
	}
	secret, err := s.aead.Open(nil, nil, sealed[1:], []byte(owner))
	if err != nil {
		return "", errSealed
	}
	return string(secret), nil
}

// newSecret returns 256 random bits as text.
func newSecret() string { return newToken() }

// newAccessKey returns a name for a key pair that nobody can guess: 130 random bits.
func newAccessKey() string { return rand.Text() }
