package userstest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

func listsAreSorted(t *testing.T, db Database) {
	ctx, w, d := t.Context(), db.Writer, db.Directory
	if _, err := w.AddStores(ctx, tenant, []users.Store{{ID: "1", Title: "UK"}, {ID: "2", Title: "Asia"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddProducts(ctx, tenant, []users.Product{{ID: "1", Label: "Print"}, {ID: "2", Label: "Digital"}}); err != nil {
		t.Fatal(err)
	}
	stores, err := d.Stores(ctx, tenant)
	if err != nil || len(stores) != 2 || stores[0].Title != "Asia" {
		t.Errorf("stores %v, error %v", stores, err)
	}
	products, err := d.Products(ctx, tenant)
	if err != nil || len(products) != 2 || products[0].Label != "Digital" {
		t.Errorf("products %v, error %v", products, err)
	}
}

func schemaIsChangedByField(t *testing.T, db Database) {
	ctx, w, d := t.Context(), db.Writer, db.Directory
	schema := users.Schema{
		{
			Slug: "z", Label: "Z", Type: users.Select, Options: []users.Option{{Value: "1", Label: "One"}},
			Constraints: users.Constraints{Required: true, Expression: `^\d$`, Start: "0", End: "1e+21", Step: "0.5"},
			Document:    `{"slug":"z","label":"\u0000 \"<é😀>","input-type":"select","select-options":"null","range-start":-0.0,"later":{"$x.y":[1.50,null]}}`,
		},
		{Slug: "a", Label: "A", Type: users.Clock, Order: 1, Constraints: users.Constraints{Required: true}},
	}
	if err := w.PutSchema(ctx, tenant, schema); err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() (users.Schema, error){
		"directory": func() (users.Schema, error) { return d.Schema(ctx, tenant) }, "writer": func() (users.Schema, error) { return w.Schema(ctx, tenant) },
	} {
		if got, err := read(); err != nil || !reflect.DeepEqual(got, schema) {
			t.Errorf("%s: schema %+v, error %v", name, got, err)
		}
	}
	if err := w.PutSchema(ctx, tenant, users.Schema{{Slug: "b", Label: "B", Type: users.Text}, {Slug: "$x", Label: "X", Type: users.Text}}); errs.CodeOf(err) != errs.CodeInvalidRequest {
		t.Errorf("a bad slug: %v", err)
	}
	if err := w.PutSchema(ctx, tenant, users.Schema{{Slug: "a", Label: "New", Type: users.Text, Order: 1}}); err != nil {
		t.Fatal(err)
	}
	if found, err := w.DeleteField(ctx, tenant, "z"); !found || err != nil {
		t.Errorf("the field was not there: %v", err)
	}
	if found, err := w.DeleteField(ctx, tenant, "z"); found || err != nil {
		t.Errorf("the field is still there: %v", err)
	}
	got, err := d.Schema(ctx, tenant)
	if err != nil || !reflect.DeepEqual(got, users.Schema{{Slug: "a", Label: "New", Type: users.Text, Order: 1}}) {
		t.Errorf("schema %+v, error %v", got, err)
	}
	empty, err := d.Schema(ctx, "nobody")
	if err != nil || len(empty) != 0 {
		t.Errorf("a tenant without schema has %v, error %v", empty, err)
	}
}

func accountNamesAreKept(t *testing.T, db Database) {
	ctx := t.Context()
	steps := []struct {
		give  []users.Account
		added int
		want  map[string]string
	}{
		{[]users.Account{{ID: "a", Name: "a"}, {ID: "b", Name: "B Ltd"}}, 2, map[string]string{"a": "a", "b": "B Ltd"}},
		{[]users.Account{{ID: "a", Name: "A Ltd"}, {ID: "b", Name: "b"}, {ID: "c", Name: "C"}}, 1, map[string]string{"a": "A Ltd", "b": "B Ltd", "c": "C"}},
		{[]users.Account{{ID: "a", Name: "Another"}}, 0, map[string]string{"a": "A Ltd", "b": "B Ltd", "c": "C"}},
		{nil, 0, map[string]string{"a": "A Ltd", "b": "B Ltd", "c": "C"}},
	}
	for i, s := range steps {
		added, err := db.Writer.AddAccounts(ctx, tenant, s.give)
		if err != nil || added != s.added {
			t.Fatalf("step %d: %d added, error %v", i, added, err)
		}
		got, err := db.Directory.AccountNames(ctx, tenant, []string{"a", "b", "c", "d"})
		if err != nil || !reflect.DeepEqual(got, s.want) {
			t.Errorf("step %d: names %v, error %v", i, got, err)
		}
	}
	page, err := db.Directory.Accounts(ctx, tenant, "a", 1)
	if err != nil || !slices.Equal(page, []users.Account{{ID: "b", Name: "B Ltd"}}) {
		t.Errorf("accounts after a: %v, error %v", page, err)
	}
}

func titlesAreKept(t *testing.T, db Database) {
	ctx, w, d := t.Context(), db.Writer, db.Directory
	for i, title := range []string{"1", "One", "Other", "1"} {
		stores, err := w.AddStores(ctx, tenant, []users.Store{{ID: "1", Title: title}})
		if err != nil || (stores == 1) != (i == 0) {
			t.Errorf("step %d: %d stores are new, %v", i, stores, err)
		}
		products, err := w.AddProducts(ctx, tenant, []users.Product{{ID: "1", Label: title}})
		if err != nil || (products == 1) != (i == 0) {
			t.Errorf("step %d: %d products are new, %v", i, products, err)
		}
	}
	stores, err := d.Stores(ctx, tenant)
	if err != nil || len(stores) != 1 || stores[0].ID != "1" || stores[0].Title != "One" {
		t.Errorf("stores %v, error %v", stores, err)
	}
	products, err := d.Products(ctx, tenant)
	if err != nil || !slices.Equal(products, []users.Product{{ID: "1", Label: "One"}}) {
		t.Errorf("products %v, error %v", products, err)
	}
}

// Members of products and accounts that Egress has no field for are replaced by later ones, but not by
// none, as when users refer to an account that a migration brought.
func catalogMembersAreKept(t *testing.T, db Database) {
	ctx := t.Context()
	const first, second = users.Members(`{"email_address":"a@example.com","n":1.50}`), users.Members(`{"n":2}`)
	for i, c := range []struct {
		title   string
		members users.Members
		want    users.Account
	}{
		{"1", "", users.Account{ID: "1", Name: "1"}},
		{"1", first, users.Account{ID: "1", Name: "1", Members: first}},
		{"Cafe\u0301", "", users.Account{ID: "1", Name: "Cafe\u0301", Members: first}},
		{"Other", second, users.Account{ID: "1", Name: "Cafe\u0301", Members: second}},
	} {
		if _, err := db.Writer.AddAccounts(ctx, tenant, []users.Account{{ID: "1", Name: c.title, Members: c.members}}); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Writer.AddProducts(ctx, tenant, []users.Product{{ID: "1", Label: c.title, Members: c.members}}); err != nil {
			t.Fatal(err)
		}
		accounts, err := db.Directory.Accounts(ctx, tenant, "", 9)
		if err != nil || !slices.Equal(accounts, []users.Account{c.want}) {
			t.Errorf("step %d: accounts %+v, want %+v, %v", i, accounts, c.want, err)
		}
		byID, err := db.Directory.AccountsByID(ctx, tenant, []string{"1", "2"})
		if err != nil || len(byID) != 1 || byID["1"] != c.want {
			t.Errorf("step %d: accounts by id %+v, want %+v, %v", i, byID, c.want, err)
		}
		products, err := db.Directory.Products(ctx, tenant)
		want := users.Product{ID: "1", Label: c.want.Name, Members: c.want.Members}
		if err != nil || !slices.Equal(products, []users.Product{want}) {
			t.Errorf("step %d: products %+v, want %+v, %v", i, products, want, err)
		}
	}
}

// The default user store of a tenant is the first one.
func firstStoreIsKnown(t *testing.T, db Database) {
	for i, id := range []string{"uk", "asia"} {
		for range 2 { // adding it again changes nothing
			store := users.Store{ID: id, Title: id, Created: morning.AddDate(0, 0, i)}
			if _, err := db.Writer.AddStores(t.Context(), tenant, []users.Store{store}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := db.Writer.AddStores(t.Context(), tenant, []users.Store{{ID: "uk", Title: "United Kingdom"}, {ID: "africa", Title: "Africa"}}); err != nil {
		t.Fatal(err)
	}
	stores, err := db.Directory.Stores(t.Context(), tenant)
	if err != nil || len(stores) != 3 || users.FirstStore(stores) != "uk" || stores[0].Created.IsZero() {
		t.Errorf("stores %v, error %v", stores, err)
	}
}
