package api

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/users"
)

var errDown = errors.New("the database at 10.0.0.7 does not answer")

// fakeAuth knows sessions by token, and the tenants meridian and orion.
type fakeAuth struct {
	mu       sync.Mutex
	sessions map[string]*auth.Admin // by token, which is the session's id too
	login    func(email, password, address string) (string, error)
	down     bool
	kept     map[string]time.Duration // the retention of tenants, as the settings have it
	legacy   map[string]bool          // the tenants whose settings allow legacy signatures
}

var allTenants = []auth.Tenant{{ID: "meridian", Name: "Meridian Press"}, {ID: "orion", Name: "Orion"}}

func (f *fakeAuth) Login(_ context.Context, email, password, address string) (string, *auth.Session, error) {
	token, err := f.login(email, password, address)
	return token, &auth.Session{ID: token, Created: time.Now()}, err
}

func (f *fakeAuth) Logout(_ context.Context, token string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.sessions, token)
	return token, nil
}

func (f *fakeAuth) Authenticate(_ context.Context, token string) (*auth.Identity, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return nil, errDown
	}
	if a := f.sessions[token]; a != nil {
		return &auth.Identity{Admin: a, Session: &auth.Session{ID: token, AdminID: a.ID}}, nil
	}
	return nil, export.Errorf(export.CodeUnauthenticated, "You are not signed in, or your session has ended.")
}

func (f *fakeAuth) Check(ctx context.Context, sessionID, tenant string) (auth.Membership, error) {
	id, err := f.Authenticate(ctx, sessionID)
	if err != nil {
		return auth.Membership{}, err
	}
	return f.Enter(ctx, id.Admin, tenant)
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
	return nil, export.Errorf(export.CodeNotFound, "There is no admin with this id in this tenant.")
}

// Invite makes an admin whose invitation is "token-of-" and the id.
func (f *fakeAuth) Invite(_ context.Context, tenant, email string, role auth.Role) (*auth.Admin, string, error) {
	name, _, _ := strings.Cut(email, "@")
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sessions[name] != nil {
		return nil, "", &export.Error{Code: export.CodeExists, Field: "email", Message: "This admin has a role in this tenant already."}
	}
	a := &auth.Admin{ID: "01" + name, Email: email, Name: name, Roles: map[string]auth.Role{tenant: role}}
	f.sessions[name] = a
	return a, "token-of-" + a.ID, nil
}

func (f *fakeAuth) Reinvite(ctx context.Context, tenant, adminID string) (*auth.Admin, string, error) {
	a, err := f.Member(ctx, tenant, adminID)
	return a, "token-of-" + adminID, err
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

func (f *fakeAuth) Invited(_ context.Context, token string) (*auth.Admin, *auth.Tenant, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.sessions {
		if token == "token-of-"+a.ID && a.Password == "" {
			return a, &allTenants[0], nil
		}
	}
	return nil, nil, export.Errorf(export.CodeNotFound, "This invitation is not good any more. Ask for a new one.")
}

func (f *fakeAuth) Accept(ctx context.Context, token, _, password string) (*auth.Admin, string, *auth.Session, error) {
	a, _, err := f.Invited(ctx, token)
	if err != nil {
		return nil, "", nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	a.Password = password
	return a, a.ID, &auth.Session{ID: a.ID, Created: time.Now()}, nil
}

func (f *fakeAuth) Account(ctx context.Context, email string) (*auth.Admin, []auth.Membership, error) {
	f.mu.Lock()
	var admin *auth.Admin
	for _, a := range f.sessions {
		if a.Email == email {
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

func (f *fakeAuth) Memberships(_ context.Context, a *auth.Admin) (all []auth.Membership, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range allTenants {
		t.Retention, t.LegacySignatures = f.kept[t.ID], f.legacy[t.ID]
		if role := a.Role(t.ID); role.Valid() {
			all = append(all, auth.Membership{Tenant: t, Role: role})
		}
	}
	return all, nil
}

func (f *fakeAuth) Enter(ctx context.Context, a *auth.Admin, tenant string) (auth.Membership, error) {
	all, err := f.Memberships(ctx, a)
	for _, m := range all {
		if tenant == "" || m.Tenant.ID == tenant {
			return m, nil
		}
	}
	return auth.Membership{}, errors.Join(err, export.Errorf(export.CodeNotFound, "There is no such tenant, or it is not open to you."))
}

// SetRetention makes fakeAuth the Settings too.
func (f *fakeAuth) SetRetention(_ context.Context, tenant string, d time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	f.kept[tenant] = d
	return nil
}

func (f *fakeAuth) SetLegacySignatures(_ context.Context, tenant string, allowed bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	f.legacy[tenant] = allowed
	return nil
}

func (f *fakeAuth) add(token string, a *auth.Admin) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions[token] = a
}

type fakeJobs struct {
	replay   func(jobs.Request) *export.Job // nil: nothing was asked before
	create   func(jobs.Request) (*export.Job, bool, error)
	job      func(tenant, id string) (*export.Job, error)
	list     func(tenant string, q jobs.ListQuery) ([]*export.Job, string, error)
	snapshot func(tenant, requester string) ([]*export.Job, error)
	cancel   func(tenant, id, by string) (*export.Job, error)
	position func(*export.Job) (int64, error)
	link     func(*export.Job, export.File) (string, time.Time, error)
	confirm  func(tenant, id string, c jobs.Confirmation) (*export.Job, error)
}

func (f *fakeJobs) Confirm(_ context.Context, tenant, id string, c jobs.Confirmation) (*export.Job, error) {
	return f.confirm(tenant, id, c)
}

func (f *fakeJobs) OpenStream(context.Context, string, string, export.FileKind) (*jobs.Stream, error) {
	return nil, export.Errorf(export.CodeStreamTaken, "The stream was opened before.")
}

func (f *fakeJobs) Replay(_ context.Context, r jobs.Request) (*export.Job, error) {
	if f.replay == nil {
		return nil, nil
	}
	return f.replay(r), nil
}
func (f *fakeJobs) Create(_ context.Context, r jobs.Request) (*export.Job, bool, error) {
	return f.create(r)
}
func (f *fakeJobs) Job(_ context.Context, tenant, id string) (*export.Job, error) {
	return f.job(tenant, id)
}
func (f *fakeJobs) List(_ context.Context, tenant string, q jobs.ListQuery) ([]*export.Job, string, error) {
	return f.list(tenant, q)
}
func (f *fakeJobs) Snapshot(_ context.Context, tenant, requester string) ([]*export.Job, error) {
	return f.snapshot(tenant, requester)
}
func (f *fakeJobs) Cancel(_ context.Context, tenant, id, by string) (*export.Job, error) {
	return f.cancel(tenant, id, by)
}
func (f *fakeJobs) Retention() time.Duration { return 36 * time.Hour }
func (f *fakeJobs) QueuePosition(_ context.Context, job *export.Job) (int64, error) {
	return f.position(job)
}
func (f *fakeJobs) Link(_ context.Context, job *export.Job, file export.File) (string, time.Time, error) {
	return f.link(job, file)
}

type fakeFeatures map[export.Feature]bool

func (f fakeFeatures) Features(context.Context, string) (map[export.Feature]bool, error) {
	return f, nil
}
func (f fakeFeatures) SetFeature(_ context.Context, _ string, key export.Feature, on bool) error {
	f[key] = on
	return nil
}

type fakeDefinitions struct {
	words   func(tenant string, def export.Definition) (string, error)
	count   func(tenant string, def export.Definition) (int64, error)
	preview func(tenant string, def export.Definition) (run.Preview, error)
}

func (f *fakeDefinitions) Words(_ context.Context, tenant string, def export.Definition) (string, error) {
	return f.words(tenant, def)
}
func (f *fakeDefinitions) Count(_ context.Context, tenant string, def export.Definition) (int64, error) {
	return f.count(tenant, def)
}
func (f *fakeDefinitions) Preview(_ context.Context, tenant string, def export.Definition, _ int) (run.Preview, error) {
	return f.preview(tenant, def)
}

type fakeUsers struct {
	list    func(ctx context.Context, tenant string, q users.Query, cursor string, limit int) (users.Page, error)
	count   func(tenant string, q users.Query) (int64, error)
	user    func(tenant, id string) (users.User, error)
	figures func(tenant, store string) (users.Figures, error)
	walk    func(after string, skip, limit int64) ([]users.User, error)
}

func (f *fakeUsers) WalkUsers(context.Context, string, export.Definition) (Walk, error) {
	return func(_ context.Context, after string, skip, limit int64) ([]users.User, error) {
		if f.walk == nil {
			return nil, nil
		}
		return f.walk(after, skip, limit)
	}, nil
}

func (f *fakeUsers) ListUsers(ctx context.Context, tenant string, q users.Query, cursor string, limit int) (users.Page, error) {
	return f.list(ctx, tenant, q, cursor, limit)
}
func (f *fakeUsers) CountUsers(_ context.Context, tenant string, q users.Query) (int64, error) {
	return f.count(tenant, q)
}
func (f *fakeUsers) GetUser(_ context.Context, tenant, id string) (users.User, error) {
	return f.user(tenant, id)
}
func (f *fakeUsers) Figures(_ context.Context, tenant, store string, _ time.Time) (users.Figures, error) {
	return f.figures(tenant, store)
}

type fakeDirectory struct{}

func (fakeDirectory) Schema(context.Context, string) (users.Schema, error) {
	return users.Schema{{Slug: "country", Label: "Country", Type: users.Text}, {Slug: "pin", Label: "PIN", Type: users.Password}}, nil
}
func (fakeDirectory) Registry(context.Context, string) (users.Registry, error) {
	return users.Registry{AppIDs: []string{"app.one"}}, nil
}
func (fakeDirectory) Stores(context.Context, string) ([]users.Store, error) {
	return []users.Store{{ID: "uk", Title: "Meridian UK"}}, nil
}
func (fakeDirectory) Products(context.Context, string) ([]users.Product, error) {
	return []users.Product{{ID: "p1", Label: "Digital Annual"}}, nil
}
func (fakeDirectory) AccountNames(_ context.Context, _ string, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		names[id] = "Account " + id
	}
	return names, nil
}

// fakeFeed hands its listener to the test, and is its Bus too.
type fakeFeed struct {
	listener chan jobs.Listener
	told     chan jobs.ControlMessage
}

func (f *fakeFeed) Subscribe(ctx context.Context, l jobs.Listener) error {
	f.listener <- l
	<-ctx.Done()
	return ctx.Err()
}

func (f *fakeFeed) Control(_ context.Context, m jobs.ControlMessage) error {
	f.told <- m
	return nil
}
