package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/filter"
)

// readBatch is how many users a reply of a long read holds at most. Measured: larger ones cost no less, smaller ones more,
// since the driver makes a buffer per reply.
const readBatch = 2000

// Users reads tenants' users. It implements run.Users.
type Users struct {
	db        *DB
	directory run.Directory // for schema and stores
	counts    *sharedCounts
}

var _ run.Users = (*Users)(nil)

// NewUsers returns the users of db; directory tells each tenant's schema and stores.
func NewUsers(db *DB, directory run.Directory) *Users {
	return &Users{db: db, directory: directory, counts: &sharedCounts{}}
}

func (u *Users) collection(tenant string) *driver.Collection {
	return u.db.TenantReads(tenant).Collection(usersCollection)
}

// Match implements run.Users.
func (u *Users) Match(ctx context.Context, tenant string, def export.Definition) (bson.D, error) {
	schema, err := u.directory.Schema(ctx, tenant)
	if err != nil {
		return nil, err
	}
	stores, err := u.directory.Stores(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return filter.Selection(ctx, def, schema, stores, u.Accounts(tenant))
}

// Count implements run.Users. Without a condition the collection's own count answers at once.
func (u *Users) Count(ctx context.Context, tenant string, match bson.D) (int64, error) {
	var n int64
	var err error
	if len(match) == 0 {
		n, err = u.collection(tenant).EstimatedDocumentCount(ctx)
	} else {
		n, err = u.collection(tenant).CountDocuments(ctx, match)
	}
	if err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return n, nil
}

// sharedCount is Count for screens, of which several may ask the same.
func (u *Users) sharedCount(ctx context.Context, tenant string, match bson.D) (int64, error) {
	return u.counts.count(ctx, tenant, match, func(ctx context.Context) (int64, error) { return u.Count(ctx, tenant, match) })
}

// ForeignIDs implements run.Users. Types are bracketed in the order of ids: where the first and the last are strings, all
// are, and that costs two look-ups in the index however many users there are.
func (u *Users) ForeignIDs(ctx context.Context, tenant string) (string, error) {
	for _, direction := range []int{1, -1} {
		raw, err := u.collection(tenant).FindOne(ctx, bson.D{}, options.FindOne().
			SetSort(bson.D{{Key: "_id", Value: direction}}).
			SetProjection(bson.D{{Key: "_id", Value: 1}})).Raw()
		if errors.Is(err, driver.ErrNoDocuments) {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("look at user ids: %w", err)
		}
		if id := raw.Lookup("_id"); id.Type != bson.TypeString {
			return id.Type.String(), nil
		}
	}
	return "", nil
}

// Boundary implements run.Users. It passes over keys of the index along which Read reads, and looks at no user.
func (u *Users) Boundary(ctx context.Context, tenant string, match bson.D, after string, n int) (string, error) {
	store, order := readOrder(match)
	raw, err := u.collection(tenant).FindOne(ctx, and(idsIn(run.Span{After: after}), store), options.FindOne().
		SetSort(bson.D{{Key: "_id", Value: 1}}).SetHint(order).SetSkip(int64(n)-1).
		SetProjection(bson.D{{Key: "_id", Value: 1}})).Raw()
	if errors.Is(err, driver.ErrNoDocuments) {
		return "", nil
	}
	if err != nil {
		return "", readError(ctx, err)
	}
	id, ok := raw.Lookup("_id").StringValueOK()
	if !ok {
		return "", fmt.Errorf("find where a segment ends: an id is not text but %s", raw.Lookup("_id").Type)
	}
	return id, nil
}

// Read implements run.Users. That the database cannot be reached wraps run.ErrCursorLost too. The index is forced: by one
// on last_login, say, a user who logs in meanwhile would be met twice, or not at all.
func (u *Users) Read(ctx context.Context, tenant string, match, projection bson.D, span run.Span) (run.Cursor, error) {
	_, order := readOrder(match)
	o := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetHint(order).SetBatchSize(readBatch)
	if len(projection) > 0 {
		o.SetProjection(projection)
	}
	c, err := u.collection(tenant).Find(ctx, and(idsIn(span), match), o)
	if err != nil {
		return nil, readError(ctx, err)
	}
	return &userCursor{cursor: c}, nil
}

// Among implements run.Users.
func (u *Users) Among(ctx context.Context, tenant string, match bson.D, ids []string) (map[string]struct{}, error) {
	these := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
	c, err := u.collection(tenant).Find(ctx, and(these, match), options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, readError(ctx, err)
	}
	var found []struct {
		ID string `bson:"_id"`
	}
	if err := c.All(ctx, &found); err != nil {
		return nil, readError(ctx, err)
	}
	among := make(map[string]struct{}, len(found))
	for _, u := range found {
		among[u.ID] = struct{}{}
	}
	return among, nil
}

// readOrder is the index that is read along: that of one user store where match demands one, with that demand, else that of
// ids.
func readOrder(match bson.D) (store, order bson.D) {
	byStore := bson.D{{Key: "user_store_id", Value: 1}, {Key: "_id", Value: 1}}
	for _, e := range match {
		if e.Key == "user_store_id" {
			return bson.D{e}, byStore
		}
		conditions, joined := e.Value.(bson.A)
		if e.Key != "$and" || !joined {
			continue
		}
		for _, c := range conditions {
			if d, ok := c.(bson.D); ok && len(d) == 1 && d[0].Key == "user_store_id" {
				return d, byStore
			}
		}
	}
	return nil, bson.D{{Key: "_id", Value: 1}}
}

// idsIn matches ids that are strings of a span. A user whose id is "" comes first, so a span from the start includes it and
// no other does.
func idsIn(span run.Span) bson.D {
	from := "$gt"
	if span.After == "" {
		from = "$gte"
	}
	ids := bson.D{{Key: from, Value: span.After}}
	if span.Until != "" {
		ids = append(ids, bson.E{Key: "$lte", Value: span.Until})
	}
	return bson.D{{Key: "_id", Value: ids}}
}

// and joins conditions, of which empty ones match everything.
func and(conditions ...bson.D) bson.D {
	var some bson.A
	for _, d := range conditions {
		if len(d) > 0 {
			some = append(some, d)
		}
	}
	if len(some) == 0 {
		return bson.D{}
	}
	return bson.D{{Key: "$and", Value: some}}
}

// Accounts looks up accounts of a tenant, for filters.
func (u *Users) Accounts(tenant string) filter.AccountFinder {
	return accountFinder{u.db.TenantReads(tenant).Collection(accountsCollection)}
}

type accountFinder struct{ accounts *driver.Collection }

// AccountIDs implements filter.AccountFinder.
func (f accountFinder) AccountIDs(ctx context.Context, match bson.D, limit int) ([]string, error) {
	c, err := f.accounts.Find(ctx, match, options.Find().SetLimit(int64(limit)).SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, fmt.Errorf("find accounts: %w", err)
	}
	var found []struct {
		ID bson.RawValue `bson:"_id"`
	}
	if err := c.All(ctx, &found); err != nil {
		return nil, fmt.Errorf("find accounts: %w", err)
	}
	ids := make([]string, 0, len(found))
	for _, a := range found {
		if id, ok := a.ID.StringValueOK(); ok { // users name accounts by strings only
			ids = append(ids, id)
		}
	}
	return ids, nil
}
