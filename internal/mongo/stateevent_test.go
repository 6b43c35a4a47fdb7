package mongo

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// newEvent returns a state event of user u at a time.
func newEvent(t *testing.T, id, at string) users.StateEvent {
	t.Helper()
	when, err := users.ParseEventTime(at)
	if err != nil {
		t.Fatal(err)
	}
	return users.StateEvent{ID: id, Time: when, UserID: "u", Kind: "renewed"}
}

// writeEvents writes state events in reverse order, and returns the number of new ones.
func writeEvents(t *testing.T, db *DB, events ...users.StateEvent) (created int) {
	t.Helper()
	var docs []bson.Raw
	for _, e := range slices.Backward(events) {
		doc, err := users.EncodeStateEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, doc)
	}
	created, err := NewUserWriter(db).WriteStateEvents(t.Context(), testTenant, docs)
	if err != nil {
		t.Fatal(err)
	}
	return created
}

// eventsBetween returns a definition of the state events in a range; "" means no bound.
func eventsBetween(t *testing.T, from, to string) export.Definition {
	t.Helper()
	bound := func(s string) *export.Time {
		if s == "" {
			return nil
		}
		at, _, err := export.ParseTime(s)
		if err != nil {
			t.Fatal(err)
		}
		when := export.NewTime(at)
		return &when
	}
	return export.Definition{StateEvents: &export.StateEvents{From: bound(from), To: bound(to)}}
}

// readEventIDs reads the stored ids of the events in a range, as an export does.
func readEventIDs(t *testing.T, db *DB, from, to string) []string {
	t.Helper()
	e := NewEvents(db)
	selection := filter.StateEvents(eventsBetween(t, from, to))
	c, err := e.Read(t.Context(), testTenant, selection, csv.EventProjection(), pipeline.IDRange{})
	if err != nil {
		t.Fatal(err)
	}
	ids, err := readAllIDs(t.Context(), c)
	if err := errors.Join(err, c.Close()); err != nil {
		t.Fatal(err)
	}
	if n, err := e.Count(t.Context(), testTenant, selection); err != nil || n != int64(len(ids)) {
		t.Errorf("Count says %d, %v; %d were read", n, err, len(ids))
	}
	return ids
}

func TestReadEventsInTimeOrder(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		events := []users.StateEvent{
			newEvent(t, "z", "0001-01-01T00:00:00Z"),
			newEvent(t, "z", "0999-12-31T23:59:59.999Z"),
			newEvent(t, "z", "1969-12-31T23:59:59.999Z"),
			newEvent(t, "b", "2026-01-31T23:59:59.999Z"),
			newEvent(t, "a", "2026-02-01T00:30:00+00:30"), // midnight UTC
			newEvent(t, "a ", "2026-02-01T00:00:00.0009Z"),
			newEvent(t, "é", "2026-02-01T00:00:00Z"),
			newEvent(t, "A", "2026-02-01T00:00:00.001Z"),
			newEvent(t, "", "2026-02-01T00:00:01Z"),
			newEvent(t, "a", "9999-12-31T23:59:59.999Z"),
		}
		var want []string
		for _, e := range events {
			want = append(want, e.StoredID())
		}
		writeEvents(t, db, events...)
		if got := readEventIDs(t, db, "", ""); !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

func TestEventRangeIsInclusive(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		longest := strings.Repeat("~", users.MaxEventIDChars)
		writeEvents(t, db,
			newEvent(t, longest, "2025-12-31T23:59:59.999Z"),
			newEvent(t, "!", "2026-01-01T00:00:00Z"),
			newEvent(t, "0", "2026-01-01T00:00:00Z"),
			newEvent(t, longest, "2026-01-01T00:00:00Z"),
			newEvent(t, "!", "2026-01-01T00:00:00.001Z"),
			newEvent(t, "!", "2026-01-31T23:59:59.999Z"),
			newEvent(t, "\U0001f600", "2026-01-31T23:59:59.998Z"),
			newEvent(t, "\u00ff", "2026-01-31T23:59:59.999Z"),
			newEvent(t, longest, "2026-01-31T23:59:59.999Z"),
			newEvent(t, "!", "2026-02-01T00:00:00Z"),
			newEvent(t, "!", "9999-12-31T23:59:59.999Z"),
		)
		for _, c := range []struct {
			from, to string
			events   int
		}{
			{"", "", 11},
			{"2026-01-01", "", 10},
			{"2026-01-01T00:00:00.001Z", "", 7},
			{"2026-01-01T00:00:00.0019Z", "", 7}, // events have whole milliseconds
			{"", "2026-01-31T23:59:59.999Z", 9},
			{"", "2026-01-31T23:59:59.998Z", 6},
			{"2026-01-01", "2026-01-31T23:59:59.999Z", 8},
			{"2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z", 3}, // the same instant
			{"2026-01-31T23:59:59.999Z", "2026-01-31T23:59:59.999Z", 3},
			{"2026-01-02", "2026-01-30", 0},
			{"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", 1},
			{"0001-01-01", "9999-12-31T23:59:59.999Z", 11},
		} {
			if got := readEventIDs(t, db, c.from, c.to); len(got) != c.events {
				t.Errorf("from %q to %q: %d events, want %d: %q", c.from, c.to, len(got), c.events, got)
			}
		}
	})
}

// Segments cut by SegmentEnd contain each event once, and SegmentEnd skips no key outside the
// range.
func TestSegmentsContainEachEventOnce(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		const n, each = 100, 7
		start := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
		var events []users.StateEvent
		for i := range n { // ten per second
			events = append(events, users.StateEvent{ID: fmt.Sprintf("e%03d", i), Time: start.Add(time.Duration(i/10) * time.Second), UserID: "u", Kind: "renewed"})
		}
		writeEvents(t, db, events...)
		e := NewEvents(db)
		for _, c := range []struct {
			from, to      string
			events, spans int
		}{
			{"", "", 100, 15},
			{"2026-03-01T00:00:03Z", "2026-03-01T00:00:06Z", 40, 6},
			{"2026-03-02", "", 0, 1},
		} {
			selection := filter.StateEvents(eventsBetween(t, c.from, c.to))
			var got []string
			spans := 0
			for after, more := "", true; more; spans++ {
				until, err := e.SegmentEnd(t.Context(), testTenant, selection, after, each)
				if err != nil {
					t.Fatal(err)
				}
				cursor, err := e.Read(t.Context(), testTenant, selection, nil, pipeline.IDRange{After: after, Until: until})
				if err != nil {
					t.Fatal(err)
				}
				ids, err := readAllIDs(t.Context(), cursor)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, ids...)
				after, more = until, until != ""
			}
			if len(got) != c.events || !slices.IsSorted(got) || len(slices.Compact(got)) != c.events || spans != c.spans {
				t.Errorf("from %q to %q: %d events in %d spans, want %d in %d", c.from, c.to, len(got), spans, c.events, c.spans)
			}
		}
	})
}

func TestStateEventsWithNonStringIDsAreFound(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	db.singleWriter = false // the check skips FerretDB
	writeEvents(t, db, newEvent(t, "a", "2026-01-01T00:00:00Z"))
	if typ, err := NewEvents(db).NonStringIDType(ctx, testTenant); err != nil || typ != "" {
		t.Fatalf("among strings: %q, %v", typ, err)
	}
	insert(t, db, eventsCollection, bson.D{{Key: "_id", Value: bson.NewObjectID()}})
	if typ, err := NewEvents(db).NonStringIDType(ctx, testTenant); err != nil || typ != "objectId" {
		t.Fatalf("got %q, %v", typ, err)
	}
}

func TestWriteEventsTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	plain := newEvent(t, "a", "2026-01-01T00:00:00Z")
	nameless := newEvent(t, "", "2026-01-01T00:00:00Z")
	full := users.StateEvent{ID: "full", Time: plain.Time, UserID: "u2", Kind: "expired", FromState: "active", ToState: "expired", GrantID: "g", ProductID: "p"}
	if n := writeEvents(t, db, plain, nameless, full); n != 3 {
		t.Fatalf("%d are new, want 3", n)
	}
	if n := writeEvents(t, db, plain, nameless, full); n != 0 {
		t.Fatalf("%d are new the second time", n)
	}
	plain.Kind, nameless.Kind = "granted", "granted" // one event changes its kind; events without an id differ by their content
	if n := writeEvents(t, db, plain, nameless, full); n != 1 {
		t.Fatalf("%d are new the third time, want 1", n)
	}
	got, err := findAll[bson.M](ctx, db.TenantReads(testTenant).Collection(eventsCollection))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b bson.M) int { return strings.Compare(fmt.Sprint(a["event_id"]), fmt.Sprint(b["event_id"])) })
	at := bson.NewDateTimeFromTime(full.Time)
	want := []bson.M{
		{"_id": "2026-01-01T00:00:00.000Z/a", "event_id": "a", "time": at, "user_id": "u", "kind": "granted"},
		{
			"_id": "2026-01-01T00:00:00.000Z/full", "event_id": "full", "time": at, "user_id": "u2", "kind": "expired",
			"from_state": "active", "to_state": "expired", "grant_id": "g", "product_id": "p",
		},
	}
	if len(got) != 4 || !reflect.DeepEqual(got[:2], want) || got[2]["kind"] == got[3]["kind"] {
		t.Errorf("stored %v, want %v and both events without an id", got, want)
	}
}

func TestEventCursorIsLostWhenConnectionBreaks(t *testing.T) {
	t.Parallel()
	db, wire := connectViaProxy(t)
	start := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	var events []users.StateEvent
	for i := range manyUsers {
		events = append(events, users.StateEvent{ID: fmt.Sprint(i), Time: start.Add(time.Duration(i) * time.Millisecond), UserID: "u", Kind: "renewed"})
	}
	writeEvents(t, db, events...)
	e := NewEvents(db)
	read := func(after string) pipeline.Cursor {
		c, err := e.Read(t.Context(), testTenant, filter.Selection{}, nil, pipeline.IDRange{After: after})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	c := read("")
	var last string
	for range readBatch {
		raw, err := c.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		last = raw.Lookup("_id").StringValue()
	}
	wire.cut()
	if _, err := c.Next(t.Context()); !errors.Is(err, pipeline.ErrCursorLost) || !strings.HasPrefix(err.Error(), "read state events: ") {
		t.Fatalf("got %v, want ErrCursorLost", err)
	}
	if rest, err := readAllIDs(t.Context(), read(last)); err != nil || len(rest) != manyUsers-readBatch || rest[0] != events[readBatch].StoredID() {
		t.Fatalf("%d events after reopening, %v", len(rest), err)
	}
}
