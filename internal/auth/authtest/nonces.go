package authtest

import (
	"context"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

// keepsNonces uses nonces in a store that deletes expired claims.
func keepsNonces(t *testing.T, ctx context.Context, s Store) {
	use := func(accessKey, nonce string) bool {
		t.Helper()
		// A new value for each call, as after a restart of the server.
		fresh, err := auth.NewStoredNonces(s).Use(ctx, accessKey, nonce, time.Hour)
		must(t, err)
		return fresh
	}
	deleteExpired := func(now time.Time) {
		t.Helper()
		_, err := s.DeleteExpired(ctx, now)
		must(t, err)
	}
	if !use("A", "1") || !use("A", "2") || !use("B", "1") {
		t.Error("a fresh nonce was refused")
	}
	deleteExpired(time.Now().Add(50 * time.Minute))
	if use("A", "1") {
		t.Error("a nonce was accepted twice")
	}
	deleteExpired(time.Now().Add(2 * time.Hour))
	if !use("A", "1") {
		t.Error("a nonce is kept for longer than asked")
	}
	raceForOne(t, func(int) (bool, error) { return auth.NewStoredNonces(s).Use(ctx, "A", "race", time.Hour) })
}
