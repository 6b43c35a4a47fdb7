package browsetest

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// WriteUsers writes users that have ids only.
func WriteUsers(t testing.TB, s Store, tenant string, ids ...string) {
	t.Helper()
	docs := make([]bson.D, len(ids))
	for i, id := range ids {
		docs[i] = bson.D{{Key: "_id", Value: id}}
	}
	write(t, s, tenant, docs...)
}

// write writes documents of users as they are.
func write(t testing.TB, s Store, tenant string, docs ...bson.D) {
	t.Helper()
	raws := make([]bson.Raw, len(docs))
	for i, d := range docs {
		raw, err := bson.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		raws[i] = raw
	}
	if _, err := s.Writer.WriteUsers(t.Context(), tenant, raws); err != nil {
		t.Fatal(err)
	}
}
