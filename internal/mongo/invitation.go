package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

// InsertInvitation adds an invitation. It returns auth.ErrDuplicate if the tenant has one for the
// address.
func (s *invitationStore) InsertInvitation(ctx context.Context, i *auth.Invitation) error {
	_, err := s.writes.Collection(invitationsCollection).InsertOne(ctx, stored.NewInvitation(i))
	if driver.IsDuplicateKeyError(err) {
		return auth.ErrDuplicate
	}
	if err != nil {
		return fmt.Errorf("insert an invitation: %w", err)
	}
	return nil
}

// Invitations returns the invitations of a tenant, expired ones included, newest first.
func (s *invitationStore) Invitations(ctx context.Context, tenant string) ([]auth.Invitation, error) {
	cursor, err := s.reads.Collection(invitationsCollection).Find(ctx, bson.D{{Key: "tenant", Value: tenant}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}))
	if err != nil {
		return nil, fmt.Errorf("find invitations: %w", err)
	}
	var docs []stored.Invitation
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, fmt.Errorf("read invitations: %w", err)
	}
	list := make([]auth.Invitation, len(docs))
	for i := range docs {
		list[i] = docs[i].Invitation()
	}
	return list, nil
}

// Invitation returns an invitation by id, expired or not, or auth.ErrNotFound.
func (s *invitationStore) Invitation(ctx context.Context, id string) (*auth.Invitation, error) {
	return s.invitation(ctx, bson.D{{Key: "_id", Value: id}})
}

// InvitationByToken returns an invitation by the hash of its token, expired or not, or
// auth.ErrNotFound.
func (s *invitationStore) InvitationByToken(ctx context.Context, hash string) (*auth.Invitation, error) {
	return s.invitation(ctx, bson.D{{Key: "token_hash", Value: hash}})
}

func (s *invitationStore) invitation(ctx context.Context, match bson.D) (*auth.Invitation, error) {
	d, err := findOne[stored.Invitation](ctx, s.reads.Collection(invitationsCollection), match)
	if err != nil {
		return nil, err
	}
	i := d.Invitation()
	return &i, nil
}

// RenewInvitation replaces the token hash and the expiry. It returns auth.ErrNotFound if the
// invitation does not exist.
func (s *invitationStore) RenewInvitation(ctx context.Context, id, hash string, expires time.Time) error {
	r, err := s.writes.Collection(invitationsCollection).UpdateOne(ctx, bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "token_hash", Value: hash}, {Key: "expires", Value: expires}}}})
	if err != nil {
		return fmt.Errorf("renew an invitation: %w", err)
	}
	if r.MatchedCount == 0 {
		return auth.ErrNotFound
	}
	return nil
}

// DeleteInvitation removes an invitation, if it exists.
func (s *invitationStore) DeleteInvitation(ctx context.Context, id string) error {
	if _, err := s.writes.Collection(invitationsCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: id}}); err != nil {
		return fmt.Errorf("delete an invitation: %w", err)
	}
	return nil
}

// ClaimInvitation implements auth.Store. The insertion of a claim succeeds only once, on every
// engine.
func (s *invitationStore) ClaimInvitation(ctx context.Context, id, adminID string, at time.Time) (bool, error) {
	claimID := stored.InvitationClaimID(id)
	_, err := s.writes.Collection(claimsCollection).InsertOne(ctx, stored.InvitationClaim{ID: claimID, By: adminID, At: at})
	if err == nil {
		return true, nil
	}
	if !driver.IsDuplicateKeyError(err) {
		return false, fmt.Errorf("claim an invitation: %w", err)
	}
	// Not from the read client: the claim may be the same admin's, made just now by a request that
	// was cut off.
	d, err := findOne[stored.InvitationClaim](ctx, s.writes.Collection(claimsCollection), bson.D{{Key: "_id", Value: claimID}})
	if errors.Is(err, auth.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return d.By == adminID, nil
}
