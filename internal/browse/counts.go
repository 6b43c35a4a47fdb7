package browse

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// CountUsers returns the number of users that match a query, on all pages together.
func (u *Users) CountUsers(ctx context.Context, tenant string, q users.Query) (int64, error) {
	selection, err := u.compileQuery(ctx, tenant, q)
	if err != nil {
		return 0, err
	}
	return u.CachedCount(ctx, tenant, selection)
}

func (u *Users) compileQuery(ctx context.Context, tenant string, q users.Query) (filter.Selection, error) {
	schema, err := u.schemas.Schema(ctx, tenant)
	if err != nil {
		return filter.Selection{}, err
	}
	return u.querySelection(ctx, tenant, q, schema)
}

// Figures counts the users of a user store: all of them, and those registered in the last seven
// days. export.All and "" stand for all user stores.
func (u *Users) Figures(ctx context.Context, tenant, storeID string, now time.Time) (users.Figures, error) {
	selection := filter.InStore(storeID)
	total, err := u.CachedCount(ctx, tenant, selection)
	if err != nil {
		return users.Figures{}, err
	}
	weekAgo := now.UTC().Truncate(time.Minute).AddDate(0, 0, -7)
	selection.Where = filter.Times{Path: filter.Registered, From: &weekAgo}
	recent, err := u.CachedCount(ctx, tenant, selection)
	if err != nil {
		return users.Figures{}, err
	}
	return users.Figures{Total: total, LastSevenDays: recent}, nil
}

// CachedCount implements exporter.Users. It shares and caches counts: several screens may ask the
// same, and API clients ask again for each page.
func (u *Users) CachedCount(ctx context.Context, tenant string, s filter.Selection) (int64, error) {
	return u.counts.do(ctx, tenant, s.Key(), u.counter(tenant, s))
}

func (u *Users) counter(tenant string, s filter.Selection) func(context.Context) (int64, error) {
	return func(ctx context.Context) (int64, error) { return u.source.Count(ctx, tenant, s) }
}

// A count that takes at least slowCount is cached for ten times its duration, at most maxCountAge.
// So counting takes at most a tenth of a large tenant's database time, and small tenants see every
// change at once. A caller that accepts an estimate waits for slowCount. So once it got one, the
// exact count is cached when it is there.
const (
	slowCount   = 300 * time.Millisecond
	maxCountAge = time.Minute
)

func countTTL(took time.Duration) time.Duration {
	if took < slowCount {
		return 0
	}
	return min(10*took, maxCountAge)
}
