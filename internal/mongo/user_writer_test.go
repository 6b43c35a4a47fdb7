package mongo

import (
	"cmp"
	"context"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users/userstest"
)

var (
	_ exporter.Directory = (*Directory)(nil)
	_ pipeline.Accounts  = (*Directory)(nil)
)

func TestUserWriter(t *testing.T) {
	testStores(t, func(t *testing.T, open func(t testing.TB) *DB) {
		userstest.TestWriter(t, func(t *testing.T) userstest.Database { return usersDatabase(t, open(t)) })
	})
}

func TestDirectory(t *testing.T) {
	testStores(t, func(t *testing.T, open func(t testing.TB) *DB) {
		userstest.TestDirectory(t, func(t *testing.T) userstest.Database { return usersDatabase(t, open(t)) })
	})
}

func usersDatabase(t *testing.T, db *DB) userstest.Database {
	t.Helper()
	ctx := t.Context()
	directory := NewDirectory(db)
	return userstest.Database{
		Writer: NewUserWriter(db), Directory: directory,
		Count: func(ctx context.Context, tenant string, s filter.Selection) (int64, error) {
			return NewUsers(db).Count(ctx, tenant, s)
		},
		Put: func(t *testing.T, tenant, collection string, docs ...bson.Raw) {
			t.Helper()
			for _, doc := range docs {
				if _, err := db.Tenant(tenant).Collection(collection).ReplaceOne(ctx, idFilter(doc), doc, options.Replace().SetUpsert(true)); err != nil {
					t.Fatal(err)
				}
			}
		},
		Documents: func(t *testing.T, tenant, collection string) []bson.Raw {
			t.Helper()
			docs, err := findAll[bson.Raw](ctx, db.TenantReads(tenant).Collection(collection))
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(docs, func(a, b bson.Raw) int {
				return cmp.Compare(a.Lookup("_id").StringValue(), b.Lookup("_id").StringValue())
			})
			return docs
		},
	}
}
