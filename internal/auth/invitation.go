package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/errs"

	"github.com/oklog/ulid/v2"
)

// InvitationLifetime is the lifetime of an invitation link.
const InvitationLifetime = 7 * 24 * time.Hour

// Invitation offers a role in a tenant to the owner of an e-mail address. The admin gets the role
// by accepting the invitation. The token is never stored.
type Invitation struct {
	ID        string // ULID; identifies the invitation in lists; not a credential
	TokenHash string // SHA-256 of the token, in hex
	Tenant    string
	Role      Role
	Email     string // lower-case; personal data
	InvitedBy string // id of an admin
	Created   time.Time
	Expires   time.Time
}

// Expired reports whether the link has expired.
func (i *Invitation) Expired(now time.Time) bool { return !now.Before(i.Expires) }

// InvitationMail is the content of an invitation e-mail.
type InvitationMail struct {
	Invitation *Invitation
	Tenant     Tenant
	InvitedBy  string // e-mail address
	Link       string
}

var (
	errAlreadyMember     = &errs.Error{Code: errs.CodeExists, Field: "email", Message: "A member of this tenant has this address."}
	errAlreadyInvited    = &errs.Error{Code: errs.CodeExists, Field: "email", Message: "This address is already invited. Send the invitation again, or withdraw it first."}
	errInvalidInvitation = errs.Errorf(errs.CodeNotFound, "This invitation is no longer valid: it was used, withdrawn or replaced, or it has expired. Ask for a new one.")
	// errUnknownInvitation is for owners, who can see the list of invitations.
	errUnknownInvitation = errs.Errorf(errs.CodeNotFound, "This tenant has no invitation with this ID.")
)

// invitations creates, finds and withdraws invitations.
type invitations struct {
	*directory

	store Store
	now   func() time.Time
}

// Invite creates an invitation and returns it with its token. Neither the result nor the duration
// depends on whether the e-mail address has an account. CodeExists if the address belongs to a
// member of the tenant or is already invited.
func (s *invitations) Invite(ctx context.Context, tenant, email string, role Role, by string) (i *Invitation, token string, err error) {
	if email, err = ParseEmail("email", email); err != nil {
		return nil, "", err
	}
	members, err := s.Members(ctx, tenant)
	if err != nil {
		return nil, "", err
	}
	for _, m := range members {
		if m.Email == email {
			return nil, "", errAlreadyMember
		}
	}
	now := s.now()
	token = newToken()
	i = &Invitation{
		ID: ulid.Make().String(), TokenHash: SessionID(token), Tenant: tenant, Role: role, Email: email, InvitedBy: by,
		Created: now, Expires: now.Add(InvitationLifetime),
	}
	err = s.store.InsertInvitation(ctx, i)
	if errors.Is(err, ErrDuplicate) {
		return nil, "", errAlreadyInvited
	}
	if err != nil {
		return nil, "", fmt.Errorf("store an invitation: %w", err)
	}
	return i, token, nil
}

// Invitations returns the open invitations of a tenant, newest first. It includes expired ones.
func (s *invitations) Invitations(ctx context.Context, tenant string) ([]Invitation, error) {
	list, err := s.store.Invitations(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return list, nil
}

// RenewInvitation creates a new token for an invitation of a tenant; the old token becomes invalid.
// CodeNotFound if the tenant has no such invitation.
func (s *invitations) RenewInvitation(ctx context.Context, tenant, id string) (i *Invitation, token string, err error) {
	if i, err = s.invitationOf(ctx, tenant, id); err != nil {
		return nil, "", err
	}
	token = newToken()
	i.TokenHash, i.Expires = SessionID(token), s.now().Add(InvitationLifetime)
	err = s.store.RenewInvitation(ctx, id, i.TokenHash, i.Expires)
	if errors.Is(err, ErrNotFound) {
		return nil, "", errUnknownInvitation
	}
	if err != nil {
		return nil, "", fmt.Errorf("renew an invitation: %w", err)
	}
	return i, token, nil
}

// WithdrawInvitation deletes an invitation of a tenant and returns it. CodeNotFound if the tenant
// has no such invitation.
func (s *invitations) WithdrawInvitation(ctx context.Context, tenant, id string) (*Invitation, error) {
	i, err := s.invitationOf(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	if err := s.store.DeleteInvitation(ctx, id); err != nil {
		return nil, fmt.Errorf("withdraw an invitation: %w", err)
	}
	return i, nil
}

func (s *invitations) invitationOf(ctx context.Context, tenant, id string) (*Invitation, error) {
	i, err := s.store.Invitation(ctx, id)
	if errors.Is(err, ErrNotFound) || err == nil && i.Tenant != tenant {
		return nil, errUnknownInvitation
	}
	if err != nil {
		return nil, fmt.Errorf("find an invitation: %w", err)
	}
	return i, nil
}

// InvitationByToken returns the invitation of a token, and its tenant. CodeNotFound if the token is
// invalid or expired.
func (s *invitations) InvitationByToken(ctx context.Context, token string) (*Invitation, *Tenant, error) {
	i, err := s.store.InvitationByToken(ctx, SessionID(token))
	if errors.Is(err, ErrNotFound) || err == nil && i.Expired(s.now()) {
		return nil, nil, errInvalidInvitation
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find an invitation: %w", err)
	}
	tenant, err := s.store.Tenant(ctx, i.Tenant)
	if errors.Is(err, ErrNotFound) {
		return nil, nil, errInvalidInvitation
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find the tenant of an invitation: %w", err)
	}
	return i, tenant, nil
}
