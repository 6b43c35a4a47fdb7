package userstest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/importer"
)

// When an import widens a field, the older values become text as in the file, and a filter finds
// them.
func widenedFieldHasText(t *testing.T, db Database) {
	ctx, w := t.Context(), db.Writer
	load := func(text string) importer.Report {
		t.Helper()
		rep, err := importer.Run(ctx, w, tenant, importer.Bytes([]byte(text)), importer.Options{})
		if err != nil || rep.Refused+rep.SkippedValues > 0 {
			t.Fatalf("report %+v, error %v", rep, err)
		}
		return rep
	}
	var first strings.Builder
	const many = 25 // more than one command of package mongo
	for i := range many {
		fmt.Fprintf(&first, `{"user_id":"u%02d","attributes":{"zip":%d,"day":"2026-01-31"}}`+"\n", i, 10115+i)
	}
	load(first.String())
	before := storedUsers(t, db, tenant)["u00"]
	rep := load(`{"user_id":"v","attributes":{"zip":"02138","day":"soon"}}`)
	want := []importer.Widening{{Slug: "zip", From: users.Number, To: users.Text, Converted: many}, {Slug: "day", From: users.Date, To: users.Text, Converted: many}}
	if !reflect.DeepEqual(rep.Widened, want) {
		t.Errorf("widened %+v, want %+v", rep.Widened, want)
	}
	after := storedUsers(t, db, tenant)
	before.Attributes["zip"], before.Attributes["day"] = "10115", "2026-01-31"
	if got := after["u00"]; !reflect.DeepEqual(got, before) || after["u24"].Attributes["zip"] != "10139" || after["v"].Attributes["zip"] != "02138" {
		t.Errorf("users %+v, %+v, %+v", got, after["u24"].Attributes, after["v"].Attributes)
	}
	schema, err := w.Schema(ctx, tenant)
	if f, _ := schema.Field("zip"); err != nil || f.Type != users.Text || !f.Inferred {
		t.Errorf("schema %+v, error %v", schema, err)
	}
	for _, rule := range []string{`{"field":"attributes.zip","operator":"is","value":"10116"}`, `{"field":"attributes.zip","operator":"starts_with","value":"02"}`} {
		def, err := decode.Definition([]byte(`{"include":{"attributes":true},"users":{"userStoreId":"all","filter":` + rule + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		selection, err := filter.Users(ctx, def, schema, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := db.Count(ctx, tenant, selection); err != nil || n != 1 {
			t.Errorf("%s finds %d users, %v", rule, n, err)
		}
	}
	if n, err := w.ConvertField(ctx, tenant, users.Field{Slug: "zip", Type: users.Number}); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
}

// Values of other types, stored by another program, become text as in export files.
func valuesOfAnyTypeAreConverted(t *testing.T, db Database) {
	id := bson.NewObjectID()
	for i, v := range []any{int32(7), 1.5, true, id, nil, "text", bson.D{{Key: "a", Value: int32(1)}}} {
		db.Put(t, tenant, "users", raw(t, bson.D{{Key: "_id", Value: fmt.Sprint(i)}, {Key: "attributes", Value: bson.D{{Key: "x", Value: v}, {Key: "y", Value: v}}}})...)
	}
	db.Put(t, tenant, "users", raw(t, bson.D{{Key: "_id", Value: "none"}}, bson.D{{Key: "_id", Value: "text"}, {Key: "attributes", Value: "x"}})...)
	if n, err := db.Writer.ConvertField(t.Context(), tenant, users.Field{Slug: "x", Type: users.Number}); n != 5 || err != nil {
		t.Errorf("%d converted, %v", n, err)
	}
	for i, want := range []any{"7", "1.5", "true", id.Hex(), nil, "text", `{"a":1}`} {
		doc := document(t, db, fmt.Sprint(i))
		if got := storedUsers(t, db, tenant)[fmt.Sprint(i)].Attributes["x"]; got != want {
			t.Errorf("%d: %v, want %v", i, got, want)
		}
		if y := doc.Lookup("attributes", "y"); i < 4 && y.Type == bson.TypeString {
			t.Errorf("%d: another field was converted: %v", i, y)
		}
	}
}
