package importer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
)

// happenings is an EventWriter that keeps everything.
type happenings struct {
	docs    map[string]bson.Raw // by stored id
	batches []int
	fail    error
}

func (h *happenings) WriteStateEvents(_ context.Context, _ string, docs []bson.Raw) (created int, err error) {
	if h.fail != nil {
		return 0, h.fail
	}
	h.batches = append(h.batches, len(docs))
	inBatch := map[string]bool{}
	for _, doc := range docs {
		id := doc.Lookup("_id").StringValue()
		if inBatch[id] {
			return created, errors.New("a batch holds an event twice")
		}
		inBatch[id] = true
		if _, there := h.docs[id]; !there {
			created++
		}
		h.docs[id] = slices.Clone(doc)
	}
	return created, nil
}

// loadEvents imports text that is expected to be readable, and returns the refusals.
func loadEvents(t *testing.T, h *happenings, text string) (Report, []Refusal) {
	t.Helper()
	if h.docs == nil {
		h.docs = map[string]bson.Raw{}
	}
	var refusals []Refusal
	rep, err := RunEvents(testContext(t), h, "t", Bytes([]byte(text)), Options{Refused: func(r Refusal) { refusals = append(refusals, r) }})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Read != rep.Created+rep.Updated+rep.Refused || rep.Refused != int64(len(refusals)) {
		t.Errorf("the report does not add up: %+v, %d refusals", rep, len(refusals))
	}
	return rep, refusals
}

func TestEventsAreReadByEitherName(t *testing.T) {
	t.Parallel()
	want := users.StateEvent{
		ID: "e1", Time: time.Date(2026, 1, 31, 8, 30, 0, 5_000_000, time.UTC), UserID: "007", Kind: "renewed", FromState: "active",
		ToState: "grace_period", GrantID: "12345678901234567890", ProductID: "Ünïcode 🦊",
	}
	doc, err := users.EncodeStateEvent(want)
	if err != nil {
		t.Fatal(err)
	}
	first := `{"eventId":"e1","time":"2026-01-31T09:30:00.0059+01:00","user_id":"007","kind":"renewed","fromState":"active","toState":"grace_period","grantId":12345678901234567890,"productId":"Ünïcode \ud83e\udd8a"}`
	second := `{"productId" : "Ünïcode 🦊", "grant_id":"12345678901234567890", "to_state":"grace_period", "from_state":"active", "kind":"renewed", "userId":"007",
		"time":"2026-01-31T08:30:00.005Z", "event_id":"e1", "product": "left out", "nested": {"time": 1}}`
	for name, text := range map[string]string{
		"a line": first + "\n", "an array": "\xef\xbb\xbf[" + second + "]", "a page": `{"results":[` + second + `]}`, "both": "[" + first + "," + second + "]",
	} {
		h := &happenings{}
		rep, refusals := loadEvents(t, h, text)
		if len(refusals) > 0 || len(h.docs) != 1 || string(h.docs[want.StoredID()]) != string(doc) {
			t.Errorf("%s: %+v, refused %+v, stored %v", name, rep, refusals, h.docs)
		}
		if name != "a line" && !maps.Equal(rep.Ignored, map[string]int64{"product": 1, "nested": 1}) {
			t.Errorf("%s: left out %v", name, rep.Ignored)
		}
	}
}

func TestImportingEventsTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	text := `{"time":"2026-01-31T08:30:00Z","user_id":"a","kind":"renewed"}
{"time":"2026-01-31T08:30:00Z","user_id":"b","kind":"renewed","eventId":null,"fromState":""}
{"eventId":7,"time":"2026-01-31T08:30:00Z","user_id":"a","kind":"renewed"}
{"userId":"a","kind":"renewed","time":"2026-01-31T10:30:00+02:00"}
`
	h := &happenings{}
	if rep, refusals := loadEvents(t, h, text); rep.Created != 3 || rep.Updated != 1 || len(refusals) > 0 {
		t.Fatalf("report %+v, refusals %+v", rep, refusals)
	}
	before := maps.Clone(h.docs)
	if rep, _ := loadEvents(t, h, text); rep.Created != 0 || rep.Updated != 4 {
		t.Errorf("the second time: %+v", rep)
	}
	if !reflect.DeepEqual(h.docs, before) {
		t.Errorf("stored %v, then %v", before, h.docs)
	}
}

func TestEventsAreRefusedWholeWithLineAndReason(t *testing.T) {
	t.Parallel()
	const (
		at     = `"time":"2026-01-31T08:30:00Z"`
		base   = at + `,"user_id":"u"`
		noTime = "must be an RFC 3339 time like 2026-01-31T08:30:00Z"
		noWord = "must be a lower-case letter and then at most 63 of a-z, 0-9 and _, like trial_started"
		noID   = "must be at most 512 bytes without control characters"
	)
	for _, test := range []struct{ name, item, user, field, reason string }{
		{"nothing", `{}`, "", "time", "is missing"},
		{"no time", `{"user_id":"u","kind":"k"}`, "u", "time", "is missing"},
		{"a time that is null", `{"time":null,"user_id":"u","kind":"k"}`, "u", "time", noTime},
		{"a time without a zone", `{"time":"2026-01-31T08:30:00","user_id":"u","kind":"k"}`, "u", "time", noTime},
		{"a bare date", `{"time":"2026-01-31","user_id":"u","kind":"k"}`, "u", "time", noTime},
		{"milliseconds", `{"time":1769848200000,"user_id":"u","kind":"k"}`, "u", "time", noTime},
		{"an operator for a time", `{"time":{"$gt":""},"user_id":"u","kind":"k"}`, "u", "time", noTime},
		{"the year 0", `{"time":"0000-06-01T00:00:00Z","user_id":"u","kind":"k"}`, "u", "time", "is not between the years 1 and 9999 in UTC"},
		{"half a surrogate pair", `{"time":"\ud83d","user_id":"u","kind":"k"}`, "u", "time", "holds half of a surrogate pair, which is no character"},
		{"no user", `{` + at + `,"kind":"k"}`, "", "user_id", "is missing"},
		{"an empty user", `{` + at + `,"user_id":"","kind":"k"}`, "", "user_id", "is missing"},
		{"a user with a line break", `{` + at + `,"userId":"a\nb","kind":"k"}`, "", "userId", noID},
		{"a user that is a list", `{` + at + `,"user_id":["u"],"kind":"k"}`, "", "user_id", "must be a string, a number or a boolean"},
		{"a user under two names", `{` + base + `,"userId":"u","kind":"k"}`, "u", "userId", "is there under another name, too"},
		{"a member twice", `{` + base + `,"kind":"k","kind":"l"}`, "", "", `has the member "kind" twice`},
		{"no kind", `{` + base + `}`, "u", "kind", "is missing"},
		{"a kind with a capital", `{` + base + `,"kind":"Renewed"}`, "u", "kind", noWord},
		{"a kind that is a number", `{` + base + `,"kind":1}`, "u", "kind", "must be text"},
		{"a kind that is true", `{` + base + `,"kind":true}`, "u", "kind", "must be text"},
		{"a kind that is too long", `{` + base + `,"kind":"` + strings.Repeat("k", 65) + `"}`, "u", "kind", noWord},
		{"a state that is a formula", `{` + base + `,"kind":"k","from_state":"=1+1"}`, "u", "from_state", noWord},
		{"a state with a blank", `{` + base + `,"kind":"k","toState":"in trial"}`, "u", "toState", noWord},
		{"a grant with a tab", `{` + base + `,"kind":"k","grant_id":"a\tb"}`, "u", "grant_id", noID},
		{"a product with a NUL", `{` + base + `,"kind":"k","productId":"a\u0000"}`, "u", "productId", "holds a NUL character"},
		{"an id with a slash", `{` + base + `,"kind":"k","eventId":"a/b"}`, "u", "eventId", "must be at most 200 printable characters without /"},
		{"an id that is too long", `{` + base + `,"kind":"k","event_id":"` + strings.Repeat("é", 201) + `"}`, "u", "event_id", "must be at most 200 printable characters without /"},
		{"the first that is wrong", `{"kind":"K","time":"soon","user_id":"u"}`, "u", "kind", noWord},
		{"text", `"x"`, "", "", "is not an object"},
		{"bad UTF-8", "{\"kind\":\"\xc3(\"}", "", "", "is not valid UTF-8"},
		{"no JSON", `{"kind":k}`, "", "", "is not valid JSON"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			good, after := `{`+base+`,"kind":"granted"}`, `{`+base+`,"kind":"expired"}`
			for form, text := range map[string]string{
				"lines": good + "\n" + test.item + "\n" + after, "array": "[" + good + ",\n" + test.item + ",\n" + after + "]",
			} {
				h := &happenings{}
				rep, refusals := loadEvents(t, h, text)
				want := []Refusal{{Line: 2, UserID: test.user, Field: test.field, Reason: test.reason}}
				if !slices.Equal(refusals, want) {
					t.Errorf("%s: refused %+v, want %+v", form, refusals, want)
				}
				if rep.Created != 2 || len(h.docs) != 2 {
					t.Errorf("%s: report %+v, %d events", form, rep, len(h.docs))
				}
			}
		})
	}
}

func TestBrokenFilesOfEventsWriteNothing(t *testing.T) {
	t.Parallel()
	first := `[{"time":"2026-01-31T08:30:00Z","user_id":"u","kind":"k"},` + "\n"
	for _, test := range []struct{ name, text, field, reason string }{
		{"nothing", "", "line 1", "the file is empty"},
		{"a CSV", "event_id,time\n", "line 1", "neither an object nor an array of state events begins here"},
		{"cut off", first + `{"time":"2026`, "line 2", "the file ends in the middle of a record"},
		{"something behind", first + "{}]\nx", "line 3", "neither an object nor an array of state events begins here"},
		{"deep nesting", "[" + strings.Repeat(`{"a":`, maxNesting+1), "line 1", "arrays and objects are nested too deeply"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := &happenings{docs: map[string]bson.Raw{}}
			_, err := RunEvents(testContext(t), h, "t", Bytes([]byte(test.text)), Options{})
			wantBroken(t, err, test.field, test.reason)
			if len(h.docs) > 0 {
				t.Errorf("something was written: %v", h.docs)
			}
		})
	}
}

// manyEvents are n events at n/2 instants, so that each is there twice.
func manyEvents(n int) string {
	var b strings.Builder
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		fmt.Fprintf(&b, `{"time":%q,"user_id":"u","kind":"renewed"}`+"\n", start.Add(time.Duration(i%(n/2))*time.Second).Format(time.RFC3339))
	}
	return b.String()
}

func TestEventsAreWrittenInBoundedBatches(t *testing.T) {
	t.Parallel()
	h := &happenings{}
	if rep, _ := loadEvents(t, h, manyEvents(2*batchDocs+600)); rep.Created != batchDocs+300 || rep.Updated != batchDocs+300 || len(h.docs) != batchDocs+300 {
		t.Errorf("report %+v, %d events", rep, len(h.docs))
	}
	if !slices.Equal(h.batches, []int{batchDocs, batchDocs, 600}) {
		t.Errorf("batches of %v", h.batches)
	}
}

func TestAFailingWriterEndsTheImportOfEvents(t *testing.T) {
	t.Parallel()
	h := &happenings{fail: errors.New("disk full")}
	if _, err := RunEvents(testContext(t), h, "t", Bytes([]byte(manyEvents(5*batchDocs))), Options{}); !errors.Is(err, h.fail) {
		t.Errorf("error %v", err)
	}
}
