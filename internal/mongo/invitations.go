package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/auth"
)

type invitationDocument struct {
	ID      string    `bson:"_id"`
	AdminID string    `bson:"admin_id"`
	Tenant  string    `bson:"tenant"`
	Expires time.Time `bson:"expires"`
}

// InsertInvitation adds an invitation.
func (s *Accounts) InsertInvitation(ctx context.Context, i *auth.Invitation) error {
	if _, err := s.writes.Collection(invitationsCollection).InsertOne(ctx, invitationDocument(*i)); err != nil {
		return fmt.Errorf("insert an invitation: %w", err)
	}
	return nil
}

// Invitation returns an invitation by id, expired or not, or auth.ErrNotFound.
func (s *Accounts) Invitation(ctx context.Context, id string) (*auth.Invitation, error) {
	d, err := findOne[invitationDocument](ctx, s.reads.Collection(invitationsCollection), bson.D{{Key: "_id", Value: id}})
	if err != nil {
		return nil, err
	}
	i := auth.Invitation(*d)
	return &i, nil
}

// DeleteInvitations removes an admin's invitations. That there is none is no error.
func (s *Accounts) DeleteInvitations(ctx context.Context, adminID string) error {
	if _, err := s.writes.Collection(invitationsCollection).DeleteMany(ctx, bson.D{{Key: "admin_id", Value: adminID}}); err != nil {
		return fmt.Errorf("delete invitations: %w", err)
	}
	return nil
}
