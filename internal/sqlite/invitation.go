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
	invitationsTable = table[stored.Invitation]{
		name: "invitations", id: func(d *stored.Invitation) string { return d.ID },
		columns: []string{"key", "token_hash", "tenant"},
		values:  func(d *stored.Invitation) []any { return []any{orNull(d.Key), d.TokenHash, d.Tenant} },
	}
	invitationClaimsTable = table[stored.InvitationClaim]{
		name: "claims", id: func(d *stored.InvitationClaim) string { return d.ID },
	}
)

type invitationStore struct{ invitations records[stored.Invitation] }

func newInvitationStore(db *DB) *invitationStore {
	return &invitationStore{records[stored.Invitation]{db.control, invitationsTable, "an invitation"}}
}

// InsertInvitation adds an invitation. It returns auth.ErrDuplicate if the tenant has one for the
// address.
func (s *invitationStore) InsertInvitation(ctx context.Context, i *auth.Invitation) error {
	return s.invitations.insert(ctx, stored.NewInvitation(i))
}

// Invitations returns the invitations of a tenant, expired ones included, newest first.
func (s *invitationStore) Invitations(ctx context.Context, tenant string) ([]auth.Invitation, error) {
	docs, err := s.invitations.list(ctx, "WHERE tenant = ? ORDER BY id DESC", tenant)
	if err != nil {
		return nil, err
	}
	return convertAll(docs, (*stored.Invitation).Invitation), nil
}

// Invitation returns an invitation by id, expired or not, or auth.ErrNotFound.
func (s *invitationStore) Invitation(ctx context.Context, id string) (*auth.Invitation, error) {
	return s.invitation(ctx, "WHERE id = ?", id)
}

// InvitationByToken returns an invitation by the hash of its token, expired or not, or
// auth.ErrNotFound.
func (s *invitationStore) InvitationByToken(ctx context.Context, hash string) (*auth.Invitation, error) {
	return s.invitation(ctx, "WHERE token_hash = ?", hash)
}

func (s *invitationStore) invitation(ctx context.Context, clauses, value string) (*auth.Invitation, error) {
	d, err := s.invitations.one(ctx, clauses, value)
	if err != nil {
		return nil, err
	}
	i := d.Invitation()
	return &i, nil
}

// RenewInvitation replaces the token hash and the expiry. It returns auth.ErrNotFound if the
// invitation does not exist.
func (s *invitationStore) RenewInvitation(ctx context.Context, id, hash string, expires time.Time) error {
	return s.invitations.change(ctx, id, func(d *stored.Invitation) bool {
		d.TokenHash, d.Expires = hash, expires
		return true
	})
}

// DeleteInvitation removes an invitation, if it exists.
func (s *invitationStore) DeleteInvitation(ctx context.Context, id string) error {
	_, err := s.invitations.remove(ctx, "WHERE id = ?", id)
	return err
}

// ClaimInvitation implements auth.Store.
func (s *invitationStore) ClaimInvitation(ctx context.Context, id, adminID string, at time.Time) (won bool, err error) {
	claim := &stored.InvitationClaim{ID: stored.InvitationClaimID(id), By: adminID, At: at}
	err = s.invitations.control.write(ctx, func(c *conn) error {
		first, err := invitationClaimsTable.get(c, claim.ID)
		if errors.Is(err, errNone) {
			first, err = claim, invitationClaimsTable.insert(c, claim)
		}
		if err != nil {
			return err
		}
		won = first.By == adminID
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("claim an invitation: %w", err)
	}
	return won, nil
}
