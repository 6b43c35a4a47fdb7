package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/egress-io/egress/internal/errs"
)

var (
	errOtherEmail = errs.Errorf(errs.CodeForbidden, "This invitation is for another email address. Log in with that address, or ask for an invitation to yours.")
	errLogInFirst = errs.Errorf(errs.CodeExists, "An account with this email address and password has a second factor. Log in to it, then accept the invitation.")
)

// AcceptInvitation accepts an invitation with a password and begins a session. a holds the
// password, IP address and User-Agent of the person who accepts; a.Email is ignored.
//
// A new password creates an account that belongs to the invitation's tenant only: the person who
// created other accounts with the same e-mail address does not control it. The password of an
// existing account with that e-mail address logs in to that account, within the limits of
// log-ins, and adds it to the tenant. CodeExists if that account also has a second factor.
func (s *Service) AcceptInvitation(ctx context.Context, token, name string, a Attempt) (admin *Admin, sessionToken string, session *Session, err error) {
	if name, err = CleanName("name", name); err != nil {
		return nil, "", nil, err
	}
	i, tenant, err := s.InvitationByToken(ctx, token)
	if err != nil {
		return nil, "", nil, err
	}
	if err := CheckPassword("password", a.Password, i.Email, name, tenant.Name); err != nil {
		return nil, "", nil, err
	}
	a.Email = i.Email
	admin, err = s.checkCredentials(ctx, a) // takes as long if the e-mail address has no account
	switch {
	case err == nil:
		err = s.joinWithPassword(ctx, i, admin)
	case errs.CodeOf(err) == errs.CodeUnauthenticated:
		admin, err = s.newAccount(ctx, token, i, name, a.Password)
	}
	if err != nil {
		return nil, "", nil, err
	}
	sessionToken, session, err = s.startSession(ctx, admin, a, false)
	return admin, sessionToken, session, err
}

func (s *Service) joinWithPassword(ctx context.Context, i *Invitation, admin *Admin) error {
	has, err := s.hasSecondFactor(ctx, admin.ID)
	if err != nil {
		return err
	}
	if has {
		return errLogInFirst
	}
	return s.join(ctx, i, admin)
}

// newAccount creates the account of an invitation. It reuses the invitation's id, so that an
// invitation creates at most one account.
func (s *Service) newAccount(ctx context.Context, token string, i *Invitation, name, password string) (*Admin, error) {
	if name == "" {
		name, _, _ = strings.Cut(i.Email, "@")
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	admin := &Admin{
		ID: i.ID, Email: i.Email, Name: name, Password: hash, Roles: map[string]Role{i.Tenant: i.Role}, Created: s.now(),
	}
	if err := s.claimInvitation(ctx, i, admin.ID); err != nil {
		return nil, err
	}
	// Hashing takes a while. The invitation may have been withdrawn in the meantime.
	if _, _, err := s.InvitationByToken(ctx, token); err != nil {
		return nil, err
	}
	err = s.store.InsertAdmin(ctx, admin)
	if errors.Is(err, ErrDuplicate) {
		return nil, errInvalidInvitation
	}
	if err != nil {
		return nil, fmt.Errorf("create an account: %w", err)
	}
	s.deleteAccepted(ctx, i)
	return admin, nil
}

// JoinTenant accepts an invitation with the account of a session: it gives the account the role and
// returns the membership. CodeForbidden if the invitation is for another e-mail address.
func (s *Service) JoinTenant(ctx context.Context, token string, admin *Admin) (Membership, error) {
	i, tenant, err := s.InvitationByToken(ctx, token)
	if err != nil {
		return Membership{}, err
	}
	if i.Email != admin.Email {
		return Membership{}, errOtherEmail
	}
	if err := s.join(ctx, i, admin); err != nil {
		return Membership{}, err
	}
	return Membership{*tenant, admin.Role(i.Tenant)}, nil
}

func (s *Service) join(ctx context.Context, i *Invitation, admin *Admin) error {
	if admin.Roles[i.Tenant].Valid() {
		return errAlreadyMember
	}
	if err := s.claimInvitation(ctx, i, admin.ID); err != nil {
		return err
	}
	if err := s.store.SetRole(ctx, admin.ID, i.Tenant, i.Role); err != nil {
		return fmt.Errorf("set the role of an invitation: %w", err)
	}
	if admin.Roles == nil {
		admin.Roles = map[string]Role{}
	}
	admin.Roles[i.Tenant] = i.Role
	s.deleteAccepted(ctx, i)
	return nil
}

// claimInvitation reserves an invitation for an account. The same account may claim it again after
// a failure.
func (s *Service) claimInvitation(ctx context.Context, i *Invitation, adminID string) error {
	won, err := s.store.ClaimInvitation(ctx, i.ID, adminID, s.now())
	if err != nil {
		return fmt.Errorf("claim an invitation: %w", err)
	}
	if !won {
		return errInvalidInvitation
	}
	return nil
}

// deleteAccepted deletes an accepted invitation. If that fails, the claim still prevents a second
// use.
func (s *Service) deleteAccepted(ctx context.Context, i *Invitation) {
	if err := s.store.DeleteInvitation(ctx, i.ID); err != nil {
		s.logger.WarnContext(ctx, "cannot delete an accepted invitation; it cannot be used again", "invitation", i.ID, "error", err)
	}
}
