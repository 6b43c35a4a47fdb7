package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/userstest"
)

var (
	_ exporter.Directory = (*Directory)(nil)
	_ pipeline.Accounts  = (*Directory)(nil)
)

func TestUserWriter(t *testing.T) {
	t.Parallel()
	userstest.TestWriter(t, openUsers)
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	userstest.TestDirectory(t, openUsers)
}

func openUsers(t *testing.T) userstest.Database {
	db := open(t, t.TempDir())
	return userstest.Database{
		Writer: NewUserWriter(db), Directory: NewDirectory(db),
		Count: func(ctx context.Context, tenant string, s filter.Selection) (int64, error) {
			return NewUsers(db).Count(ctx, tenant, s)
		},
		Put: func(t *testing.T, tenant, collection string, docs ...bson.Raw) {
			t.Helper()
			err := db.writeTenant(t.Context(), tenant, func(c *conn) error {
				for _, doc := range docs {
					if err := putDocument(c, collection, doc); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		},
		Documents: func(t *testing.T, tenant, collection string) (docs []bson.Raw) {
			t.Helper()
			err := db.readTenant(t.Context(), tenant, func(c *conn) error {
				return c.query("SELECT doc FROM "+collection+" ORDER BY id", func(r *row) error { docs = append(docs, r.bytes(0)); return nil })
			})
			if err != nil {
				t.Fatal(err)
			}
			return docs
		},
	}
}

func putDocument(c *conn, collection string, doc bson.Raw) error {
	if collection == usersTable {
		_, err := putUser(c, doc)
		return err
	}
	return c.exec("INSERT INTO "+collection+" (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc", doc.Lookup("_id").StringValue(), doc)
}

// Of concurrent requests with the same address, one succeeds. The address of an odd user counts.
func TestCreateUserIsAtomic(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	w := NewUserWriter(db)
	odd := encode(t, bson.D{{Key: "_id", Value: "odd"}, {Key: "identifiers", Value: bson.D{{Key: "username", Value: bson.A{"x", "Amy"}}}}})
	if _, err := w.WriteUsers(t.Context(), "meridian", []bson.Raw{odd}); err != nil {
		t.Fatal(err)
	}
	var created atomic.Int64
	var group errgroup.Group
	for i := range 8 {
		group.Go(func() error {
			err := w.CreateUser(t.Context(), "meridian", users.User{ID: fmt.Sprint(i), Identifiers: users.Identifiers{EmailAddress: "amy@example.com"}})
			if err == nil {
				created.Add(1)
			} else if errs.CodeOf(err) != errs.CodeExists {
				return err
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil || created.Load() != 1 {
		t.Errorf("%d users were created, %v", created.Load(), err)
	}
	err := w.CreateUser(t.Context(), "meridian", users.User{ID: "new", Identifiers: users.Identifiers{Username: "AMY"}})
	if e, ok := errors.AsType[*errs.Error](err); !ok || e.Field != filter.Username {
		t.Errorf("the name of an odd user: %v", err)
	}
}

// Each write of users makes cached results of the tenant stale, and of no other tenant.
func TestWritesOfUsersAreCounted(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	w, ctx := NewUserWriter(db), t.Context()
	for name, write := range map[string]func() error{
		"create": func() error { return w.CreateUser(ctx, "meridian", users.User{ID: "u1"}) },
		"write": func() error {
			_, err := w.WriteUsers(ctx, "meridian", []bson.Raw{encode(t, bson.D{{Key: "_id", Value: "u1"}})})
			return err
		},
		"put": func() error { _, err := w.PutUsers(ctx, "meridian", users.User{ID: "u1"}); return err },
		"attributes": func() error {
			_, err := w.PutUsers(ctx, "meridian", users.User{ID: "u1"})
			return errors.Join(err, w.SetAttributes(ctx, "meridian", "u1", nil, true, noon))
		},
		"convert": func() error { _, err := w.ConvertField(ctx, "meridian", users.Field{Slug: "x"}); return err },
		"delete": func() error {
			_, err := w.PutUsers(ctx, "meridian", users.User{ID: "u1"})
			return errors.Join(err, w.DeleteUser(ctx, "meridian", "u1"))
		},
	} {
		before := db.userWriteCount("meridian")
		if err := write(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if db.userWriteCount("meridian") == before {
			t.Errorf("%s does not count", name)
		}
	}
	if n := db.userWriteCount("other"); n != 0 {
		t.Errorf("another tenant has %d writes", n)
	}
}

// More users than a transaction of changeUsers reads.
func TestChangeManyUsers(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	w := NewUserWriter(db)
	const n = 2*changedPerTransaction + 1
	docs := make([]bson.Raw, n)
	for i := range docs {
		docs[i] = encode(t, bson.D{{Key: "_id", Value: fmt.Sprint(i)}, {Key: "attributes", Value: bson.D{{Key: "x", Value: i}}}})
	}
	if _, err := w.WriteUsers(t.Context(), "meridian", docs); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int64{n, 0} {
		if got, err := w.ConvertField(t.Context(), "meridian", users.Field{Slug: "x", Type: users.Number}); got != want || err != nil {
			t.Errorf("%d users were converted, want %d: %v", got, want, err)
		}
	}
}

// FoldTenant corrects columns that were folded with other Unicode tables, also of users whose
// documents need no folded text.
func TestFoldTenantCorrectsColumns(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	w := NewUserWriter(db)
	if err := w.CreateUser(t.Context(), "meridian", users.User{ID: "u1", Identifiers: users.Identifiers{EmailAddress: "amy"}}); err != nil {
		t.Fatal(err)
	}
	writeTenant(t, db, func(c *conn) error { return c.exec("UPDATE users SET email = 'old', odd = 1") })
	if n, err := w.FoldTenant(t.Context(), "meridian"); n != 0 || err != nil {
		t.Errorf("%d documents were changed, %v", n, err)
	}
	writeTenant(t, db, func(c *conn) error {
		n, err := c.integer("SELECT count(*) FROM users WHERE email = 'amy' AND NOT odd")
		if n != 1 {
			t.Error("the columns are not corrected")
		}
		return err
	})
}
