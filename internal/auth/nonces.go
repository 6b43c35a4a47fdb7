package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Nonces stores the nonces that were used on any server. A server that starts must know those that
// were used before.
type Nonces interface {
	// Use stores a nonce of a key pair for the duration keep, and reports whether it is new. Only the
	// first of several calls gets true.
	Use(ctx context.Context, accessKey, nonce string, keep time.Duration) (fresh bool, err error)
}

// NonceHash returns the hash that stands for a nonce of a key pair where nonces are stored. An
// access key contains no colon, so two key pairs never share a hash.
func NonceHash(accessKey, nonce string) string {
	sum := sha256.Sum256([]byte(accessKey + ":" + nonce))
	return hex.EncodeToString(sum[:])
}

// StoredNonces stores nonces as claims in the database, so they survive the process.
type StoredNonces struct{ claims ClaimStore }

var _ Nonces = StoredNonces{}

// NewStoredNonces returns the nonces of a database.
func NewStoredNonces(claims ClaimStore) StoredNonces { return StoredNonces{claims} }

// Use implements Nonces. After an error the nonce may be stored.
func (n StoredNonces) Use(ctx context.Context, accessKey, nonce string, keep time.Duration) (fresh bool, err error) {
	fresh, err = n.claims.Claim(ctx, "nonce:"+NonceHash(accessKey, nonce), time.Now().Add(keep))
	if err != nil {
		return false, fmt.Errorf("store a nonce: %w", err)
	}
	return fresh, nil
}
