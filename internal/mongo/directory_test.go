package mongo

import (
	"reflect"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

func TestDirectoryOrder(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w, d := NewUserWriter(db), NewDirectory(db)
	if _, err := w.AddStores(ctx, testTenant, []users.Store{{ID: "1", Title: "UK"}, {ID: "2", Title: "Asia"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddProducts(ctx, testTenant, []users.Product{{ID: "1", Label: "Print"}, {ID: "2", Label: "Digital"}}); err != nil {
		t.Fatal(err)
	}
	schema := users.Schema{
		{Slug: "z", Label: "Z", Type: users.Select, Options: []users.Option{{Value: "1", Label: "One"}}}, {Slug: "a", Label: "A", Type: users.Clock, Order: 1},
	}
	if err := w.PutSchema(ctx, testTenant, schema); err != nil {
		t.Fatal(err)
	}
	stores, err := d.Stores(ctx, testTenant)
	if err != nil || len(stores) != 2 || stores[0].Title != "Asia" {
		t.Errorf("stores %v, error %v", stores, err)
	}
	products, err := d.Products(ctx, testTenant)
	if err != nil || len(products) != 2 || products[0].Label != "Digital" {
		t.Errorf("products %v, error %v", products, err)
	}
	for name, read := range map[string]func() (users.Schema, error){
		"directory": func() (users.Schema, error) { return d.Schema(ctx, testTenant) }, "writer": func() (users.Schema, error) { return w.Schema(ctx, testTenant) },
	} {
		if got, err := read(); err != nil || !reflect.DeepEqual(got, schema) {
			t.Errorf("%s: schema %+v, error %v", name, got, err)
		}
	}
	if err := w.PutSchema(ctx, testTenant, users.Schema{{Slug: "b", Label: "B", Type: users.Text}, {Slug: "$x", Label: "X", Type: users.Text}}); errs.CodeOf(err) != errs.CodeInvalidRequest {
		t.Errorf("a bad slug: %v", err)
	}
	if err := w.PutSchema(ctx, testTenant, users.Schema{{Slug: "a", Label: "New", Type: users.Text, Order: 1}}); err != nil {
		t.Fatal(err)
	}
	if found, err := w.DeleteField(ctx, testTenant, "z"); !found || err != nil {
		t.Errorf("the field was not there: %v", err)
	}
	if found, err := w.DeleteField(ctx, testTenant, "z"); found || err != nil {
		t.Errorf("the field is still there: %v", err)
	}
	got, err := d.Schema(ctx, testTenant)
	if err != nil || !reflect.DeepEqual(got, users.Schema{{Slug: "a", Label: "New", Type: users.Text, Order: 1}}) {
		t.Errorf("schema %+v, error %v", got, err)
	}
	empty, err := d.Schema(ctx, "nobody")
	if err != nil || len(empty) != 0 {
		t.Errorf("a tenant without schema has %v, error %v", empty, err)
	}
}
