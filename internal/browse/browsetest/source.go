package browsetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// TestSource checks that a source meets the contract of browse.Source.
func TestSource(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, context.Context, Store){
		"orders ids by their bytes":          ordersByBytes,
		"finds windows":                      findsWindows,
		"finds any window":                   findsAnyWindow,
		"finds without a deadline":           findsWithoutDeadline,
		"lists in order":                     listsInOrder,
		"lists while users change":           listsWhileUsersChange,
		"lists long values in order":         listsLongValues,
		"refuses cursors of another order":   refusesOtherCursors,
		"returns documents that stay":        returnsOwnedDocuments,
		"counts what it finds":               countsUsers,
		"matches ids":                        matchesIDs,
		"ends segments":                      endsSegments,
		"cuts segments without gaps":         cutsSegments,
		"returns one document":               returnsDocument,
		"samples users":                      samplesUsers,
		"finds accounts":                     findsAccounts,
		"finds users and grants of accounts": findsUsersAndGrantsOfAccounts,
		"reads large accounts":               readsLargeAccounts,
		"counts writes":                      countsWrites,
		"has users only of the tenant":       separatesTenants,
		"has no users at first":              isEmptyAtFirst,
		"ends with its context":              endsWithContext,
		"reads while users are written":      readsDuringWrites,
		"cursors read spans":                 readsSpans,
		"cursors read any span":              readsAnySpan,
		"cursors read many users":            readsManyUsers,
		"cursors keep the projected fields":  keepsProjectedFields,
		"cursors stay at their end":          staysAtEnd,
		"cursors end with their context":     endsNextWithContext,
		"cursors close once":                 closesOnce,
		"cursors are independent":            readsIndependently,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			t.Cleanup(cancel)
			test(t, ctx, open(t))
		})
	}
}

func returnsDocument(t *testing.T, ctx context.Context, s Store) {
	want := marshal(t, bson.D{
		{Key: "_id", Value: "ä"}, {Key: "registered", Value: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)}, {Key: "user_store_id", Value: "uk"},
		{Key: "attributes", Value: bson.D{{Key: "z", Value: int32(1)}, {Key: "a", Value: int64(1)}, {Key: "m", Value: 1.0}, {Key: "n", Value: nil}, {Key: "l", Value: bson.A{"x", true}}}},
		{Key: "extended_profiles", Value: bson.D{{Key: "news%2Ev2", Value: `{"b":1.0,"a":"<"}`}}},
	})
	WriteUsers(t, s, Tenant, "", "a")
	if _, err := s.Writer.WriteUsers(ctx, Tenant, []bson.Raw{want}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Source.Document(ctx, Tenant, "ä"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if got, err := s.Source.Document(ctx, Tenant, ""); err != nil || idOf(got) != "" {
		t.Errorf("the user without an id: %s, %v", got, err)
	}
	for _, id := range []string{"b", "A", "a ", "a\u0308", "Ä"} {
		if got, err := s.Source.Document(ctx, Tenant, id); errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("%q: %s, %v", id, got, err)
		}
	}
}

func countsWrites(t *testing.T, ctx context.Context, s Store) {
	before, other := s.Source.Writes(Tenant), s.Source.Writes("weekly")
	WriteUsers(t, s, Tenant, "a")
	first := s.Source.Writes(Tenant)
	if _, err := s.Source.Count(ctx, Tenant, filter.Selection{}); err != nil {
		t.Fatal(err)
	}
	if n := s.Source.Writes(Tenant); n != first {
		t.Errorf("%d writes after a read, %d before", n, first)
	}
	WriteUsers(t, s, Tenant, "a") // replaces the user
	if second := s.Source.Writes(Tenant); before == first || first == second {
		t.Errorf("%d writes, then %d, then %d", before, first, second)
	}
	if n := s.Source.Writes("weekly"); n != other {
		t.Errorf("%d writes of another tenant", n-other)
	}
}

func separatesTenants(t *testing.T, ctx context.Context, s Store) {
	WriteUsers(t, s, Tenant, "a")
	WriteUsers(t, s, "weekly", "b")
	for tenant, id := range map[string]string{Tenant: "a", "weekly": "b"} {
		docs, err := s.Source.Find(ctx, tenant, filter.Selection{}, browse.Window{})
		if got := documentIDs(docs); err != nil || !slices.Equal(got, []string{id}) {
			t.Errorf("%s: %q, %v", tenant, got, err)
		}
		if n, err := s.Source.Count(ctx, tenant, filter.Selection{}); err != nil || n != 1 {
			t.Errorf("%s: %d, %v", tenant, n, err)
		}
		matching, err := s.Source.MatchingIDs(ctx, tenant, filter.Selection{}, []string{"a", "b"})
		if got := sortedKeys(matching); err != nil || !slices.Equal(got, []string{id}) {
			t.Errorf("%s: %q, %v", tenant, got, err)
		}
	}
	if _, err := s.Source.Document(ctx, Tenant, "b"); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("a user of another tenant: %v", err)
	}
}

func isEmptyAtFirst(t *testing.T, ctx context.Context, s Store) {
	docs, err := s.Source.Find(ctx, Tenant, filter.Selection{}, browse.Window{})
	if err != nil || len(docs) > 0 {
		t.Errorf("%v, %v", docs, err)
	}
	if ids, err := readIDs(ctx, s.Source, Tenant, filter.Selection{}, pipeline.IDRange{}); err != nil || len(ids) > 0 {
		t.Errorf("%v, %v", ids, err)
	}
	if n, err := s.Source.Count(ctx, Tenant, filter.Selection{}); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if id, err := s.Source.SegmentEnd(ctx, Tenant, filter.Selection{}, "", 2); id != "" || err != nil {
		t.Errorf("%q, %v", id, err)
	}
	if docs, err := s.Source.Sample(ctx, Tenant, 9, 0); len(docs) > 0 || err != nil {
		t.Errorf("%v, %v", docs, err)
	}
	if accounts, total, err := s.Source.FindAccounts(ctx, Tenant, nil, 0, 9); len(accounts) != 0 || total != 0 || err != nil {
		t.Errorf("%v, %d, %v", accounts, total, err)
	}
	for _, d := range []pipeline.Documents{s.Source, s.Events} {
		if types, err := d.NonStringIDType(ctx, Tenant); types != "" || err != nil {
			t.Errorf("%q, %v", types, err)
		}
	}
}

func endsWithContext(t *testing.T, ctx context.Context, s Store) {
	orderedUsers(t, s, Tenant)
	why := errors.New("the admin cancelled")
	cancelled, cancel := context.WithCancelCause(ctx)
	cancel(why)
	expired, stop := context.WithDeadline(ctx, time.Unix(0, 0))
	defer stop()
	for name, call := range map[string]func(ctx context.Context) error{
		"find": func(ctx context.Context) error {
			_, err := s.Source.Find(ctx, Tenant, filter.Selection{}, browse.Window{})
			return err
		},
		"find sorted": func(ctx context.Context) error {
			_, err := s.Source.FindSorted(ctx, Tenant, filter.Selection{}, browse.SortedWindow{Sort: users.Sort{Key: users.SortByUpdated}, Limit: 2})
			return err
		},
		"count":    func(ctx context.Context) error { _, err := s.Source.Count(ctx, Tenant, filter.Selection{}); return err },
		"document": func(ctx context.Context) error { _, err := s.Source.Document(ctx, Tenant, "a"); return err },
		"matching ids": func(ctx context.Context) error {
			_, err := s.Source.MatchingIDs(ctx, Tenant, filter.Selection{}, []string{"a"})
			return err
		},
		"segment end": func(ctx context.Context) error {
			_, err := s.Source.SegmentEnd(ctx, Tenant, filter.Selection{}, "", 2)
			return err
		},
		"read": func(ctx context.Context) error {
			_, err := s.Source.Read(ctx, Tenant, filter.Selection{}, nil, pipeline.IDRange{})
			return err
		},
		"sample": func(ctx context.Context) error { _, err := s.Source.Sample(ctx, Tenant, 2, 9); return err },
		"accounts": func(ctx context.Context) error {
			_, _, err := s.Source.FindAccounts(ctx, Tenant, nil, 0, 9)
			return err
		},
		"account ids": func(ctx context.Context) error {
			_, err := s.Source.Catalog(Tenant).AccountIDs(ctx, nil, 9)
			return err
		},
	} {
		if err := call(cancelled); !errors.Is(err, context.Canceled) && !errors.Is(err, why) || errors.Is(err, pipeline.ErrCursorLost) {
			t.Errorf("%s, cancelled: %v", name, err)
		}
		if err := call(expired); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, pipeline.ErrCursorLost) {
			t.Errorf("%s, expired: %v", name, err)
		}
	}
}

// readsDuringWrites reads in many goroutines while users are written. Each read has each user who
// existed before.
func readsDuringWrites(t *testing.T, ctx context.Context, s Store) {
	orderedUsers(t, s, Tenant)
	const readers, rounds = 8, 10
	var all sync.WaitGroup
	all.Go(func() {
		for i := range rounds {
			WriteUsers(t, s, Tenant, fmt.Sprint("new ", i), "A", "z")
		}
	})
	for range readers {
		all.Go(func() {
			for range rounds {
				docs, err := s.Source.Find(ctx, Tenant, filter.Selection{}, browse.Window{})
				checkOld(t, documentIDs(docs), err)
				ids, err := readIDs(ctx, s.Source, Tenant, filter.Selection{}, pipeline.IDRange{})
				checkOld(t, ids, err)
			}
		})
	}
	all.Wait()
}

// checkOld fails unless ids are sorted, without duplicates, and contain orderedIDs.
func checkOld(t *testing.T, ids []string, err error) {
	t.Helper()
	old := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(orderedIDs, id) })
	if err != nil || !slices.IsSorted(ids) || !slices.Equal(old, orderedIDs) {
		t.Errorf("%q, %v", ids, err)
	}
}
