package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

// PutChallenge adds a challenge, or replaces the one with its id.
func (s *challengeStore) PutChallenge(ctx context.Context, c *auth.FactorChallenge) error {
	_, err := s.writes.Collection(challengesCollection).ReplaceOne(ctx, withID(c.ID), stored.Challenge(*c), options.Replace().SetUpsert(true))
	if err != nil {
		return fmt.Errorf("store a challenge: %w", err)
	}
	return nil
}

// Challenge returns a challenge by id, expired or not, or auth.ErrNotFound.
func (s *challengeStore) Challenge(ctx context.Context, id string) (*auth.FactorChallenge, error) {
	d, err := findOne[stored.Challenge](ctx, s.reads.Collection(challengesCollection), withID(id))
	if err != nil {
		return nil, err
	}
	c := auth.FactorChallenge(*d)
	return &c, nil
}

// DeleteChallenge removes a challenge, if it exists.
func (s *challengeStore) DeleteChallenge(ctx context.Context, id string) error {
	if _, err := s.writes.Collection(challengesCollection).DeleteOne(ctx, withID(id)); err != nil {
		return fmt.Errorf("delete a challenge: %w", err)
	}
	return nil
}

// DeleteChallenges removes all challenges of an admin.
func (s *challengeStore) DeleteChallenges(ctx context.Context, adminID string) error {
	if _, err := s.writes.Collection(challengesCollection).DeleteMany(ctx, bson.D{{Key: "account", Value: adminID}}); err != nil {
		return fmt.Errorf("delete the challenges of an admin: %w", err)
	}
	return nil
}

// Claim claims an id and reports whether this call was the first: the insertion of a claim succeeds
// only once, on every engine. The claim lasts until expires, or forever if that is zero.
func (s *challengeStore) Claim(ctx context.Context, id string, expires time.Time) (bool, error) {
	_, err := s.writes.Collection(factorClaimsCollection).InsertOne(ctx, stored.NewFactorClaim(id, expires))
	if driver.IsDuplicateKeyError(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("insert a claim: %w", err)
	}
	return true, nil
}

// DeleteExpired removes the challenges and claims that have expired by now, and returns their
// number.
func (s *challengeStore) DeleteExpired(ctx context.Context, now time.Time) (n int64, err error) {
	for _, collection := range []string{challengesCollection, factorClaimsCollection} {
		r, err := s.writes.Collection(collection).DeleteMany(ctx, bson.D{{Key: "expires", Value: bson.D{{Key: "$lte", Value: now}}}})
		if err != nil {
			return n, fmt.Errorf("delete expired %s: %w", collection, err)
		}
		n += r.DeletedCount
	}
	return n, nil
}
