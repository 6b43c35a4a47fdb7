package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// Users reads tenants' users. It implements pipeline.Users.
type Users struct {
	documents
	schemas SchemaReader
	counts  *singleFlight[int64]
	idTypes *singleFlight[string] // types of ids that are not strings
}

var _ pipeline.Users = (*Users)(nil)

// SchemaReader reads tenants' schemas; *Directory.
type SchemaReader interface {
	Schema(ctx context.Context, tenant string) (users.Schema, error)
}

// NewUsers returns the users in db. It reads the tenants' schemas from schemas.
func NewUsers(db *DB, schemas SchemaReader) *Users {
	return &Users{
		documents: documents{db: db, name: usersCollection, noun: "users"},
		schemas:   schemas,
		counts:    &singleFlight[int64]{ttl: countTTL, version: db.userWriteCount},
		idTypes:   newIDTypesCache(),
	}
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

// GetUser returns one user, without attributes of type password, or errs.CodeNotFound.
func (u *Users) GetUser(ctx context.Context, tenant, id string) (users.User, error) {
	schema, err := u.schemas.Schema(ctx, tenant)
	if err != nil {
		return users.User{}, err
	}
	raw, err := u.collection(tenant).FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
	if errors.Is(err, driver.ErrNoDocuments) {
		return users.User{}, errs.Errorf(errs.CodeNotFound, "There is no user with this id.")
	}
	if err != nil {
		return users.User{}, fmt.Errorf("get a user: %w", err)
	}
	return decodeVisible(raw, schema)
}

// decodeVisible decodes a user, and removes the attributes of type password.
func decodeVisible(raw bson.Raw, schema users.Schema) (users.User, error) {
	user, err := users.Decode(raw)
	if err != nil {
		return users.User{}, err
	}
	for _, f := range schema {
		if f.Secret() {
			delete(user.Attributes, f.Slug)
		}
	}
	return user, nil
}

// querySelection compiles a query of the users screen.
func (u *Users) querySelection(ctx context.Context, tenant string, q users.Query, schema users.Schema) (filter.Selection, error) {
	search, err := filter.Search(q.Search, "search", schema)
	if err != nil {
		return filter.Selection{}, err
	}
	rules, err := filter.Compile(ctx, q.Filter, "filter", schema, u.Accounts(tenant))
	if err != nil {
		return filter.Selection{}, err
	}
	s := filter.InStore(q.StoreID)
	s.Where = filter.AllOf(search, rules)
	return s, nil
}
