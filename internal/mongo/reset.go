package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

// InsertReset adds a password reset.
func (s *resetStore) InsertReset(ctx context.Context, r *auth.Reset) error {
	if _, err := s.writes.Collection(resetsCollection).InsertOne(ctx, stored.Reset(*r)); err != nil {
		return fmt.Errorf("insert a password reset: %w", err)
	}
	return nil
}

// Reset returns a password reset by the hash of its token, expired or not, or auth.ErrNotFound.
func (s *resetStore) Reset(ctx context.Context, hash string) (*auth.Reset, error) {
	d, err := findOne[stored.Reset](ctx, s.reads.Collection(resetsCollection), bson.D{{Key: "_id", Value: hash}})
	if err != nil {
		return nil, err
	}
	r := auth.Reset(*d)
	return &r, nil
}

// DeleteResets removes the password resets of an admin, and all resets that have expired by now.
func (s *resetStore) DeleteResets(ctx context.Context, adminID string, now time.Time) error {
	_, err := s.writes.Collection(resetsCollection).DeleteMany(ctx, bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "admin_id", Value: adminID}},
		bson.D{{Key: "expires", Value: bson.D{{Key: "$lte", Value: now}}}},
	}}})
	if err != nil {
		return fmt.Errorf("delete password resets: %w", err)
	}
	return nil
}
