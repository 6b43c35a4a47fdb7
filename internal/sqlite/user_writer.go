package sqlite

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/importer"
)

// UserWriter writes tenants' users and the data that they refer to. Each call is one transaction,
// unless its comment says otherwise.
type UserWriter struct{ db *DB }

var (
	_ importer.BatchSizer = (*UserWriter)(nil)
	_ importer.BulkWriter = (*UserWriter)(nil)
)

// NewUserWriter returns the writer of the tenants in db.
func NewUserWriter(db *DB) *UserWriter { return &UserWriter{db} }

// writeUsers calls write in a transaction on the file of a tenant, and counts the write of users.
func (w *UserWriter) writeUsers(ctx context.Context, tenant string, write func(c *conn) error) error {
	defer w.db.addUserWrite(tenant)
	return w.db.writeTenant(ctx, tenant, write)
}

// BatchSize implements importer.BatchSizer. Ids are random, so a transaction changes pages all over the
// indexes; the more users it writes, the fewer pages it writes per user.
func (w *UserWriter) BatchSize() (docs, bytes int) { return 16_000, 16 << 20 }

// WriteUsers inserts or replaces users, and returns the number of new ones.
func (w *UserWriter) WriteUsers(ctx context.Context, tenant string, docs []bson.Raw) (created int, err error) {
	if len(docs) == 0 {
		return 0, nil
	}
	err = w.writeUsers(ctx, tenant, func(c *conn) (err error) {
		created, err = putUsers(c, docs)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("write users: %w", err)
	}
	return created, nil
}

// WriteStateEvents does for state events what WriteUsers does for users.
func (w *UserWriter) WriteStateEvents(ctx context.Context, tenant string, docs []bson.Raw) (created int, err error) {
	if len(docs) == 0 {
		return 0, nil
	}
	err = w.db.writeTenant(ctx, tenant, func(c *conn) error {
		for _, doc := range docs {
			isNew, err := putStateEvent(c, doc)
			if err != nil {
				return err
			}
			if isNew {
				created++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("write state events: %w", err)
	}
	return created, nil
}

// putStateEvent adds a state event, or replaces the one with the same id. It reports whether the
// event is new.
func putStateEvent(c *conn, doc bson.Raw) (created bool, err error) {
	id, ok := pipeline.StringValue(doc.Lookup("_id"))
	if !ok {
		return false, pipeline.NonStringIDError("state events", pipeline.BSONTypeName(doc.Lookup("_id")))
	}
	n, err := c.change("INSERT INTO state_events (id, doc) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", id, doc)
	if err != nil || n > 0 {
		return n > 0, err
	}
	return false, c.exec("UPDATE state_events SET doc = ? WHERE id = ?", doc, id)
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
	err = w.writeUsers(ctx, tenant, func(c *conn) (err error) {
		if err := addRegistry(c, registered.Registry()); err != nil {
			return err
		}
		created, err = putUsers(c, docs)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("write users: %w", err)
	}
	return created, nil
}
