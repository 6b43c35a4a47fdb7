package api

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/users"
)

type fakeUsers struct {
	list     func(ctx context.Context, tenant string, q users.Query, cursor string, limit int) (users.Page, error)
	count    func(tenant string, q users.Query) (int64, error)
	estimate func(tenant string, q users.Query) (users.Count, error)
	user     func(tenant, id string) (users.User, error)
	figures  func(tenant, store string) (users.Figures, error)
	days     func(tenant, store, zone string) ([]users.DayCount, error)
	walk     func(after string, skip, limit int64) ([]users.User, error)
	ids      func(kinds []export.FileKind) error // nil: all ids are strings
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
func (f *fakeUsers) EstimateUsers(_ context.Context, tenant string, q users.Query) (users.Count, error) {
	return f.estimate(tenant, q)
}
func (f *fakeUsers) GetUser(_ context.Context, tenant, id string) (users.User, error) {
	return f.user(tenant, id)
}
func (f *fakeUsers) Figures(_ context.Context, tenant, store string, _ time.Time) (users.Figures, error) {
	return f.figures(tenant, store)
}

func (f *fakeUsers) RegisteredDays(_ context.Context, tenant, store string, _ time.Time, zone *time.Location) ([]users.DayCount, error) {
	return f.days(tenant, store, zone.String())
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
	return []users.Product{
		{ID: "p1", Label: "Digital Annual", Members: `{"tenantId":"press","entitlement":{"id":"b1","type":"bundle"},"sharingLimit":0}`}, {ID: "p2", Label: "p2"},
	}, nil
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
