package mongo

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/importer"
)

// When an import widens a field, the older values become text as in the file, and a filter finds
// them.
func TestWidenedFieldHasText(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	load := func(text string) importer.Report {
		t.Helper()
		rep, err := importer.Run(ctx, w, testTenant, importer.Bytes([]byte(text)), importer.Options{})
		if err != nil || rep.Refused+rep.SkippedValues > 0 {
			t.Fatalf("report %+v, error %v", rep, err)
		}
		return rep
	}
	var first strings.Builder
	const many = maxUpdates + 5 // more than one command
	for i := range many {
		fmt.Fprintf(&first, `{"user_id":"u%02d","attributes":{"zip":%d,"day":"2026-01-31"}}`+"\n", i, 10115+i)
	}
	load(first.String())
	before := storedUsers(t, db, testTenant)["u00"]
	rep := load(`{"user_id":"v","attributes":{"zip":"02138","day":"soon"}}`)
	want := []importer.Widening{{Slug: "zip", From: users.Number, To: users.Text, Converted: many}, {Slug: "day", From: users.Date, To: users.Text, Converted: many}}
	if !reflect.DeepEqual(rep.Widened, want) {
		t.Errorf("widened %+v, want %+v", rep.Widened, want)
	}
	after := storedUsers(t, db, testTenant)
	before.Attributes["zip"], before.Attributes["day"] = "10115", "2026-01-31"
	if got := after["u00"]; !reflect.DeepEqual(got, before) || after["u24"].Attributes["zip"] != "10139" || after["v"].Attributes["zip"] != "02138" {
		t.Errorf("users %+v, %+v, %+v", got, after["u24"].Attributes, after["v"].Attributes)
	}
	schema, err := w.Schema(ctx, testTenant)
	if f, _ := schema.Field("zip"); err != nil || f.Type != users.Text || !f.Inferred {
		t.Errorf("schema %+v, error %v", schema, err)
	}
	for _, filter := range []string{`{"field":"attributes.zip","operator":"is","value":"10116"}`, `{"field":"attributes.zip","operator":"starts_with","value":"02"}`} {
		def, err := decode.Definition([]byte(`{"include":{"attributes":true},"users":{"userStoreId":"all","filter":` + filter + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		selection, err := compileUsers(ctx, newReader(db, NewDirectory(db)), testTenant, def)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := db.Tenant(testTenant).Collection(usersCollection).CountDocuments(ctx, selectionQuery(selection)); err != nil || n != 1 {
			t.Errorf("%s finds %d users, %v", filter, n, err)
		}
	}
	if n, err := w.ConvertField(ctx, testTenant, users.Field{Slug: "zip", Type: users.Number}); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
}

// Values of other types, stored by another program, become text as in export files.
func TestConvertFieldOfAnyType(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	c := db.Tenant(testTenant).Collection(usersCollection)
	id := bson.NewObjectID()
	for i, v := range []any{int32(7), 1.5, true, id, nil, "text", bson.D{{Key: "a", Value: int32(1)}}} {
		if _, err := c.InsertOne(ctx, bson.D{{Key: "_id", Value: fmt.Sprint(i)}, {Key: "attributes", Value: bson.D{{Key: "x", Value: v}}}}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := NewUserWriter(db).ConvertField(ctx, testTenant, users.Field{Slug: "x", Type: users.Number}); n != 5 || err != nil {
		t.Errorf("%d converted, %v", n, err)
	}
	for i, want := range []any{"7", "1.5", "true", id.Hex(), nil, "text", `{"a":1}`} {
		if got := storedUsers(t, db, testTenant)[fmt.Sprint(i)].Attributes["x"]; got != want {
			t.Errorf("%d: %v, want %v", i, got, want)
		}
	}
}
