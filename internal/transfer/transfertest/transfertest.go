// Package transfertest tests stores that documents are copied from and to.
package transfertest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/transfer"
)

// Store is a store that can be both.
type Store interface {
	transfer.Source
	transfer.Target
}

// Tenant is the tenant whose documents TestStore writes.
const Tenant = "daily-news"

// TestStore tests stores. Open opens an empty one.
func TestStore(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, s Store){
		"every collection":            everyCollection,
		"order and replacement":       order,
		"missing tenants and markers": missing,
		"ids of other types":          otherIDs,
		"copy":                        copyBetween(open),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// Document returns a document with an id.
func Document(t *testing.T, id any, fields ...bson.E) bson.Raw {
	t.Helper()
	doc, err := bson.Marshal(append(bson.D{{Key: "_id", Value: id}}, fields...))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func put(t *testing.T, s transfer.Target, tenant, collection string, docs ...bson.Raw) {
	t.Helper()
	if err := s.Put(t.Context(), tenant, collection, docs); err != nil {
		t.Fatalf("put documents into %s: %v", collection, err)
	}
}

// Read returns the documents of a collection as Each returns them, and compares their number with
// Count.
func Read(t *testing.T, s transfer.Reader, tenant, collection, after string) (docs []bson.Raw) {
	t.Helper()
	err := s.Each(t.Context(), tenant, collection, after, func(id string, doc bson.Raw) error {
		if stored := doc.Lookup("_id").StringValue(); stored != id {
			t.Errorf("document %q came with the id %q", stored, id)
		}
		docs = append(docs, slices.Clone(doc))
		return nil
	})
	if err != nil {
		t.Fatalf("read %s: %v", collection, err)
	}
	if n, err := s.Count(t.Context(), tenant, collection); err != nil || after == "" && n != int64(len(docs)) {
		t.Errorf("%d documents in %s, counted %d, error %v", len(docs), collection, n, err)
	}
	return docs
}

// everyCollection stores documents without the usual members and with an unusual one.
func everyCollection(t *testing.T, s Store) {
	for _, tenant := range []string{"", Tenant} {
		if len(s.Collections(tenant)) == 0 {
			t.Errorf("no collections of tenant %q", tenant)
		}
		if slices.Contains(s.Collections(tenant), transfer.MarkerCollection) {
			t.Error("the collection of markers is listed")
		}
		for _, collection := range append(s.Collections(tenant), transfer.MarkerCollection) {
			if tenant != "" && collection == transfer.MarkerCollection {
				continue
			}
			docs := []bson.Raw{Document(t, "a", bson.E{Key: "unusual", Value: 1.5}), Document(t, "b")}
			put(t, s, tenant, collection, docs...)
			if got := Read(t, s, tenant, collection, ""); !reflect.DeepEqual(got, docs) {
				t.Errorf("%s holds %v", collection, got)
			}
		}
	}
	tenants, err := s.Tenants(t.Context())
	if err != nil || !slices.Equal(tenants, []string{"a", "b"}) {
		t.Errorf("tenants %q, error %v", tenants, err)
	}
}

func order(t *testing.T, s Store) {
	for _, collection := range []string{"users", "state_events", "accounts"} {
		var docs []bson.Raw // in the order of bytes, which is not that of UTF-16
		for _, id := range []string{"", "10", "9", "B", "a", "a b", "a/b", "\"<&>\u2028", "ä", "\uffee", "𝄞"} {
			docs = append(docs, Document(t, id, bson.E{Key: "version", Value: int32(1)}))
		}
		slices.SortFunc(docs, func(a, b bson.Raw) int {
			if a.Lookup("_id").StringValue() < b.Lookup("_id").StringValue() {
				return -1
			}
			return 1
		})
		shuffled := slices.Clone(docs)
		slices.Reverse(shuffled)
		put(t, s, Tenant, collection, shuffled...)
		docs[3] = Document(t, docs[3].Lookup("_id").StringValue(), bson.E{Key: "version", Value: int32(2)})
		put(t, s, Tenant, collection, docs[3], docs[4])
		if got := Read(t, s, Tenant, collection, ""); !reflect.DeepEqual(got, docs) {
			t.Errorf("%s: %v, not %v", collection, got, docs)
		}
		for i, doc := range docs[1:] {
			if got := Read(t, s, Tenant, collection, doc.Lookup("_id").StringValue()); len(got) != len(docs)-i-2 || len(got) > 0 && !reflect.DeepEqual(got, docs[i+2:]) {
				t.Errorf("%s after %s: %v", collection, doc.Lookup("_id"), got)
			}
		}
	}
	stop := errors.New("enough")
	n := 0
	err := s.Each(t.Context(), Tenant, "users", "", func(string, bson.Raw) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("%d documents, error %v", n, err)
	}
}

func missing(t *testing.T, s Store) {
	for _, collection := range []string{"users", "stores"} {
		if docs := Read(t, s, "nobody", collection, ""); len(docs) > 0 {
			t.Errorf("%s of a missing tenant: %v", collection, docs)
		}
	}
	if state, err := transfer.StateOf(t.Context(), s); err != nil || state != transfer.None {
		t.Errorf("state %d, error %v", state, err)
	}
}

func otherIDs(t *testing.T, s Store) {
	doc := Document(t, bson.NewObjectID())
	if err := s.Put(t.Context(), Tenant, "users", []bson.Raw{doc}); err != nil {
		return // the store has no such ids
	}
	if err := s.Each(t.Context(), Tenant, "users", "", func(string, bson.Raw) error { return nil }); err == nil {
		t.Error("a document whose id is not a string was skipped")
	}
}

func copyBetween(open func(t *testing.T) Store) func(t *testing.T, s Store) {
	return func(t *testing.T, from Store) {
		to := open(t)
		put(t, from, "", "tenants", Document(t, Tenant))
		for i := range 30 {
			put(t, from, Tenant, "users", Document(t, fmt.Sprint(i)))
		}
		for _, want := range []int64{31, 0} {
			r, err := transfer.Copy(t.Context(), from, to, transfer.Options{Source: "test"})
			if err != nil || r.Documents != 31 || r.Copied != want {
				t.Errorf("%+v, error %v", r, err)
			}
		}
		if got := Read(t, to, Tenant, "users", ""); len(got) != 30 {
			t.Errorf("%d users", len(got))
		}
	}
}
