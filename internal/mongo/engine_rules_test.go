package mongo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// The tests below check rules of MongoDB that FerretDB 1 does not enforce, so that a violation
// fails on both.

// MongoDB rejects reads of a cursor, and killCursors, from another session than the one that opened
// it.
func TestCursorUsesOneSession(t *testing.T) {
	t.Parallel()
	db, recorder := connectRecorded(t)
	insertUsers(t, db, manyUsers)
	u := newReader(db, fakeDirectory{})
	for name, limit := range map[string]time.Duration{"of a job": 0, "of a request": time.Minute} {
		ctx, cancel := context.WithCancel(t.Context())
		if limit > 0 {
			ctx, cancel = context.WithTimeout(t.Context(), limit)
		}
		first, err := u.Read(ctx, testTenant, filter.Selection{}, nil, pipeline.IDRange{})
		if err != nil {
			t.Fatal(err)
		}
		for range readBatch + 1 {
			if _, err := first.Next(ctx); err != nil {
				t.Fatal(err)
			}
		}
		second, err := u.Read(ctx, testTenant, filter.Selection{}, nil, pipeline.IDRange{}) // in another session; closed first
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		for _, c := range []pipeline.Cursor{second, first} {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
		sessions := map[int64][]string{} // by cursor
		var opened []string
		for _, command := range recorder.take("find", "getMore", "killCursors") {
			session := command.Lookup("lsid").String()
			if id, ok := command.Lookup("getMore").Int64OK(); ok {
				sessions[id] = append(sessions[id], session)
			} else if killed, ok := command.Lookup("cursors").ArrayOK(); ok {
				values, err := killed.Values()
				if err != nil || len(values) != 1 {
					t.Fatalf("%s: frees %v, %v", name, values, err)
				}
				sessions[values[0].Int64()] = append(sessions[values[0].Int64()], session)
			} else {
				opened = append(opened, session)
			}
		}
		if len(opened) != 2 || len(sessions) > 2 || len(sessions) == 0 {
			t.Fatalf("%s: %d cursors opened, %v", name, len(opened), sessions)
		}
		for id, used := range sessions {
			if len(slices.Compact(slices.Sorted(slices.Values(used)))) != 1 || used[0] == "" || !slices.Contains(opened, used[0]) {
				t.Errorf("%s: cursor %d is used in %q, opened in %q", name, id, used, opened)
			}
		}
	}
}

// MongoDB rejects a hint that names no index of the collection.
func TestHintsAreIndexes(t *testing.T) {
	t.Parallel()
	db, recorder := connectRecorded(t)
	if err := db.EnsureTenantIndexes(t.Context(), testTenant); err != nil {
		t.Fatal(err)
	}
	indexes := []string{fmt.Sprint(bson.D{{Key: "_id", Value: 1}})}
	for _, models := range tenantIndexes() {
		for _, m := range models {
			indexes = append(indexes, fmt.Sprint(m.Keys))
		}
	}
	u, events := newReader(db, fakeDirectory{stores: []users.Store{{ID: "uk"}}}), NewEvents(db)
	hinted := map[string]bool{}
	for _, store := range []string{export.All, "uk"} {
		def := export.Definition{Users: export.Selection{UserStoreID: store}, StateEvents: &export.StateEvents{}}
		for name, c := range map[string]func() error{
			"read":   func() error { return readMatches(t.Context(), u, filter.InStore(store)) },
			"events": func() error { return readMatches(t.Context(), events, filter.StateEvents(def)) },
			"segment end": func() error {
				_, err := u.SegmentEnd(t.Context(), testTenant, filter.InStore(store), "", 2)
				return err
			},
			"walk": func() error {
				next, err := walkUsers(t.Context(), u, testTenant, def)
				if err == nil {
					_, err = next(t.Context(), "", 0, 5)
				}
				return err
			},
			"list": func() error {
				_, err := u.ListUsers(t.Context(), testTenant, users.Query{StoreID: store}, "", 5)
				return err
			},
			"count":    func() error { _, err := u.Count(t.Context(), testTenant, filter.InStore(store)); return err },
			"figures":  func() error { _, err := u.Figures(t.Context(), testTenant, store, time.Now()); return err },
			"id types": func() error { _, err := u.NonStringIDType(t.Context(), testTenant); return err },
		} {
			if err := c(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, command := range recorder.take("find", "aggregate") {
				hint, hasHint := command.Lookup("hint").DocumentOK()
				if !hasHint {
					continue
				}
				var keys bson.D
				if err := bson.Unmarshal(hint, &keys); err != nil {
					t.Fatal(err)
				}
				if hinted[fmt.Sprint(keys)] = true; !slices.Contains(indexes, fmt.Sprint(keys)) {
					t.Errorf("%s of %s: hints %v, which is no index", name, store, keys)
				}
			}
		}
	}
	if len(hinted) != 2 {
		t.Errorf("hinted are %v, want the index of ids and that of a user store", slices.Sorted(maps.Keys(hinted)))
	}
}

func readMatches(ctx context.Context, d pipeline.Documents, s filter.Selection) error {
	c, err := d.Read(ctx, testTenant, s, nil, pipeline.IDRange{})
	if err != nil {
		return err
	}
	_, err = readAllIDs(ctx, c)
	return errors.Join(err, c.Close())
}
