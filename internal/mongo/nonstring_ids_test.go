package mongo

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

// idsOfEveryType has an id of each type except string and symbol, by type name.
var idsOfEveryType = map[string]any{
	"double": 1.5, "object": bson.D{{Key: "a", Value: 1}}, "binData": bson.Binary{Data: []byte{1}}, "UUID": bson.Binary{Subtype: bson.TypeBinaryUUID, Data: make([]byte, 16)},
	"objectId": bson.NewObjectID(), "bool": true, "date": time.Unix(1, 0), "null": nil, "int": int32(5), "long": int64(1 << 40), "timestamp": bson.Timestamp{T: 1},
}

// idsOfMongoDB has ids of types that FerretDB 1 cannot store.
var idsOfMongoDB = map[string]any{
	"decimal": bson.NewDecimal128(0, 5), "minKey": bson.MinKey{}, "maxKey": bson.MaxKey{}, "javascript": bson.JavaScript("x"),
}

func TestNonStringIDType(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		ctx, embedded := t.Context(), db.singleWriter
		db.singleWriter = false // the check is the same on every engine
		u, events := newReader(db, fakeDirectory{}), NewEvents(db)
		want := func(what, want string, have func(context.Context, string) (string, error)) {
			t.Helper()
			if types, err := have(ctx, testTenant); err != nil || types != want {
				t.Errorf("%s: %q, %v; want %q", what, types, err, want)
			}
		}
		want("no users", "", u.NonStringIDType)
		insertUsers(t, db, 5)
		insert(t, db, usersCollection, bson.D{{Key: "_id", Value: ""}}, bson.D{{Key: "_id", Value: "\U0010ffff"}})
		want("strings", "", u.NonStringIDType)
		ids := maps.Clone(idsOfEveryType)
		if !embedded {
			maps.Copy(ids, idsOfMongoDB)
		}
		c := db.Tenant(testTenant).Collection(usersCollection)
		for name, id := range ids {
			insert(t, db, usersCollection, bson.D{{Key: "_id", Value: id}})
			want(name, name, u.NonStringIDType)
			if err := u.CheckIDs(ctx, testTenant+"-"+name, export.UsersFile); err != nil { // each tenant has its own ids
				t.Errorf("%s: another tenant: %v", name, err)
			}
			err := newReader(db, fakeDirectory{}).CheckIDs(ctx, testTenant, export.UsersFile, export.StateEventsFile)
			if errs.CodeOf(err) != errs.CodeNonStringID || !strings.Contains(err.Error(), "users whose id") || !strings.Contains(err.Error(), "(found: "+name+")") {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := c.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}}); err != nil {
				t.Fatal(err)
			}
		}
		want("strings again", "", u.NonStringIDType)
		for _, name := range []string{"int", "UUID", "objectId", "timestamp"} { // the types in the middle are neither first nor last
			insert(t, db, usersCollection, bson.D{{Key: "_id", Value: ids[name]}})
		}
		want("several", "UUID, int, objectId, timestamp", u.NonStringIDType)
		want("events are others", "", events.NonStringIDType)
		if _, err := NewUserWriter(db).Scan(ctx, testTenant, nil); errs.CodeOf(err) != errs.CodeNonStringID {
			t.Errorf("a scan: %v", err)
		}
	})
}

// The check skips FerretDB: it would sort all documents for it, and only Egress writes to
// it.
func TestNonStringIDTypeSkipsEmbeddedEngine(t *testing.T) {
	t.Parallel()
	db := &DB{singleWriter: true} // has no client: a query would panic
	for _, d := range []pipeline.Documents{NewUsers(db), NewEvents(db)} {
		if types, err := d.NonStringIDType(t.Context(), "daily"); types != "" || err != nil {
			t.Errorf("%T: %q, %v", d, types, err)
		}
	}
}
