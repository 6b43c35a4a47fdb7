package browsetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// samplesUsers checks that a sample has users of every part of a tenant, each once, and all users of
// a small tenant.
func samplesUsers(t *testing.T, ctx context.Context, s Store) {
	const all, size, parts = 3000, 400, 10
	want := make([]string, all)
	for i := range want {
		want[i] = fmt.Sprintf("u%04d", i)
	}
	WriteUsers(t, s, Tenant, want...)
	few := want[:size/10]
	WriteUsers(t, s, "weekly", few...)
	for _, total := range []int64{0, size / 10, all} { // it may be out of date
		docs, err := s.Source.Sample(ctx, "weekly", size, total)
		if got := documentIDs(docs); err != nil || total <= size && !slices.Equal(slices.Sorted(slices.Values(got)), few) {
			t.Errorf("all of %d users, of a total of %d: %q, %v", len(few), total, got, err)
		}
	}
	docs, err := s.Source.Sample(ctx, Tenant, size, all)
	if err != nil || len(docs) > size || len(docs) < size/2 {
		t.Fatalf("%d users, %v", len(docs), err)
	}
	ids := slices.Sorted(slices.Values(documentIDs(docs)))
	if len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("a user appears twice: %q", ids)
	}
	perPart := [parts]int{}
	for _, id := range ids {
		at, found := slices.BinarySearch(want, id)
		if !found {
			t.Fatalf("not a user: %q", id)
		}
		perPart[at*parts/all]++
	}
	for i, n := range perPart {
		if n < size/parts/4 || n > size/parts*2 {
			t.Errorf("%d users from part %d of %d: %v", n, i, parts, perPart)
		}
	}
	first := slices.Clone(docs[0])
	if _, err := s.Source.Sample(ctx, Tenant, size, all); err != nil || !slices.Equal(first, docs[0]) {
		t.Errorf("a later sample changed the documents of an earlier one: %v", err)
	}
}
