package api

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

var errDown = errors.New("the database at 10.0.0.7 does not answer")

// fakeAuth has sessions by token, and the tenants meridian and orion.
type fakeAuth struct {
	mu               sync.Mutex
	sessions         map[string]*auth.Admin // by token, which is also the session's id
	login            func(email, password, address string) (string, error)
	attempt          func(context.Context, auth.Attempt) error // checks further fields of a log-in, if set
	down             bool
	endedAdmins      []*auth.Admin            // admins whose session has ended
	logoutErr        error                    // returned by Logout
	retention        map[string]time.Duration // retention by tenant
	legacySignatures map[string]bool          // tenants that allow legacy signatures
	refusedZephr     map[string]bool          // tenants that refuse Zephr's signatures

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
	return nil, errs.Errorf(errs.CodeNotFound, "There is no admin with this id in this tenant.")
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
		t.RefuseZephr = f.refusedZephr[t.ID]
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

func (f *fakeAuth) add(token string, a *auth.Admin) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions[token] = a
}

type fakeJobs struct {
	replay   func(jobs.Request) *export.Job // nil: no earlier request
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
	return nil, errs.Errorf(errs.CodeStreamTaken, "The stream was opened before.")
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
	preview func(tenant string, def export.Definition) (pipeline.Preview, error)
}

// everyone describes every definition as "Everyone".
func everyone() *fakeDefinitions {
	return &fakeDefinitions{words: func(string, export.Definition) (string, error) { return "Everyone", nil }}
}

func (f *fakeDefinitions) Words(_ context.Context, tenant string, def export.Definition) (string, error) {
	return f.words(tenant, def)
}
func (f *fakeDefinitions) Count(_ context.Context, tenant string, def export.Definition) (int64, error) {
	return f.count(tenant, def)
}
func (f *fakeDefinitions) Preview(_ context.Context, tenant string, def export.Definition, _ int) (pipeline.Preview, error) {
	return f.preview(tenant, def)
}

// testDefinitions are the calls of the exporter's use cases that tests replace.
type testDefinitions interface {
	Words(ctx context.Context, tenant string, def export.Definition) (string, error)
	Count(ctx context.Context, tenant string, def export.Definition) (int64, error)
	Preview(ctx context.Context, tenant string, def export.Definition, limit int) (pipeline.Preview, error)
}

// exporterFakes adapts fakes to the ports of the exporter.
type exporterFakes struct {
	defs  testDefinitions
	users Users
}

func (f exporterFakes) Compile(ctx context.Context, tenant string, def export.Definition) (*exporter.Compiled, error) {
	words, err := f.defs.Words(ctx, tenant, def)
	if err != nil {
		return nil, err
	}
	return &exporter.Compiled{Tenant: tenant, Definition: def, Words: words}, nil
}

func (f exporterFakes) Complete(_ context.Context, c *exporter.Compiled) (*pipeline.Plan, error) {
	return &pipeline.Plan{Tenant: c.Tenant, Definition: c.Definition}, nil
}

func (f exporterFakes) Preview(ctx context.Context, plan *pipeline.Plan, limit int) (pipeline.Preview, error) {
	return f.defs.Preview(ctx, plan.Tenant, plan.Definition, limit)
}

func (f exporterFakes) Verify(context.Context, *export.Job, export.File, func(int64)) error {
	return nil
}

func (f exporterFakes) CachedCount(ctx context.Context, tenant string, _ filter.Selection) (int64, error) {
	return f.defs.Count(ctx, tenant, export.Definition{})
}

func (f exporterFakes) CheckIDs(ctx context.Context, tenant string, kinds ...export.FileKind) error {
	return f.users.CheckIDs(ctx, tenant, kinds...)
}

// newExports returns the real use cases on fakes.
func newExports(o *Options, jobs exporter.Jobs, defs testDefinitions) *exporter.Exporter {
	fakes := exporterFakes{defs, o.Users}
	return exporter.New(exporter.Options{
		Jobs: jobs, Features: o.Features, Definitions: fakes, Users: fakes, Runner: fakes, Audit: o.Audit, Logger: o.Logger,
	})
}

type fakeUsers struct {
	list    func(ctx context.Context, tenant string, q users.Query, cursor string, limit int) (users.Page, error)
	count   func(tenant string, q users.Query) (int64, error)
	user    func(tenant, id string) (users.User, error)
	figures func(tenant, store string) (users.Figures, error)
	walk    func(after string, skip, limit int64) ([]users.User, error)
	ids     func(kinds []export.FileKind) error // nil: all ids are strings
}

func (f *fakeUsers) CheckIDs(_ context.Context, _ string, kinds ...export.FileKind) error {
	if f.ids == nil {
		return nil
	}
	return f.ids(kinds)
}

func (f *fakeUsers) WalkUsers(string, filter.Selection, users.Schema) Walk {
	return func(_ context.Context, after string, skip, limit int64) ([]users.User, error) {
		if f.walk == nil {
			return nil, nil
		}
		return f.walk(after, skip, limit)
	}
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

// fakeFeed gives its listener to the test. It is also its Bus.
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
