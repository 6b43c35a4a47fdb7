package auth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/export"
)

// InvitationLimit is how long an invitation is good.
const InvitationLimit = 7 * 24 * time.Hour

// Invitation lets somebody who has no password yet choose one. The token that proves it is never stored.
type Invitation struct {
	ID      string // SHA-256 of the token, in hex
	AdminID string
	Tenant  string // where it was made
	Expires time.Time
}

// Members returns the admins who have a role in a tenant, by e-mail address.
func (s *Service) Members(ctx context.Context, tenant string) ([]Admin, error) {
	list, err := s.store.AdminsIn(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("list admins: %w", err)
	}
	slices.SortFunc(list, func(a, b Admin) int { return strings.Compare(a.Email, b.Email) })
	return list, nil
}

// Invite gives somebody a role in a tenant, and returns them with it. The token is that of an invitation to choose a password,
// for those who have none; "" for an admin who can sign in already. CodeExists where they have a role there.
func (s *Service) Invite(ctx context.Context, tenant, email string, role Role) (admin *Admin, token string, err error) {
	email = NormalizeEmail(email)
	name, domain, ok := strings.Cut(email, "@")
	if !ok || name == "" || domain == "" || strings.ContainsAny(email, " \t\r\n") {
		return nil, "", export.Invalid("email", "must be an e-mail address")
	}
	admin, err = s.store.AdminByEmail(ctx, email)
	switch {
	case errors.Is(err, ErrNotFound):
		admin = &Admin{ID: ulid.Make().String(), Email: email, Name: name, Roles: map[string]Role{tenant: role}, Created: s.now()}
		err = s.store.InsertAdmin(ctx, admin)
		if errors.Is(err, ErrDuplicate) {
			return nil, "", errMember // somebody else invites them at the same moment
		}
	case err == nil && admin.Role(tenant).Valid():
		return nil, "", errMember
	case err == nil:
		admin.Roles = maps.Clone(admin.Roles)
		if admin.Roles == nil {
			admin.Roles = map[string]Role{}
		}
		admin.Roles[tenant] = role
		err = s.store.SetRole(ctx, admin.ID, tenant, role)
	}
	if err != nil {
		return nil, "", fmt.Errorf("invite an admin: %w", err)
	}
	if admin.Password != "" {
		return admin, "", nil
	}
	token, err = s.invitation(ctx, admin.ID, tenant)
	return admin, token, err
}

var errMember = &export.Error{Code: export.CodeExists, Field: "email", Message: "This admin has a role in this tenant already."}

// Reinvite makes a fresh invitation for an admin of a tenant who has not chosen a password yet; those from before are good no
// more. Whoever has a password is not invited: it is theirs in other tenants too.
func (s *Service) Reinvite(ctx context.Context, tenant, adminID string) (admin *Admin, token string, err error) {
	if admin, err = s.Member(ctx, tenant, adminID); err != nil {
		return nil, "", err
	}
	if admin.Password != "" {
		return nil, "", export.Errorf(export.CodeExists, "This admin has a password already, and needs no invitation.")
	}
	token, err = s.invitation(ctx, adminID, tenant)
	return admin, token, err
}

func (s *Service) invitation(ctx context.Context, adminID, tenant string) (token string, err error) {
	if err := s.store.DeleteInvitations(ctx, adminID); err != nil {
		return "", fmt.Errorf("end invitations: %w", err)
	}
	token = newToken()
	i := Invitation{ID: SessionID(token), AdminID: adminID, Tenant: tenant, Expires: s.now().Add(InvitationLimit)}
	if err := s.store.InsertInvitation(ctx, &i); err != nil {
		return "", fmt.Errorf("keep an invitation: %w", err)
	}
	return token, nil
}

// Member returns an admin who has a role in a tenant, or CodeNotFound.
func (s *Service) Member(ctx context.Context, tenant, adminID string) (*Admin, error) {
	admin, err := s.store.Admin(ctx, adminID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("find an admin: %w", err)
	}
	if err != nil || !admin.Role(tenant).Valid() {
		return nil, export.Errorf(export.CodeNotFound, "There is no admin with this id in this tenant.")
	}
	return admin, nil
}

// SetRole changes an admin's role in a tenant, or takes it away where role is "". What they hold goes with it: key pairs,
// sockets and streams. The last owner stays one; and who has a role in every tenant got it from the operator, and keeps it.
func (s *Service) SetRole(ctx context.Context, tenant, adminID string, role Role) (before *Admin, err error) {
	before, err = s.Member(ctx, tenant, adminID)
	if err != nil {
		return nil, err
	}
	if before.Everywhere.Valid() && !role.Includes(before.Everywhere) {
		return nil, export.Errorf(export.CodeForbidden, "This admin has the role %q in every tenant, which only the operator of Egress can change.", before.Everywhere)
	}
	if err := s.store.SetRole(ctx, adminID, tenant, role); err != nil {
		return nil, fmt.Errorf("change a role: %w", err)
	}
	// Looked at when it is done: of two owners who make each other less at the same moment, one at least finds none left.
	left, err := s.owned(ctx, tenant)
	if err == nil && left {
		return before, nil
	}
	if back := s.store.SetRole(ctx, adminID, tenant, before.Roles[tenant]); back != nil {
		return nil, fmt.Errorf("give a role back: %w", errors.Join(err, back))
	}
	if err != nil {
		return nil, err
	}
	return nil, export.Errorf(export.CodeExists, "A tenant needs an owner: make somebody else one first.")
}

// owned reports whether a tenant has an owner who can sign in.
func (s *Service) owned(ctx context.Context, tenant string) (bool, error) {
	list, err := s.store.AdminsIn(ctx, tenant)
	if err != nil {
		return false, fmt.Errorf("look for an owner: %w", err)
	}
	return slices.ContainsFunc(list, func(a Admin) bool { return a.Role(tenant) == Owner && a.Password != "" }), nil
}

var errInvitation = export.Errorf(export.CodeNotFound, "This invitation is not good any more. Ask for a new one.")

// Invited returns whom a token invites, and to which tenant; CodeNotFound for a token that proves nothing.
func (s *Service) Invited(ctx context.Context, token string) (*Admin, *Tenant, error) {
	i, err := s.store.Invitation(ctx, SessionID(token))
	if errors.Is(err, ErrNotFound) || err == nil && !s.now().Before(i.Expires) {
		return nil, nil, errInvitation
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find an invitation: %w", err)
	}
	admin, err := s.store.Admin(ctx, i.AdminID)
	if errors.Is(err, ErrNotFound) || err == nil && (admin.Password != "" || !admin.Role(i.Tenant).Valid()) {
		return nil, nil, errInvitation
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find who is invited: %w", err)
	}
	tenant, err := s.store.Tenant(ctx, i.Tenant)
	if errors.Is(err, ErrNotFound) {
		return nil, nil, errInvitation
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find the tenant of an invitation: %w", err)
	}
	return admin, tenant, nil
}

// Accept gives who is invited a name and a password, returns them with these, and signs them in. The invitation is good once.
func (s *Service) Accept(ctx context.Context, token, name, password string) (admin *Admin, sessionToken string, session *Session, err error) {
	admin, _, err = s.Invited(ctx, token)
	if err != nil {
		return nil, "", nil, err
	}
	release, err := s.passwords.acquire(ctx) // hashing costs as much as checking
	if err != nil {
		return nil, "", nil, err
	}
	defer release()
	hash, err := HashPassword(password)
	if err != nil {
		return nil, "", nil, err
	}
	if name = strings.TrimSpace(name); name == "" {
		name = admin.Name
	}
	err = s.store.SetFirstPassword(ctx, admin.ID, name, hash)
	if errors.Is(err, ErrNotFound) {
		return nil, "", nil, errInvitation
	}
	if err != nil {
		return nil, "", nil, fmt.Errorf("keep a password: %w", err)
	}
	admin.Name, admin.Password = name, hash
	if err := s.store.DeleteInvitations(ctx, admin.ID); err != nil { // it does nothing any more
		s.logger.WarnContext(ctx, "an invitation is not deleted yet", "error", err)
	}
	sessionToken, session, err = s.begin(ctx, admin)
	return admin, sessionToken, session, err
}
