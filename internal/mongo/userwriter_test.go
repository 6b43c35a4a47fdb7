package mongo

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/users"
)

var _ run.Directory = (*Directory)(nil)

const paper = "daily-news"

func encoded(t *testing.T, list ...users.User) []bson.Raw {
	t.Helper()
	docs := make([]bson.Raw, len(list))
	for i, u := range list {
		doc, err := users.Encode(u)
		if err != nil {
			t.Fatal(err)
		}
		docs[i] = doc
	}
	return docs
}

// stored returns a tenant's users by id.
func stored(t *testing.T, db *DB, tenant string) map[string]users.User {
	t.Helper()
	docs, err := all[bson.Raw](t.Context(), db.TenantReads(tenant).Collection(usersCollection))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]users.User{}
	for _, doc := range docs {
		u, err := users.Decode(doc)
		if err != nil {
			t.Fatal(err)
		}
		found[u.ID] = u
	}
	return found
}

func reader(i int, city string) users.User {
	return users.User{ID: fmt.Sprintf("u%03d", i), StoreID: "uk", Attributes: map[string]any{"city": city}}
}

func TestWriteUsersMakesAndReplaces(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	// More are replaced than FerretDB can update in one command.
	const old, all = 110, 140
	var first, second []users.User
	for i := range all {
		if i < old {
			first = append(first, reader(i, "Leeds"))
		}
		second = append(second, reader(i, "Łódź"))
	}
	if n, err := w.WriteUsers(ctx, paper, encoded(t, first...)); err != nil || n != old {
		t.Fatalf("%d users were new, error %v", n, err)
	}
	if n, err := w.WriteUsers(ctx, paper, encoded(t, second...)); err != nil || n != all-old {
		t.Fatalf("%d users were new, error %v", n, err)
	}
	// The sample says that all are there; those that are not are made all the same.
	third := slices.Insert(slices.Clone(second), 1, reader(900, "Kyiv"))
	if n, err := w.WriteUsers(ctx, paper, encoded(t, third...)); err != nil || n != 1 {
		t.Fatalf("%d users were new, error %v", n, err)
	}
	got := stored(t, db, paper)
	for _, u := range second {
		if got[u.ID].Attributes["city"] != "Łódź" {
			t.Errorf("%s lives in %v", u.ID, got[u.ID].Attributes["city"])
		}
	}
	if n, err := w.WriteUsers(ctx, paper, nil); err != nil || n != 0 || len(got) != all+1 {
		t.Errorf("%d users, then %d new of none, error %v", len(got), n, err)
	}
	if other := stored(t, db, "other"); len(other) != 0 {
		t.Errorf("another tenant has %d users", len(other))
	}
}

func TestPutUsersRegistersNames(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	u := reader(1, "Leeds")
	u.ForeignKeys = map[string]string{"crm": "1", "CRM-2": "2"}
	u.ExtendedProfiles = map[string]json.RawMessage{"newsletter.v2": json.RawMessage(`{}`)}
	w := NewUserWriter(db)
	for range 2 {
		if _, err := w.PutUsers(ctx, paper, u); err != nil {
			t.Fatal(err)
		}
	}
	got, err := NewDirectory(db).Registry(ctx, paper)
	want := users.Registry{ForeignSystems: []string{"CRM-2", "crm"}, AppIDs: []string{"newsletter.v2"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("registry %v, error %v", got, err)
	}
}

func TestTitles(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w, d := NewUserWriter(db), NewDirectory(db)
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
		added, err := w.AddAccounts(ctx, paper, s.give)
		if err != nil || added != s.added {
			t.Fatalf("step %d: %d added, error %v", i, added, err)
		}
		got, err := d.AccountNames(ctx, paper, []string{"a", "b", "c", "d"})
		if err != nil || !reflect.DeepEqual(got, s.want) {
			t.Errorf("step %d: names %v, error %v", i, got, err)
		}
	}
	page, err := d.Accounts(ctx, paper, "a", 1)
	if err != nil || !slices.Equal(page, []users.Account{{ID: "b", Name: "B Ltd"}}) {
		t.Errorf("accounts behind a: %v, error %v", page, err)
	}
}

func TestDirectoryIsSortedForPeople(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w, d := NewUserWriter(db), NewDirectory(db)
	if _, err := w.AddStores(ctx, paper, []users.Store{{ID: "1", Title: "UK"}, {ID: "2", Title: "Asia"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddProducts(ctx, paper, []users.Product{{ID: "1", Label: "Print"}, {ID: "2", Label: "Digital"}}); err != nil {
		t.Fatal(err)
	}
	schema := users.Schema{
		{Slug: "z", Label: "Z", Type: users.Select, Options: []users.Option{{Value: "1", Label: "One"}}}, {Slug: "a", Label: "A", Type: users.Clock, Order: 1},
	}
	if err := w.PutSchema(ctx, paper, schema); err != nil {
		t.Fatal(err)
	}
	stores, err := d.Stores(ctx, paper)
	if err != nil || len(stores) != 2 || stores[0].Title != "Asia" {
		t.Errorf("stores %v, error %v", stores, err)
	}
	products, err := d.Products(ctx, paper)
	if err != nil || len(products) != 2 || products[0].Label != "Digital" {
		t.Errorf("products %v, error %v", products, err)
	}
	for name, read := range map[string]func() (users.Schema, error){
		"directory": func() (users.Schema, error) { return d.Schema(ctx, paper) }, "writer": func() (users.Schema, error) { return w.Schema(ctx, paper) },
	} {
		if got, err := read(); err != nil || !reflect.DeepEqual(got, schema) {
			t.Errorf("%s: schema %+v, error %v", name, got, err)
		}
	}
	if err := w.PutSchema(ctx, paper, users.Schema{{Slug: "b", Label: "B", Type: users.Text}, {Slug: "$x", Label: "X", Type: users.Text}}); export.CodeOf(err) != export.CodeInvalid {
		t.Errorf("a bad slug: %v", err)
	}
	if err := w.PutSchema(ctx, paper, users.Schema{{Slug: "a", Label: "New", Type: users.Text, Order: 1}}); err != nil {
		t.Fatal(err)
	}
	if found, err := w.DeleteField(ctx, paper, "z"); !found || err != nil {
		t.Errorf("the field was not there: %v", err)
	}
	if found, err := w.DeleteField(ctx, paper, "z"); found || err != nil {
		t.Errorf("the field is still there: %v", err)
	}
	got, err := d.Schema(ctx, paper)
	if err != nil || !reflect.DeepEqual(got, users.Schema{{Slug: "a", Label: "New", Type: users.Text, Order: 1}}) {
		t.Errorf("schema %+v, error %v", got, err)
	}
	empty, err := d.Schema(ctx, "nobody")
	if err != nil || len(empty) != 0 {
		t.Errorf("a tenant without schema has %v, error %v", empty, err)
	}
}

func TestRegistryEntriesAreMadeOnceByManyWriters(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	group, ctx := errgroup.WithContext(ctx)
	for i := range 8 {
		group.Go(func() error {
			return w.AddRegistry(ctx, paper, users.Registry{ForeignSystems: []string{"crm", fmt.Sprint("own-", i)}, AppIDs: []string{"crm"}})
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	got, err := NewDirectory(db).Registry(t.Context(), paper)
	if err != nil || len(got.ForeignSystems) != 9 || !slices.Equal(got.AppIDs, []string{"crm"}) {
		t.Errorf("registry %v, error %v", got, err)
	}
}

func TestScanRebuildsTheRegistry(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	if err := w.AddRegistry(ctx, paper, users.Registry{ForeignSystems: []string{"gone", "kept"}, AppIDs: []string{"gone.app"}}); err != nil {
		t.Fatal(err)
	}
	others := []bson.D{ // as another program may have written them
		{{Key: "_id", Value: "a"}, {Key: "foreign_keys", Value: bson.D{{Key: "kept", Value: 12}}}},
		{{Key: "_id", Value: "b"}, {Key: "extended_profiles", Value: bson.D{{Key: "quiz%2Ev2", Value: bson.D{{Key: "x", Value: 1}}}}}},
		{{Key: "_id", Value: "c"}, {Key: "foreign_keys", Value: "none"}, {Key: "extended_profiles", Value: nil}},
	}
	if _, err := db.Tenant(paper).Collection(usersCollection).InsertMany(ctx, others); err != nil {
		t.Fatal(err)
	}
	var scanned int64
	got, err := w.Scan(ctx, paper, func(n int64) { scanned = n })
	want := users.Registry{ForeignSystems: []string{"kept"}, AppIDs: []string{"quiz.v2"}}
	if err != nil || !reflect.DeepEqual(got, want) || scanned != 3 {
		t.Errorf("registry %v of %d users, error %v", got, scanned, err)
	}
	// An entry that a user has, after all, is put back.
	e := entry(profileKind, "quiz.v2")
	if err := w.dropEntry(ctx, paper, e); err != nil {
		t.Fatal(err)
	}
	if got, err := NewDirectory(db).Registry(ctx, paper); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("registry %v, error %v", got, err)
	}
}
