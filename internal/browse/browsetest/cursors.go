package browsetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
)

// read opens a cursor, and closes it when t ends.
func read(ctx context.Context, t *testing.T, s Store, projection bson.D) pipeline.Cursor {
	t.Helper()
	c, err := s.Source.Read(ctx, Tenant, filter.Selection{}, projection, pipeline.IDRange{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// next reads one id.
func next(ctx context.Context, t *testing.T, c pipeline.Cursor) string {
	t.Helper()
	doc, err := c.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return idOf(doc)
}

func readsSpans(t *testing.T, ctx context.Context, s Store) {
	WriteUsers(t, s, Tenant, "c", "", "a", "d", "b")
	for _, c := range []struct {
		span pipeline.IDRange
		want []string
	}{
		{pipeline.IDRange{}, []string{"", "a", "b", "c", "d"}}, {pipeline.IDRange{After: "b"}, []string{"c", "d"}}, {pipeline.IDRange{After: "bb"}, []string{"c", "d"}},
		{pipeline.IDRange{Until: "b"}, []string{"", "a", "b"}}, {pipeline.IDRange{Until: "bb"}, []string{"", "a", "b"}}, {pipeline.IDRange{After: "a", Until: "c"}, []string{"b", "c"}},
		{pipeline.IDRange{After: "d"}, nil}, {pipeline.IDRange{After: "b", Until: "b"}, nil}, {pipeline.IDRange{After: "c", Until: "b"}, nil},
	} {
		if got, err := readIDs(ctx, s.Source, Tenant, filter.Selection{}, c.span); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, %v; want %q", c.span, got, err, c.want)
		}
	}
}

// readsAnySpan compares spans with those of users in memory.
func readsAnySpan(t *testing.T, ctx context.Context, s Store) {
	memory := OpenMemory(t)
	orderedUsers(t, s, Tenant)
	orderedUsers(t, memory, Tenant)
	rapid.Check(t, func(t *rapid.T) {
		selection := rapid.SampledFrom(selections()).Draw(t, "selection")
		span := pipeline.IDRange{After: idGenerator().Draw(t, "after"), Until: idGenerator().Draw(t, "until")}
		got, err := readIDs(ctx, s.Source, Tenant, selection, span)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := readIDs(ctx, memory.Source, Tenant, selection, span); err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q, want %q, %v", got, want, err)
		}
	})
}

// readsManyUsers reads more users than one reply of a database holds.
func readsManyUsers(t *testing.T, ctx context.Context, s Store) {
	ids := make([]string, 2500)
	for i := range ids {
		ids[i] = fmt.Sprintf("u%06d", i)
	}
	WriteUsers(t, s, Tenant, ids...)
	for _, from := range []int{0, 1, 2001, 2500} {
		var after string
		if from > 0 {
			after = ids[from-1]
		}
		if got, err := readIDs(ctx, s.Source, Tenant, filter.Selection{}, pipeline.IDRange{After: after}); err != nil || !slices.Equal(got, ids[from:]) {
			t.Errorf("after %q: %d users, %v; want %d", after, len(got), err, len(ids)-from)
		}
	}
}

func keepsProjectedFields(t *testing.T, ctx context.Context, s Store) {
	write(t, s, Tenant, bson.D{
		{Key: "_id", Value: "a"}, {Key: "attributes", Value: bson.D{{Key: "x", Value: int64(1)}}}, {Key: "grants", Value: bson.A{}}, {Key: "folded", Value: bson.D{}},
	})
	for _, projection := range []bson.D{nil, {}, {{Key: "attributes", Value: 1}}, {{Key: "_id", Value: 1}, {Key: "attributes", Value: 1}}} {
		doc, err := read(ctx, t, s, projection).Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if x, ok := doc.Lookup("attributes", "x").AsInt64OK(); !ok || x != 1 || idOf(doc) != "a" {
			t.Errorf("%v: %s", projection, doc)
		}
	}
}

func staysAtEnd(t *testing.T, ctx context.Context, s Store) {
	WriteUsers(t, s, Tenant, "a")
	c := read(ctx, t, s, nil)
	next(ctx, t, c)
	for range 2 {
		if _, err := c.Next(ctx); !errors.Is(err, io.EOF) {
			t.Errorf("%v at the end", err)
		}
	}
}

// endsNextWithContext cancels a read among documents that the cursor may have already.
func endsNextWithContext(t *testing.T, ctx context.Context, s Store) {
	WriteUsers(t, s, Tenant, "a", "b", "c", "d")
	ctx, cancel := context.WithCancelCause(ctx)
	c := read(ctx, t, s, nil)
	if id := next(ctx, t, c); id != "a" {
		t.Errorf("the first is %q", id)
	}
	why := errors.New("the admin cancelled")
	cancel(why)
	if _, err := c.Next(ctx); !errors.Is(err, why) {
		t.Errorf("%v, want the cause", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("closed after a cancel: %v", err)
	}
}

func closesOnce(t *testing.T, ctx context.Context, s Store) {
	WriteUsers(t, s, Tenant, "a", "b")
	for range 100 { // more than a store has connections
		c, err := s.Source.Read(ctx, Tenant, filter.Selection{}, nil, pipeline.IDRange{})
		if err != nil {
			t.Fatal(err)
		}
		next(ctx, t, c)
		for range 2 {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Next(ctx); err == nil || errors.Is(err, io.EOF) {
			t.Fatalf("a closed cursor says %v", err)
		}
	}
}

// readsIndependently reads with two cursors in turn, and finds users between their documents.
func readsIndependently(t *testing.T, ctx context.Context, s Store) {
	WriteUsers(t, s, Tenant, "a", "b", "c")
	first, second := read(ctx, t, s, nil), read(ctx, t, s, nil)
	if id := next(ctx, t, first); id != "a" {
		t.Errorf("the first is %q", id)
	}
	WriteUsers(t, s, Tenant, "0", "b")
	if n, err := s.Source.Count(ctx, Tenant, filter.Selection{}); err != nil || n != 4 {
		t.Errorf("%d, %v", n, err)
	}
	if ids, err := remainingIDs(ctx, second); err != nil || !slices.Equal(slices.DeleteFunc(ids, func(id string) bool { return id == "0" }), []string{"a", "b", "c"}) {
		t.Errorf("the second read %q, %v", ids, err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if ids, err := remainingIDs(ctx, first); err != nil || !slices.Equal(ids, []string{"b", "c"}) {
		t.Errorf("the first continues with %q, %v", ids, err)
	}
}
