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

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// memoryEvents is an EventWriter that keeps everything in memory.
type memoryEvents struct {
	docs    map[string]bson.Raw // by stored id
	batches []int
	fail    error
}

func (w *memoryEvents) WriteStateEvents(_ context.Context, _ string, docs []bson.Raw) (created int, err error) {
	if w.fail != nil {
		return 0, w.fail
	}
	w.batches = append(w.batches, len(docs))
	inBatch := map[string]bool{}
	for _, doc := range docs {
		id := doc.Lookup("_id").StringValue()
		if inBatch[id] {
			return created, errors.New("a batch contains an event twice")
		}
		inBatch[id] = true
		if _, exists := w.docs[id]; !exists {
			created++
		}
		w.docs[id] = slices.Clone(doc)
	}
	return created, nil
}

// mustImportEvents imports well-formed text and returns the report and the refusals.
func mustImportEvents(t *testing.T, w *memoryEvents, text string) (Report, []Refusal) {
	t.Helper()
	if w.docs == nil {
		w.docs = map[string]bson.Raw{}
	}
	var refusals []Refusal
	rep, err := RunEvents(testContext(t), w, "t", Bytes([]byte(text)), Options{OnRefusal: func(r Refusal) { refusals = append(refusals, r) }})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Read != rep.Created+rep.Updated+rep.Refused || rep.Refused != int64(len(refusals)) {
		t.Errorf("inconsistent counts in report %+v, %d refusals", rep, len(refusals))
	}
	return rep, refusals
}

func TestEventsAcceptBothNameStyles(t *testing.T) {
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
		"time":"2026-01-31T08:30:00.005Z", "event_id":"e1", "product": "ignored", "nested": {"time": 1}}`
	for name, text := range map[string]string{
		"a line": first + "\n", "an array": "\xef\xbb\xbf[" + second + "]", "a page": `{"results":[` + second + `]}`, "both": "[" + first + "," + second + "]",
	} {
		w := &memoryEvents{}
		rep, refusals := mustImportEvents(t, w, text)
		if len(refusals) > 0 || len(w.docs) != 1 || string(w.docs[want.StoredID()]) != string(doc) {
			t.Errorf("%s: %+v, refused %+v, stored %v", name, rep, refusals, w.docs)
		}
		if name != "a line" && !maps.Equal(rep.Ignored, map[string]int64{"product": 1, "nested": 1}) {
			t.Errorf("%s: ignored %v", name, rep.Ignored)
		}
	}
}

func TestImportEventsTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	text := `{"time":"2026-01-31T08:30:00Z","user_id":"a","kind":"renewed"}
{"time":"2026-01-31T08:30:00Z","user_id":"b","kind":"renewed","eventId":null,"fromState":""}
{"eventId":7,"time":"2026-01-31T08:30:00Z","user_id":"a","kind":"renewed"}
{"userId":"a","kind":"renewed","time":"2026-01-31T10:30:00+02:00"}
`
	w := &memoryEvents{}
	if rep, refusals := mustImportEvents(t, w, text); rep.Created != 3 || rep.Updated != 1 || len(refusals) > 0 {
		t.Fatalf("report %+v, refusals %+v", rep, refusals)
	}
	before := maps.Clone(w.docs)
	if rep, _ := mustImportEvents(t, w, text); rep.Created != 0 || rep.Updated != 4 {
		t.Errorf("the second time: %+v", rep)
	}
	if !reflect.DeepEqual(w.docs, before) {
		t.Errorf("stored %v, then %v", before, w.docs)
	}
}

func TestInvalidEventsAreRefusedWithLineAndReason(t *testing.T) {
	t.Parallel()
	const (
		at      = `"time":"2026-01-31T08:30:00Z"`
		base    = at + `,"user_id":"u"`
		badTime = "must be a time like 2026-01-31T08:30:00Z"
		badWord = "must be a lower-case letter followed by at most 63 of a-z, 0-9 and _, like trial_started"
		badID   = "must be at most 512 bytes without control characters"
	)
	for _, test := range []struct{ name, item, user, field, reason string }{
		{"nothing", `{}`, "", "time", "is missing"},
		{"no time", `{"user_id":"u","kind":"k"}`, "u", "time", "is missing"},
		{"a time that is null", `{"time":null,"user_id":"u","kind":"k"}`, "u", "time", badTime},
		{"a zero date", `{"time":"0000-00-00 00:00:00","user_id":"u","kind":"k"}`, "u", "time", badTime},
		{"a small number", `{"time":1769848,"user_id":"u","kind":"k"}`, "u", "time", implausible},
		{"a time that is true", `{"time":true,"user_id":"u","kind":"k"}`, "u", "time", badTime},
		{"an operator for a time", `{"time":{"$gt":""},"user_id":"u","kind":"k"}`, "u", "time", "must be a string, a number or a boolean"},
		{"the year 0", `{"time":"0000-06-01T00:00:00Z","user_id":"u","kind":"k"}`, "u", "time", "is outside the years 1 to 9999 in UTC"},
		{"half a surrogate pair", `{"time":"\ud83d","user_id":"u","kind":"k"}`, "u", "time", "contains an unpaired surrogate, which is not a character"},
		{"no user", `{` + at + `,"kind":"k"}`, "", "user_id", "is missing"},
		{"an empty user", `{` + at + `,"user_id":"","kind":"k"}`, "", "user_id", "is missing"},
		{"a user with a line break", `{` + at + `,"userId":"a\nb","kind":"k"}`, "", "userId", badID},
		{"a user that is a list", `{` + at + `,"user_id":["u"],"kind":"k"}`, "", "user_id", "must be a string, a number or a boolean"},
		{"a user under two names", `{` + base + `,"userId":"u","kind":"k"}`, "u", "userId", "appears a second time under another name"},
		{"a member twice", `{` + base + `,"kind":"k","kind":"l"}`, "u", "kind", "appears twice"},
		{"no kind", `{` + base + `}`, "u", "kind", "is missing"},
		{"a kind with a capital", `{` + base + `,"kind":"Renewed"}`, "u", "kind", badWord},
		{"a kind that is a number", `{` + base + `,"kind":1}`, "u", "kind", "must be text"},
		{"a kind that is true", `{` + base + `,"kind":true}`, "u", "kind", "must be text"},
		{"a kind that is too long", `{` + base + `,"kind":"` + strings.Repeat("k", 65) + `"}`, "u", "kind", badWord},
		{"a state that is a formula", `{` + base + `,"kind":"k","from_state":"=1+1"}`, "u", "from_state", badWord},
		{"a state with a blank", `{` + base + `,"kind":"k","toState":"in trial"}`, "u", "toState", badWord},
		{"a grant with a tab", `{` + base + `,"kind":"k","grant_id":"a\tb"}`, "u", "grant_id", badID},
		{"a product with a NUL", `{` + base + `,"kind":"k","productId":"a\u0000"}`, "u", "productId", "contains a NUL character"},
		{"an id with a slash", `{` + base + `,"kind":"k","eventId":"a/b"}`, "u", "eventId", "must be at most 200 printable characters without /"},
		{"an id that is too long", `{` + base + `,"kind":"k","event_id":"` + strings.Repeat("é", 201) + `"}`, "u", "event_id", "must be at most 200 printable characters without /"},
		{"the first that is wrong", `{"kind":"K","time":"soon","user_id":"u"}`, "u", "kind", badWord},
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
				w := &memoryEvents{}
				rep, refusals := mustImportEvents(t, w, text)
				want := []Refusal{{Line: 2, UserID: test.user, Field: test.field, Reason: test.reason, Skipped: SkippedEvent}}
				if !slices.Equal(refusals, want) {
					t.Errorf("%s: refused %+v, want %+v", form, refusals, want)
				}
				if rep.Created != 2 || len(w.docs) != 2 {
					t.Errorf("%s: report %+v, %d events", form, rep, len(w.docs))
				}
			}
		})
	}
}

// Events accept the same time formats as users, including Unix times. An unlikely time is kept with
// a warning.
func TestTimesOfEvents(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, at := range []string{`1700000000`, `"1700000000000"`, `1700000000000000`, `"2023-11-14 22:13:20+00"`, `{"$date":{"$numberLong":"1700000000000"}}`} {
		lines = append(lines, `{"time":`+at+`,"user_id":"u","kind":"renewed"}`)
	}
	w := &memoryEvents{}
	rep, refusals := mustImportEvents(t, w, strings.Join(lines, "\n")+"\n"+`{"time":"1970-01-20 16:13:20","user_id":"u","kind":"renewed"}`)
	if len(refusals) > 0 || rep.Created != 2 || rep.Updated != 4 {
		t.Errorf("report %+v, refused %+v", rep, refusals)
	}
	want := []Warning{{"time", "is outside the years 1980 to 2199; it was kept", 1, 6}}
	if !slices.Equal(rep.Warnings, want) {
		t.Errorf("warnings %+v, want %+v", rep.Warnings, want)
	}
}

func TestStopImportsNoEventsIfOneIsInvalid(t *testing.T) {
	t.Parallel()
	w := &memoryEvents{docs: map[string]bson.Raw{}}
	text := `{"time":"2026-01-31T08:30:00Z","user_id":"u","kind":"k"}` + "\n" + `{"time":"soon","user_id":"u","kind":"k"}`
	var refusals []Refusal
	o := Options{OnError: Stop, OnRefusal: func(r Refusal) { refusals = append(refusals, r) }}
	_, err := RunEvents(testContext(t), w, "t", Bytes([]byte(text)), o)
	if errs.CodeOf(err) != errs.CodeInvalidRequest || len(w.docs) > 0 || len(refusals) != 1 || refusals[0].Line != 2 || refusals[0].Skipped != "" {
		t.Errorf("error %v, refused %+v, stored %v", err, refusals, w.docs)
	}
}

func TestMalformedEventFilesWriteNothing(t *testing.T) {
	t.Parallel()
	first := `[{"time":"2026-01-31T08:30:00Z","user_id":"u","kind":"k"},` + "\n"
	for _, test := range []struct{ name, text, field, reason string }{
		{"nothing", "", "line 1", "the file is empty"},
		{"a CSV", "event_id,time\n", "line 1", "expected a JSON object or an array of state events"},
		{"cut off", first + `{"time":"2026`, "line 2", "the file ends in the middle of a record"},
		{"trailing text", first + "{}]\nx", "line 3", "expected a JSON object or an array of state events"},
		{"deep nesting", "[" + strings.Repeat(`{"a":`, maxNesting+1), "line 1", "arrays and objects are nested too deeply"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := &memoryEvents{docs: map[string]bson.Raw{}}
			_, err := RunEvents(testContext(t), w, "t", Bytes([]byte(test.text)), Options{})
			wantSyntaxError(t, err, test.field, test.reason)
			if len(w.docs) > 0 {
				t.Errorf("something was written: %v", w.docs)
			}
		})
	}
}

// eventLines returns n events at n/2 instants, so that each event appears twice.
func eventLines(n int) string {
	var b strings.Builder
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		fmt.Fprintf(&b, `{"time":%q,"user_id":"u","kind":"renewed"}`+"\n", start.Add(time.Duration(i%(n/2))*time.Second).Format(time.RFC3339))
	}
	return b.String()
}

func TestEventsAreWrittenInBoundedBatches(t *testing.T) {
	t.Parallel()
	w := &memoryEvents{}
	if rep, _ := mustImportEvents(t, w, eventLines(2*batchDocs+600)); rep.Created != batchDocs+300 || rep.Updated != batchDocs+300 || len(w.docs) != batchDocs+300 {
		t.Errorf("report %+v, %d events", rep, len(w.docs))
	}
	if !slices.Equal(w.batches, []int{batchDocs, batchDocs, 600}) {
		t.Errorf("batches of %v", w.batches)
	}
}

func TestRunEventsReturnsWriterError(t *testing.T) {
	t.Parallel()
	w := &memoryEvents{fail: errors.New("disk full")}
	if _, err := RunEvents(testContext(t), w, "t", Bytes([]byte(eventLines(5*batchDocs))), Options{}); !errors.Is(err, w.fail) {
		t.Errorf("error %v", err)
	}
}
