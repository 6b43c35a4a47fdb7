package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
)

// UserWriter writes tenants' users and the data that they refer to. All writes go through the write
// client, which makes them atomic on every engine.
type UserWriter struct {
	catalogWriter

	db *DB
}

// NewUserWriter returns the writer of the tenants in db.
func NewUserWriter(db *DB) *UserWriter { return &UserWriter{catalogWriter{db}, db} }

// WriteUsers inserts or replaces users, and returns the number of new ones. Ids must be unique in
// docs. It is safe to call again after an error.
func (w *UserWriter) WriteUsers(ctx context.Context, tenant string, docs []bson.Raw) (created int, err error) {
	defer w.db.addUserWrite(tenant)
	return upsert(ctx, w.db.Tenant(tenant).Collection(usersCollection), "users", docs)
}

// WriteStateEvents does for state events what WriteUsers does for users.
func (w *UserWriter) WriteStateEvents(ctx context.Context, tenant string, docs []bson.Raw) (created int, err error) {
	return upsert(ctx, w.db.Tenant(tenant).Collection(eventsCollection), "state events", docs)
}

// PutUsers writes users and the registry entries that they need, and returns the number of new
// users. It encodes all users at once, so it is for small numbers. It does not add user stores,
// products or accounts.
func (w *UserWriter) PutUsers(ctx context.Context, tenant string, list ...users.User) (created int, err error) {
	docs := make([]bson.Raw, len(list))
	registered := stored.RegistrySet{}
	for i, u := range list {
		if docs[i], err = users.Encode(u); err != nil {
			return 0, err
		}
		if err := registered.Add(docs[i]); err != nil {
			return 0, err
		}
	}
	if err := w.AddRegistry(ctx, tenant, registered.Registry()); err != nil {
		return 0, err
	}
	return w.WriteUsers(ctx, tenant, docs)
}
