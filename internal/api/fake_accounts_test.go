package api

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

// fakeInvitations are the invitations of fakeAuth, by id. The token of an invitation is "token-of-"
// and its id.
type fakeInvitations struct {
	pending map[string]auth.Invitation
	resets  map[string]string // token → id of the admin
}

var errFakeInvitation = errs.Errorf(errs.CodeNotFound, "This invitation is not valid any more.")

func (f *fakeAuth) Invite(_ context.Context, tenant, email string, role auth.Role, by string) (*auth.Invitation, string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := auth.Invitation{ID: "inv-" + localPart(email), Tenant: tenant, Email: email, Role: role, InvitedBy: by, Created: time.Now(), Expires: time.Now().Add(time.Hour)}
	if _, there := f.pending[i.ID]; there {
		return nil, "", &errs.Error{Code: errs.CodeExists, Field: "email", Message: "This address is already invited."}
	}
	if f.pending == nil {
		f.pending = map[string]auth.Invitation{}
	}
	f.pending[i.ID] = i
	return &i, "token-of-" + i.ID, nil
}

func (f *fakeAuth) Invitations(_ context.Context, tenant string) (list []auth.Invitation, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(f.pending)) {
		if f.pending[id].Tenant == tenant {
			list = append(list, f.pending[id])
		}
	}
	return list, nil
}

func (f *fakeAuth) invitation(tenant, id string) (*auth.Invitation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i, ok := f.pending[id]; ok && (tenant == "" || i.Tenant == tenant) {
		return &i, nil
	}
	return nil, errFakeInvitation
}

func (f *fakeAuth) RenewInvitation(_ context.Context, tenant, id string) (*auth.Invitation, string, error) {
	i, err := f.invitation(tenant, id)
	return i, "token-of-" + id, err
}

func (f *fakeAuth) WithdrawInvitation(_ context.Context, tenant, id string) (*auth.Invitation, error) {
	i, err := f.invitation(tenant, id)
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.pending, id)
	return i, err
}

func (f *fakeAuth) InvitationByToken(_ context.Context, token string) (*auth.Invitation, *auth.Tenant, error) {
	id, _ := strings.CutPrefix(token, "token-of-")
	i, err := f.invitation("", id)
	if err != nil {
		return nil, nil, err
	}
	n := slices.IndexFunc(allTenants, func(t auth.Tenant) bool { return t.ID == i.Tenant })
	return i, &allTenants[n], nil
}

func (f *fakeAuth) AcceptInvitation(ctx context.Context, token, name string, a auth.Attempt) (*auth.Admin, string, *auth.Session, error) {
	i, _, err := f.InvitationByToken(ctx, token)
	if err != nil {
		return nil, "", nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.pending, i.ID)
	admin := &auth.Admin{ID: i.ID, Email: i.Email, Name: name, Password: a.Password, Roles: map[string]auth.Role{i.Tenant: i.Role}}
	f.sessions[i.ID] = admin
	return admin, i.ID, &auth.Session{ID: i.ID, AdminID: i.ID, Created: time.Now()}, nil
}

func (f *fakeAuth) JoinTenant(ctx context.Context, token string, admin *auth.Admin) (auth.Membership, error) {
	i, tenant, err := f.InvitationByToken(ctx, token)
	if err != nil {
		return auth.Membership{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if i.Email != admin.Email {
		return auth.Membership{}, errs.Errorf(errs.CodeForbidden, "This invitation is for another email address.")
	}
	delete(f.pending, i.ID)
	for _, a := range f.sessions {
		if a.ID == admin.ID {
			a.Roles[i.Tenant] = i.Role
		}
	}
	return auth.Membership{Tenant: *tenant, Role: i.Role}, nil
}

func (f *fakeAuth) Accounts(_ context.Context, email string) (list []auth.Admin, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.sessions {
		if a.Email == email {
			list = append(list, *a)
		}
	}
	return list, nil
}

func (f *fakeAuth) Account(ctx context.Context, adminID string) (*auth.Admin, []auth.Membership, error) {
	f.mu.Lock()
	var admin *auth.Admin
	for _, a := range append(slices.Collect(maps.Values(f.sessions)), f.endedAdmins...) {
		if a.ID == adminID {
			admin = a
		}
	}
	f.mu.Unlock()
	if admin == nil {
		return nil, nil, nil
	}
	all, err := f.Memberships(ctx, admin)
	return admin, all, err
}

func (f *fakeAuth) SetName(_ context.Context, adminID, name string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.sessions {
		if a.ID == adminID {
			a.Name = name
		}
	}
	return name, nil
}

// ChangePassword accepts "right" as the current password. The token of the new session is "fresh".
func (f *fakeAuth) ChangePassword(ctx context.Context, id *auth.Identity, _ string, a auth.Attempt) (string, *auth.Session, []string, error) {
	if a.Password != "right" {
		return "", nil, nil, errs.Invalid("currentPassword", "The current password is wrong.")
	}
	ended, err := f.EndSessions(ctx, id.Admin.ID)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions["fresh"] = id.Admin
	return "fresh", &auth.Session{ID: "fresh", AdminID: id.Admin.ID, Created: time.Now()}, ended, err
}

// RequestReset returns the token "reset-of-" followed by the token of a session.
func (f *fakeAuth) RequestReset(_ context.Context, email, _ string) (links []auth.ResetLink, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resets = map[string]string{}
	for token, a := range f.sessions {
		if a.Email == email {
			f.resets["reset-of-"+token] = a.ID
			links = append(links, auth.ResetLink{Token: "reset-of-" + token, Admin: a})
		}
	}
	return links, nil
}

func (f *fakeAuth) CheckReset(ctx context.Context, token string) (*auth.Admin, error) {
	f.mu.Lock()
	id := f.resets[token]
	f.mu.Unlock()
	admin, _, _ := f.Account(ctx, id)
	if admin == nil {
		return nil, errs.Errorf(errs.CodeNotFound, "This link is not valid any more.")
	}
	return admin, nil
}

func (f *fakeAuth) ResetPassword(ctx context.Context, token, _ string) (*auth.Admin, []string, error) {
	admin, err := f.CheckReset(ctx, token)
	if err != nil {
		return nil, nil, err
	}
	ended, err := f.EndSessions(ctx, admin.ID)
	return admin, ended, err
}

func (f *fakeAuth) Sessions(_ context.Context, adminID string) (list []auth.Session, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, token := range slices.Sorted(maps.Keys(f.sessions)) {
		if f.sessions[token].ID == adminID {
			list = append(list, auth.Session{ID: token, PublicID: "public-" + token, AdminID: adminID, Address: "192.0.2.9"})
		}
	}
	return list, nil
}

func (f *fakeAuth) EndSession(_ context.Context, adminID, name string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	token, _ := strings.CutPrefix(name, "public-")
	if a := f.sessions[token]; a == nil || a.ID != adminID {
		return "", errs.Errorf(errs.CodeNotFound, "There is no session with this ID.")
	}
	delete(f.sessions, token)
	return token, nil
}

func (f *fakeAuth) EndSessions(_ context.Context, adminID string) (ids []string, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for token, a := range f.sessions {
		if a.ID == adminID {
			delete(f.sessions, token)
			ids = append(ids, token)
		}
	}
	return ids, nil
}

// fakeMail stores the e-mails that were sent.
type fakeMail struct {
	invitations []auth.InvitationMail
	resets      []auth.ResetMail
	err         error
}

func (f *fakeMail) SendInvitation(_ context.Context, m auth.InvitationMail) error {
	f.invitations = append(f.invitations, m)
	return f.err
}

func (f *fakeMail) SendReset(m auth.ResetMail) { f.resets = append(f.resets, m) }
