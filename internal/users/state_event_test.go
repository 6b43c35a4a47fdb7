package users

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

var renewal = StateEvent{
	Time: time.Date(2026, time.January, 31, 8, 30, 0, 1_000_000, time.UTC), UserID: "u1", Kind: "renewed",
	FromState: "active", ToState: "active", GrantID: "g1", ProductID: "p1",
}

func TestStoredIDsSortByTime(t *testing.T) {
	t.Parallel()
	var before string
	for _, at := range []string{
		"0001-01-01T00:00:00Z", "0999-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z", "2026-01-31T22:59:59.9999-01:00",
		"2026-02-01T00:00:00.001Z", "2026-02-01T01:00:00.002+01:00", "9999-12-31T23:59:59.999Z",
	} {
		when, err := ParseEventTime(at)
		if err != nil {
			t.Fatal(err)
		}
		first, end := EventIDPrefix(when), EventIDUpperBound(when)
		for _, id := range []string{"!", " ", "0", "~", "é", strings.Repeat("\U0001f600", MaxEventIDChars), ""} {
			e := StateEvent{ID: id, Time: when, UserID: "u", Kind: "granted"}
			if err := e.Check(); err != nil {
				t.Fatal(err)
			}
			if s := e.StoredID(); s <= before || s < first || s >= end || len(first) != 25 {
				t.Errorf("%s of %s is not between %s, %s and %s", s, at, before, first, end)
			}
		}
		before = end
	}
}

func TestEventIDIsDerivedFromContent(t *testing.T) {
	t.Parallel()
	if got, want := renewal.StoredID(), "2026-01-31T08:30:00.001Z/sha256-35d2cb60cbf9cc57fc5a5eac807fecda"; got != want {
		t.Errorf("id %s, want %s; a changed id makes a repeated import store its events twice", got, want)
	}
	if err := CheckEventID(renewal.EventID()); err != nil {
		t.Error(err)
	}
	seen := map[string]string{renewal.EventID(): "the event itself"}
	for name, change := range map[string]func(*StateEvent){
		"another time": func(e *StateEvent) { e.Time = e.Time.Add(time.Millisecond) }, "another user": func(e *StateEvent) { e.UserID = "u2" },
		"another kind": func(e *StateEvent) { e.Kind = "expired" }, "no from": func(e *StateEvent) { e.FromState = "" },
		"no to": func(e *StateEvent) { e.ToState = "" }, "another grant": func(e *StateEvent) { e.GrantID = "g2" },
		"another product": func(e *StateEvent) { e.ProductID = "p2" },
		"texts that join alike": func(e *StateEvent) {
			e.GrantID, e.ProductID = e.GrantID+e.ProductID, ""
		},
		"texts that are swapped": func(e *StateEvent) { e.GrantID, e.ProductID = e.ProductID, e.GrantID },
	} {
		e := renewal
		change(&e)
		if other, exists := seen[e.EventID()]; exists {
			t.Errorf("%s has the id of %s", name, other)
		}
		seen[e.EventID()] = name
	}
	given := renewal
	given.ID = "e1"
	if got := given.StoredID(); got != "2026-01-31T08:30:00.001Z/e1" {
		t.Errorf("id %s", got)
	}
}

func TestStateEventCheck(t *testing.T) {
	t.Parallel()
	const (
		badID    = "must be at most 512 bytes without control characters"
		badEvent = "must be at most 200 printable characters without /"
		badWord  = "must be a lower-case letter followed by at most 63 of a-z, 0-9 and _, like trial_started"
		badTime  = "is outside the years 1 to 9999 in UTC"
	)
	for _, test := range []struct {
		name, field, reason string // "": it is right
		change              func(*StateEvent)
	}{
		{"as it is", "", "", func(*StateEvent) {}},
		{"the least", "", "", func(e *StateEvent) { *e = StateEvent{Time: e.Time, UserID: "u", Kind: "k"} }},
		{"the longest", "", "", func(e *StateEvent) {
			e.ID, e.Kind = strings.Repeat("é", MaxEventIDChars), "k"+strings.Repeat("_", 63)
		}},
		{"no user", "user_id", "is missing", func(e *StateEvent) { e.UserID = "" }},
		{"a user with a line break", "user_id", badID, func(e *StateEvent) { e.UserID = "a\nb" }},
		{"a long user", "user_id", badID, func(e *StateEvent) { e.UserID = strings.Repeat("u", MaxIDBytes+1) }},
		{"no kind", "kind", "is missing", func(e *StateEvent) { e.Kind = "" }},
		{"a capital kind", "kind", badWord, func(e *StateEvent) { e.Kind = "Renewed" }},
		{"a kind with a digit first", "kind", badWord, func(e *StateEvent) { e.Kind = "1st" }},
		{"a kind and a line break", "kind", badWord, func(e *StateEvent) { e.Kind = "renewed\n" }},
		{"a long kind", "kind", badWord, func(e *StateEvent) { e.Kind = strings.Repeat("k", 65) }},
		{"a from-state of another script", "fromState", badWord, func(e *StateEvent) { e.FromState = "аctive" }},
		{"a to-state that could be a formula", "toState", badWord, func(e *StateEvent) { e.ToState = "=1" }},
		{"a grant with a NUL", "grantId", badID, func(e *StateEvent) { e.GrantID = "g\x00" }},
		{"a product that is not UTF-8", "productId", badID, func(e *StateEvent) { e.ProductID = "\xff" }},
		{"a slash in the id", "eventId", badEvent, func(e *StateEvent) { e.ID = "a/b" }},
		{"a tab in the id", "eventId", badEvent, func(e *StateEvent) { e.ID = "a\tb" }},
		{"an id that cannot be seen", "eventId", badEvent, func(e *StateEvent) { e.ID = "a\u200b" }},
		{"a long id", "eventId", badEvent, func(e *StateEvent) { e.ID = strings.Repeat("é", MaxEventIDChars+1) }},
		{"a time after the year 9999", "time", badTime, func(e *StateEvent) { e.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"a time before the year 1", "time", badTime, func(e *StateEvent) { e.Time = time.Time{}.Add(-time.Nanosecond) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := renewal
			test.change(&e)
			raw, err := EncodeStateEvent(e)
			if test.field == "" {
				if err != nil || raw.Lookup("kind").StringValue() != e.Kind {
					t.Fatalf("got %v, %v", raw, err)
				}
				return
			}
			bad, ok := errors.AsType[*errs.Error](err)
			if raw != nil || !ok || bad.Code != errs.CodeInvalidRequest || bad.Field != test.field || bad.Message != test.reason {
				t.Errorf("got %v, want %s: %s", err, test.field, test.reason)
			}
		})
	}
}

func TestParseEventTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // "": refused
		"2026-01-31T08:30:00Z": "2026-01-31T08:30:00.000Z", "2026-01-31T08:30:00.0019+05:30": "2026-01-31T03:00:00.001Z",
		"2026-01-31t08:30:00z": "2026-01-31T08:30:00.000Z", "2026-01-31T08:30:00": "2026-01-31T08:30:00.000Z", "2026-01-31": "2026-01-31T00:00:00.000Z",
		"2026-01-31 08:30:00+00": "2026-01-31T08:30:00.000Z", "1769848200000": "2026-01-31T08:30:00.000Z", "1769848200": "2026-01-31T08:30:00.000Z",
		"": "", "soon": "", "0": "", "17698482": "", "0000-00-00": "", "infinity": "",
		"2026-02-30T00:00:00Z": "", "0001-01-01T00:00:00Z": "0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00+00:01": "",
		"0000-12-31T23:59:59-00:01": "0001-01-01T00:00:59.000Z", "9999-12-31T23:59:59.9999Z": "9999-12-31T23:59:59.999Z",
		"9999-12-31T23:59:59-00:01": "", "1969-12-31T23:59:59.9999Z": "1969-12-31T23:59:59.999Z",
	} {
		got, err := ParseEventTime(text)
		if (err != nil) != (want == "") || err == nil && got.Format(export.TimeFormat) != want {
			t.Errorf("%q is %s, %v; want %q", text, got, err, want)
		}
	}
}

func TestEqualStateEventsHaveEqualBytes(t *testing.T) {
	t.Parallel()
	a, err := EncodeStateEvent(renewal)
	if err != nil {
		t.Fatal(err)
	}
	other := renewal
	other.Time = renewal.Time.In(time.FixedZone("", 3600))
	b, err := EncodeStateEvent(other)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("%s and %s, %v", a, b, err)
	}
	if at := a.Lookup("time"); at.Type != bson.TypeDateTime || !at.Time().Equal(renewal.Time) {
		t.Errorf("time %s", at)
	}
}
