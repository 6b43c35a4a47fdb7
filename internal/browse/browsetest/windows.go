package browsetest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
)

func ordersByBytes(t *testing.T, ctx context.Context, s Store) {
	orderedUsers(t, s, Tenant)
	docs, err := s.Source.Find(ctx, Tenant, filter.Selection{}, browse.Window{})
	if got := documentIDs(docs); err != nil || !slices.Equal(got, orderedIDs) {
		t.Errorf("found %q, %v", got, err)
	}
	if got, err := readIDs(ctx, s.Source, Tenant, filter.Selection{}, pipeline.IDRange{}); err != nil || !slices.Equal(got, orderedIDs) {
		t.Errorf("read %q, %v", got, err)
	}
}

func findsWindows(t *testing.T, ctx context.Context, s Store) {
	WriteUsers(t, s, Tenant, "", "a", "b", "c", "d", "e")
	for name, c := range map[string]struct {
		w    browse.Window
		want []string
	}{
		"all":                        {browse.Window{}, []string{"", "a", "b", "c", "d", "e"}},
		"after the empty id":         {browse.Window{After: new("")}, []string{"a", "b", "c", "d", "e"}},
		"after an id":                {browse.Window{After: new("b")}, []string{"c", "d", "e"}},
		"after an unknown id":        {browse.Window{After: new("bb")}, []string{"c", "d", "e"}},
		"after the last":             {browse.Window{After: new("e")}, nil},
		"before an id":               {browse.Window{Before: new("b")}, []string{"", "a"}},
		"before the empty id":        {browse.Window{Before: new("")}, nil},
		"between":                    {browse.Window{After: new("a"), Before: new("d")}, []string{"b", "c"}},
		"between the wrong way":      {browse.Window{After: new("d"), Before: new("a")}, nil},
		"backwards":                  {browse.Window{Backwards: true}, []string{"e", "d", "c", "b", "a", ""}},
		"backwards, limited":         {browse.Window{Before: new("d"), Backwards: true, Limit: 2}, []string{"c", "b"}},
		"backwards, skipped":         {browse.Window{After: new(""), Backwards: true, Skip: 1, Limit: 3}, []string{"d", "c", "b"}},
		"limited":                    {browse.Window{Limit: 2}, []string{"", "a"}},
		"limited to more":            {browse.Window{After: new("d"), Limit: 9}, []string{"e"}},
		"skipped":                    {browse.Window{Skip: 4}, []string{"d", "e"}},
		"skipped and limited":        {browse.Window{After: new("a"), Skip: 1, Limit: 2}, []string{"c", "d"}},
		"skipped beyond the end":     {browse.Window{Skip: 9, Limit: 2}, nil},
		"sequential":                 {browse.Window{After: new("b"), Limit: 2, Sequential: true}, []string{"c", "d"}},
		"sequential from the start":  {browse.Window{Skip: 1, Limit: 2, Sequential: true}, []string{"a", "b"}},
		"sequential after the empty": {browse.Window{After: new(""), Limit: 1, Sequential: true}, []string{"a"}},
	} {
		docs, err := s.Source.Find(ctx, Tenant, filter.Selection{}, c.w)
		if got := documentIDs(docs); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

// findsAnyWindow compares windows with those of users in memory.
func findsAnyWindow(t *testing.T, ctx context.Context, s Store) {
	memory := OpenMemory(t)
	orderedUsers(t, s, Tenant)
	orderedUsers(t, memory, Tenant)
	bound := rapid.Custom(func(t *rapid.T) *string {
		if rapid.Bool().Draw(t, "open") {
			return nil
		}
		return new(idGenerator().Draw(t, "id"))
	})
	rapid.Check(t, func(t *rapid.T) {
		selection := rapid.SampledFrom(selections()).Draw(t, "selection")
		w := browse.Window{
			After: bound.Draw(t, "after"), Before: bound.Draw(t, "before"), Backwards: rapid.Bool().Draw(t, "backwards"),
			Skip: rapid.Int64Range(0, 5).Draw(t, "skip"), Limit: rapid.Int64Range(0, 5).Draw(t, "limit"), Sequential: rapid.Bool().Draw(t, "sequential"),
		}
		got, err := s.Source.Find(ctx, Tenant, selection, w)
		if err != nil {
			t.Fatal(err)
		}
		want, err := memory.Source.Find(ctx, Tenant, selection, w)
		if err != nil || !slices.EqualFunc(got, want, func(a, b bson.Raw) bool { return bytes.Equal(a, b) }) {
			t.Fatalf("%q, want %q, %v", documentIDs(got), documentIDs(want), err)
		}
	})
}

// idGenerator generates ids of users, and some next to them.
func idGenerator() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom(orderedIDs).Draw(t, "id") + rapid.SampledFrom([]string{"", "", "a"}).Draw(t, "more")
	})
}

// findsWithoutDeadline reads as a background task does, whose context never ends.
func findsWithoutDeadline(t *testing.T, _ context.Context, s Store) {
	orderedUsers(t, s, Tenant)
	ctx := context.Background()
	docs, err := s.Source.Find(ctx, Tenant, filter.Selection{Store: "uk"}, browse.Window{After: new(""), Skip: 1, Limit: 2, Sequential: true})
	if got := documentIDs(docs); err != nil || !slices.Equal(got, []string{"2", "B"}) {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := readIDs(ctx, s.Source, Tenant, filter.Selection{}, pipeline.IDRange{After: "z"}); err != nil || len(got) != 4 {
		t.Errorf("%q, %v", got, err)
	}
}

func returnsOwnedDocuments(t *testing.T, ctx context.Context, s Store) {
	orderedUsers(t, s, Tenant)
	first, err := s.Source.Find(ctx, Tenant, filter.Selection{}, browse.Window{Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	one, err := s.Source.Document(ctx, Tenant, "A")
	if err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprint(first, one)
	if _, err := s.Source.Find(ctx, Tenant, filter.Selection{}, browse.Window{Backwards: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := readIDs(ctx, s.Source, Tenant, filter.Selection{}, pipeline.IDRange{}); err != nil {
		t.Fatal(err)
	}
	if after := fmt.Sprint(first, one); after != before {
		t.Errorf("%s has become %s", before, after)
	}
}
