package auth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ResetAccountOptions selects what ResetAccount removes in addition to sessions and key pairs.
type ResetAccountOptions struct {
	Factors      *Factors // if not nil, removes the second factors with it
	KeepKeyPairs bool     // do not revoke key pairs
}

// ResetResult holds the numbers of ended sessions and revoked key pairs.
type ResetResult struct{ Sessions, KeyPairs int }

// OperatorStore is the storage that ResetAccount needs.
type OperatorStore interface {
	Store
	KeyStore
}

// ResetAccount sets a new password for an account, ends its sessions and revokes its key pairs.
// Running servers apply the change to requests within seconds, and to open sockets and streams
// within 30 seconds. After an error, done holds what was already ended.
func ResetAccount(ctx context.Context, store OperatorStore, admin *Admin, password string, r ResetAccountOptions) (done ResetResult, err error) {
	hash, err := HashPassword(password)
	if err != nil {
		return done, err
	}
	now := time.Now()
	if err := store.SetPassword(ctx, admin.ID, admin.Password, hash, now); err != nil {
		return done, fmt.Errorf("reset a password: %w", err)
	}
	if err := store.DeleteResets(ctx, admin.ID, now); err != nil {
		return done, err
	}
	if r.Factors != nil {
		if err := r.Factors.Reset(ctx, admin.ID); err != nil {
			return done, err
		}
	}
	sessions, err := store.SessionsOf(ctx, admin.ID)
	if err != nil {
		return done, fmt.Errorf("list sessions: %w", err)
	}
	for i := range sessions {
		if err := store.DeleteSession(ctx, sessions[i].ID); err != nil {
			return done, fmt.Errorf("end a session: %w", err)
		}
		done.Sessions++
	}
	if r.KeepKeyPairs {
		return done, nil
	}
	pairs, err := store.KeyPairs(ctx, "", admin.ID)
	if err != nil {
		return done, fmt.Errorf("list key pairs: %w", err)
	}
	for i := range pairs {
		if err := store.RevokeKeyPair(ctx, pairs[i].Tenant, pairs[i].AccessKey, now); err != nil && !errors.Is(err, ErrNotFound) {
			return done, fmt.Errorf("revoke a key pair: %w", err)
		}
		done.KeyPairs++
	}
	return done, nil
}
