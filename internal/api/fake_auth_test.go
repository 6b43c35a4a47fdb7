package api

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

var errDown = errors.New("the database at 10.0.0.7 does not answer")

// fakeAuth has sessions by token, and the tenants meridian and orion.
type fakeAuth struct {
	mu               sync.Mutex
	sessions         map[string]*auth.Admin // by token, which is also the session's id
	login            func(email, password, address string) (string, error)
	attempt          func(context.Context, auth.Attempt) error // checks further fields of a log-in, if set
	down             bool
	authenticating   func(token string)       // called by Authenticate, if set
	endedAdmins      []*auth.Admin            // admins whose session has ended
	logoutErr        error                    // returned by Logout
	retention        map[string]time.Duration // retention by tenant
	legacySignatures map[string]bool          // tenants that allow legacy signatures
	refusedZephr     map[string]bool          // tenants that refuse Zephr's signatures
	stores           map[string]string        // default user stores by tenant

	fakeConfirmations
	fakeInvitations
}

var allTenants = []auth.Tenant{{ID: "meridian", Name: "Meridian Press"}, {ID: "orion", Name: "Orion"}}

func (f *fakeAuth) Login(ctx context.Context, a auth.Attempt) (string, *auth.Session, error) {
	if f.attempt != nil {
		if err := f.attempt(ctx, a); err != nil {
			return "", nil, err
		}
	}
	token, err := f.login(a.Email, a.Password, a.Address)
	f.mu.Lock()
	defer f.mu.Unlock()
	session := &auth.Session{ID: token, AdminID: "01stranger", Created: time.Now()}
	if admin := f.sessions[token]; admin != nil {
		session.AdminID = admin.ID
	}
	return token, session, err
}

// Device returns the session's name for a new device, and the current value for a known one.
func (f *fakeAuth) Device(_ context.Context, session *auth.Session, has string) (string, error) {
	if f.down {
		return "", errDown
	}
	if has != "" {
		return has, nil
	}
	return "device-of-" + session.ID, nil
}

func (f *fakeAuth) Logout(_ context.Context, token string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.logoutErr == nil || errors.Is(f.logoutErr, auth.ErrEndPending) {
		if a := f.sessions[token]; a != nil {
			f.endedAdmins = append(f.endedAdmins, a)
		}
		delete(f.sessions, token)
	}
	return token, f.logoutErr
}

func (f *fakeAuth) Authenticate(_ context.Context, token string) (*auth.Identity, error) {
	if f.authenticating != nil {
		f.authenticating(token)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return nil, errDown
	}
	if a := f.sessions[token]; a != nil {
		return &auth.Identity{Admin: a, Session: &auth.Session{
			ID: token, PublicID: "public-" + token, AdminID: a.ID, Confirmed: f.confirmedAt(token), SecondFactor: f.proven[token],
		}}, nil
	}
	return nil, errs.Errorf(errs.CodeUnauthenticated, "You are not logged in, or your session has ended.")
}

func (f *fakeAuth) Check(ctx context.Context, sessionID, tenant string) (auth.Membership, error) {
	id, err := f.Authenticate(ctx, sessionID)
	if err != nil {
		return auth.Membership{}, err
	}
	return f.SessionMembership(ctx, id, tenant)
}

func (f *fakeAuth) Members(_ context.Context, tenant string) (list []auth.Admin, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.sessions {
		if a.Role(tenant).Valid() {
			list = append(list, *a)
		}
	}
	return list, nil
}

func (f *fakeAuth) Member(ctx context.Context, tenant, adminID string) (*auth.Admin, error) {
	list, _ := f.Members(ctx, tenant)
	for _, a := range list {
		if a.ID == adminID {
			a.Roles = maps.Clone(a.Roles)
			return &a, nil
		}
	}
	return nil, errs.Errorf(errs.CodeNotFound, "There is no admin with this ID in this tenant.")
}

func (f *fakeAuth) SetRole(ctx context.Context, tenant, adminID string, role auth.Role) (*auth.Admin, error) {
	before, err := f.Member(ctx, tenant, adminID)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.sessions {
		if a.ID == adminID && role == "" {
			delete(a.Roles, tenant)
		} else if a.ID == adminID {
			a.Roles[tenant] = role
		}
	}
	return before, nil
}

func (f *fakeAuth) Memberships(_ context.Context, a *auth.Admin) (all []auth.Membership, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range allTenants {
		t.Retention, t.LegacySignatures, t.SecondFactorRequired = f.retention[t.ID], f.legacySignatures[t.ID], f.required[t.ID]
		t.RefuseZephr, t.DefaultStore = f.refusedZephr[t.ID], f.stores[t.ID]
		if role := a.Role(t.ID); role.Valid() {
			all = append(all, auth.Membership{Tenant: t, Role: role})
		}
	}
	return all, nil
}

func (f *fakeAuth) Membership(ctx context.Context, a *auth.Admin, tenant string) (auth.Membership, error) {
	all, err := f.Memberships(ctx, a)
	for _, m := range all {
		if tenant == "" || m.Tenant.ID == tenant {
			return m, nil
		}
	}
	return auth.Membership{}, errors.Join(err, errs.Errorf(errs.CodeNotFound, "This tenant does not exist, or you have no access to it."))
}

// SetRetention makes fakeAuth implement Settings too.
func (f *fakeAuth) SetRetention(_ context.Context, tenant string, d time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	f.retention[tenant] = d
	return nil
}

func (f *fakeAuth) SetLegacySignatures(_ context.Context, tenant string, allowed bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	f.legacySignatures[tenant] = allowed
	return nil
}

func (f *fakeAuth) SetZephrSignatures(_ context.Context, tenant string, accepted bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	f.refusedZephr[tenant] = !accepted
	return nil
}

func (f *fakeAuth) SetDefaultStore(_ context.Context, tenant, store string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	f.stores[tenant] = store
	return nil
}

func (f *fakeAuth) add(token string, a *auth.Admin) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions[token] = a
}
