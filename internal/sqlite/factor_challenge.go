package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

var (
	challengesTable = table[stored.Challenge]{
		name: "factor_challenges", id: func(d *stored.Challenge) string { return d.ID },
		columns: []string{"account", "expires"}, values: func(d *stored.Challenge) []any { return []any{d.Account, d.Expires} },
	}
	factorClaimsTable = table[stored.FactorClaim]{
		name: "factor_claims", id: func(d *stored.FactorClaim) string { return d.ID },
		columns: []string{"expires"}, values: func(d *stored.FactorClaim) []any { return []any{timeOrNull(d.Expires)} },
	}
)

type challengeStore struct {
	challenges records[stored.Challenge]
	claims     records[stored.FactorClaim]
}

func newChallengeStore(db *DB) *challengeStore {
	return &challengeStore{
		records[stored.Challenge]{db.control, challengesTable, "a challenge"},
		records[stored.FactorClaim]{db.control, factorClaimsTable, "a claim"},
	}
}

// PutChallenge adds a challenge, or replaces the one with its id.
func (s *challengeStore) PutChallenge(ctx context.Context, c *auth.FactorChallenge) error {
	d := stored.Challenge(*c)
	return s.challenges.put(ctx, &d)
}

// Challenge returns a challenge by id, expired or not, or auth.ErrNotFound.
func (s *challengeStore) Challenge(ctx context.Context, id string) (*auth.FactorChallenge, error) {
	d, err := s.challenges.one(ctx, "WHERE id = ?", id)
	if err != nil {
		return nil, err
	}
	c := auth.FactorChallenge(*d)
	return &c, nil
}

// DeleteChallenge removes a challenge, if it exists.
func (s *challengeStore) DeleteChallenge(ctx context.Context, id string) error {
	_, err := s.challenges.remove(ctx, "WHERE id = ?", id)
	return err
}

// DeleteChallenges removes all challenges of an admin.
func (s *challengeStore) DeleteChallenges(ctx context.Context, adminID string) error {
	_, err := s.challenges.remove(ctx, "WHERE account = ?", adminID)
	return err
}

// Claim claims an id and reports whether this call was the first. The claim lasts until expires, or
// forever if that is zero.
func (s *challengeStore) Claim(ctx context.Context, id string, expires time.Time) (bool, error) {
	err := s.claims.insert(ctx, stored.NewFactorClaim(id, expires))
	if errors.Is(err, auth.ErrDuplicate) {
		return false, nil
	}
	return err == nil, err
}

// DeleteExpired removes the challenges and claims that have expired by now, and returns their
// number.
func (s *challengeStore) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	const expired = "WHERE expires <= ?"
	var n int
	err := s.challenges.control.write(ctx, func(c *conn) error {
		challenges, err := challengesTable.remove(c, expired, now)
		if err != nil {
			return err
		}
		claims, err := factorClaimsTable.remove(c, expired, now)
		n = challenges + claims
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("delete expired challenges and claims: %w", err)
	}
	return int64(n), nil
}
