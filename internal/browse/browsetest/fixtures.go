package browsetest

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
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
		raws[i] = marshal(t, d)
	}
	if _, err := s.Writer.WriteUsers(t.Context(), tenant, raws); err != nil {
		t.Fatal(err)
	}
}

func marshal(t testing.TB, d bson.D) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// readIDs reads the ids of the selected documents of a span, as an export does.
func readIDs(ctx context.Context, d pipeline.Documents, tenant string, s filter.Selection, span pipeline.IDRange) (ids []string, err error) {
	c, err := d.Read(ctx, tenant, s, bson.D{{Key: "_id", Value: 1}}, span)
	if err != nil {
		return nil, err
	}
	ids, err = remainingIDs(ctx, c)
	return ids, errors.Join(err, c.Close())
}

// remainingIDs reads a cursor to its end.
func remainingIDs(ctx context.Context, c pipeline.Cursor) (ids []string, err error) {
	for {
		doc, err := c.Next(ctx)
		if errors.Is(err, io.EOF) {
			return ids, nil
		}
		if err != nil {
			return ids, err
		}
		ids = append(ids, idOf(doc))
	}
}

func userIDs(list []users.User) (ids []string) {
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	return ids
}

func documentIDs(docs []bson.Raw) (ids []string) {
	for _, doc := range docs {
		ids = append(ids, idOf(doc))
	}
	return ids
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// orderedIDs are ids in the order of their bytes. UTF-16 would sort the last two the other way round,
// and a collation the letters.
var orderedIDs = []string{"", " ", "0", "10", "2", "A", "B", "a", "a\x00", "aa", "b", "e\u0301", "z", "\u00e9", "\u212a", "\uffee", "\U0001f600"}

// orderedUsers writes users with orderedIDs, in another order. Every second one is in the store uk,
// and every third one has the rank 3.
func orderedUsers(t *testing.T, s Store, tenant string) {
	t.Helper()
	var docs []bson.D
	for i, id := range orderedIDs {
		docs = append(docs, bson.D{
			{Key: "_id", Value: id}, {Key: "user_store_id", Value: []string{"uk", "se"}[i%2]}, {Key: "attributes", Value: bson.D{{Key: "rank", Value: int64(i % 3)}}},
		})
	}
	slices.Reverse(docs)
	write(t, s, tenant, docs[5:]...)
	write(t, s, tenant, docs[:5]...)
}

// selections select all, some or none of orderedUsers.
func selections() []filter.Selection {
	rank := filter.Equal{Path: "attributes.rank", Value: int64(0)}
	return []filter.Selection{
		{}, {Store: "uk"}, {Store: "none"}, {Where: rank}, {Store: "se", Where: rank}, {Where: filter.Not{Of: rank}}, {Where: filter.Known{Path: "attributes.none"}},
		{IDs: filter.IDRange{From: "B", Before: "e"}}, {IDs: filter.IDRange{From: "a\x00"}, Store: "uk"}, {IDs: filter.IDRange{Before: "\U0001f600"}, Where: rank},
		{Where: filter.Equal{Path: "_id", Value: "aa"}}, {Where: filter.Or{filter.Equal{Path: "_id", Value: ""}, rank}},
		{Where: filter.NewText("_id", export.StartsWith, "A")},
	}
}
