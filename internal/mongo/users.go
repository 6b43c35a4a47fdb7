package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/filter"
)

// Users reads tenants' users. It implements browse.Source.
type Users struct{ documents }

var _ browse.Source = (*Users)(nil)

// NewUsers returns the users in db.
func NewUsers(db *DB) *Users {
	return &Users{documents{db: db, name: usersCollection, noun: "users"}}
}

// MatchingIDs implements pipeline.Users.
func (u *Users) MatchingIDs(ctx context.Context, tenant string, s filter.Selection, ids []string) (map[string]struct{}, error) {
	byID := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
	c, err := u.collection(tenant).Find(ctx, allOf(byID, selectionQuery(s)), options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, readError(ctx, u.noun, err)
	}
	var found []struct {
		ID string `bson:"_id"`
	}
	if err := c.All(ctx, &found); err != nil {
		return nil, readError(ctx, u.noun, err)
	}
	matching := make(map[string]struct{}, len(found))
	for _, u := range found {
		matching[u.ID] = struct{}{}
	}
	return matching, nil
}

// Document implements browse.Source.
func (u *Users) Document(ctx context.Context, tenant, id string) (bson.Raw, error) {
	raw, err := u.collection(tenant).FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, errs.Errorf(errs.CodeNotFound, "There is no user with this ID.")
	}
	if err != nil {
		return nil, fmt.Errorf("get a user: %w", err)
	}
	return raw, nil
}

// Find implements browse.Source. A sequential read uses the index of Read; else MongoDB chooses an
// index, because a query may select few users.
func (u *Users) Find(ctx context.Context, tenant string, s filter.Selection, w browse.Window) ([]bson.Raw, error) {
	o := findOptions{sort: bson.D{{Key: "_id", Value: 1}}, skip: w.Skip, limit: w.Limit}
	if w.Backwards {
		o.sort = bson.D{{Key: "_id", Value: -1}}
	}
	if w.Sequential {
		_, o.hint = readOrder(s)
	}
	raws, err := u.findAllWithTimeLimit(ctx, tenant, allOf(windowQuery(w), selectionQuery(s)), o)
	if err != nil {
		return nil, readError(ctx, u.noun, err)
	}
	return raws, nil
}

// windowQuery matches the ids of a window, which are strings.
func windowQuery(w browse.Window) bson.D {
	var ids bson.D
	switch {
	case w.After != nil:
		ids = bson.D{{Key: "$gt", Value: *w.After}}
	case w.Before == nil:
		ids = bson.D{{Key: "$gte", Value: ""}}
	}
	if w.Before != nil {
		ids = append(ids, bson.E{Key: "$lt", Value: *w.Before})
	}
	return at("_id", ids...)
}

// Writes implements browse.Source.
func (u *Users) Writes(tenant string) uint64 { return u.db.userWriteCount(tenant) }
