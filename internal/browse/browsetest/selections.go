package browsetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
)

func countsUsers(t *testing.T, ctx context.Context, s Store) {
	memory := OpenMemory(t)
	orderedUsers(t, s, Tenant)
	orderedUsers(t, memory, Tenant)
	for _, selection := range selections() {
		want, err := memory.Source.Count(ctx, Tenant, selection)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.Source.Count(ctx, Tenant, selection); err != nil || n != want {
			t.Errorf("%+v: %d, %v; want %d", selection, n, err, want)
		}
	}
	if n, err := s.Source.Count(ctx, Tenant, filter.Selection{}); err != nil || n != int64(len(orderedIDs)) {
		t.Errorf("%d users, %v", n, err)
	}
	write(t, s, Tenant, bson.D{{Key: "_id", Value: "a"}}, bson.D{{Key: "_id", Value: "new"}}) // replaces one
	if n, err := s.Source.Count(ctx, Tenant, filter.Selection{}); err != nil || n != int64(len(orderedIDs))+1 {
		t.Errorf("%d users after a write, %v", n, err)
	}
	if n, err := s.Source.Count(ctx, Tenant, filter.Selection{Store: "se"}); err != nil || n != int64(len(orderedIDs))/2-1 {
		t.Errorf("%d users of a store after a write, %v", n, err)
	}
}

func matchesIDs(t *testing.T, ctx context.Context, s Store) {
	memory := OpenMemory(t)
	orderedUsers(t, s, Tenant)
	orderedUsers(t, memory, Tenant)
	many := slices.Clone(orderedIDs)
	for i := range 1000 { // a block of an export has as many users
		many = append(many, fmt.Sprint("unknown ", i))
	}
	for _, ids := range [][]string{{}, {"a"}, {"a", "unknown", "", "\U0001f600", "a\x00"}, {"unknown"}, {"a", "a"}, many} {
		for _, selection := range selections() {
			want, err := memory.Source.MatchingIDs(ctx, Tenant, selection, ids)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.Source.MatchingIDs(ctx, Tenant, selection, ids); err != nil || !maps.Equal(got, want) {
				t.Errorf("%+v of %d ids: %q, %v; want %q", selection, len(ids), sortedKeys(got), err, sortedKeys(want))
			}
		}
	}
}

func endsSegments(t *testing.T, ctx context.Context, s Store) {
	WriteUsers(t, s, Tenant, "", "a", "b", "c", "d", "e")
	write(t, s, Tenant, bson.D{{Key: "_id", Value: "bb"}, {Key: "user_store_id", Value: "uk"}}, bson.D{{Key: "_id", Value: "dd"}, {Key: "user_store_id", Value: "uk"}})
	never := filter.Known{Path: "attributes.none"}
	for _, c := range []struct {
		s     filter.Selection
		after string
		n     int
		want  string
	}{
		{filter.Selection{}, "", 2, "a"}, {filter.Selection{}, "", 8, "e"}, {filter.Selection{}, "", 9, ""}, {filter.Selection{}, "a", 2, "bb"},
		{filter.Selection{}, "aa", 2, "bb"}, {filter.Selection{}, "d", 2, "e"}, {filter.Selection{}, "d", 3, ""}, {filter.Selection{}, "e", 2, ""},
		{filter.Selection{Where: never}, "", 3, "b"}, // counts users who do not match
		{filter.Selection{Store: "uk"}, "", 2, "dd"}, {filter.Selection{Store: "uk", Where: never}, "", 2, "dd"}, {filter.Selection{Store: "uk"}, "bb", 2, ""},
		{filter.Selection{Store: "none"}, "", 2, ""},
		{filter.Selection{IDs: filter.IDRange{From: "b", Before: "e"}}, "", 3, "c"}, {filter.Selection{IDs: filter.IDRange{From: "b", Before: "d"}}, "b", 3, ""},
	} {
		if id, err := s.Source.SegmentEnd(ctx, Tenant, c.s, c.after, c.n); err != nil || id != c.want {
			t.Errorf("%+v, user %d after %q: %q, %v; want %q", c.s, c.n, c.after, id, err, c.want)
		}
	}
}

// cutsSegments reads all segments of seven users: together they have each user once.
func cutsSegments(t *testing.T, ctx context.Context, s Store) {
	const people = 100
	docs := []bson.D{{{Key: "_id", Value: ""}}}
	for i := range people {
		docs = append(docs, bson.D{
			{Key: "_id", Value: fmt.Sprintf("u%03d", i)}, {Key: "user_store_id", Value: fmt.Sprint("s", i%2)},
			{Key: "attributes", Value: bson.D{{Key: "x", Value: int64(i % 10)}}},
		})
	}
	write(t, s, Tenant, docs...)
	rare := filter.Equal{Path: "attributes.x", Value: int64(7)}
	for name, c := range map[string]struct {
		selection    filter.Selection
		users, spans int
	}{
		"everyone":        {filter.Selection{}, people + 1, 15},
		"a rare value":    {filter.Selection{Where: rare}, people / 10, 15},
		"one store":       {filter.Selection{Store: "s1"}, people / 2, 8},
		"one store, rare": {filter.Selection{Store: "s1", Where: rare}, people / 10, 8},
	} {
		var got []string
		spans := 0
		for after, more := "", true; more; spans++ {
			until, err := s.Source.SegmentEnd(ctx, Tenant, c.selection, after, 7)
			if err != nil {
				t.Fatal(err)
			}
			ids, err := readIDs(ctx, s.Source, Tenant, c.selection, pipeline.IDRange{After: after, Until: until})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, ids...)
			after, more = until, until != ""
		}
		if len(got) != c.users || !slices.IsSorted(got) || len(slices.Compact(got)) != c.users || spans != c.spans {
			t.Errorf("%s: %d users of %d in %d spans of %d: %q", name, len(got), c.users, spans, c.spans, got)
		}
	}
}
