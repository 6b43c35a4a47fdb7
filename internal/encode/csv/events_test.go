package csv

import (
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

const eventHeader = "event_id,time,user_id,kind,from_state,to_state,grant_id,product_id,product"

func eventOptions(def export.Definition) Options {
	return Options{Definition: def, Columns: EventColumns(), Labels: testLabels}
}

// eventsOnly is the definition of an export with state events only.
var eventsOnly = export.Definition{StateEvents: &export.StateEvents{}, File: allGroups.File}

func event(fields ...bson.E) bson.D {
	at := time.Date(2026, time.January, 31, 23, 59, 59, 999_000_000, time.UTC)
	return append(bson.D{
		{Key: "_id", Value: "2026-01-31T23:59:59.999Z/e1"}, {Key: "event_id", Value: "e1"}, {Key: "time", Value: at},
		{Key: "user_id", Value: "007"}, {Key: "kind", Value: "renewed"},
	}, fields...)
}

func TestStateEventsGolden(t *testing.T) {
	t.Parallel()
	text := func(key, value string) bson.E { return bson.E{Key: key, Value: value} }
	for _, test := range []struct {
		name             string
		doc              bson.D
		want             string
		spreadsheetWants string // "": the same
	}{
		{
			"all of it", event(text("from_state", "active"), text("to_state", "expired"), text("grant_id", "g-1"), text("product_id", "product-0")),
			"e1,2026-01-31T23:59:59.999Z,007,renewed,active,expired,g-1,product-0,Digital", "",
		},
		{"what is unknown is empty", event(), "e1,2026-01-31T23:59:59.999Z,007,renewed,,,,,", ""},
		{"null is unknown", event(bson.E{Key: "product_id"}, bson.E{Key: "to_state"}), "e1,2026-01-31T23:59:59.999Z,007,renewed,,,,,", ""},
		{"a product without a label", event(text("product_id", "gone")), "e1,2026-01-31T23:59:59.999Z,007,renewed,,,,gone,", ""},
		{
			"a label that is to be quoted", event(text("product_id", "product-1")),
			`e1,2026-01-31T23:59:59.999Z,007,renewed,,,,product-1,"The ""Daily"""`, "",
		},
		{
			"text that could run as a formula", event(text("grant_id", `=HYPERLINK("http://example.com")`), text("from_state", "-1"), text("product_id", "@p")),
			`e1,2026-01-31T23:59:59.999Z,007,renewed,-1,,"=HYPERLINK(""http://example.com"")",@p,`,
			`e1,2026-01-31T23:59:59.999Z,007,renewed,'-1,,"'=HYPERLINK(""http://example.com"")",'@p,`,
		},
		{
			"types that others stored", bson.D{
				{Key: "product_id", Value: int64(12345678901234567)}, {Key: "grant_id", Value: bson.ObjectID{1}},
				{Key: "time", Value: "2026-01-31"}, {Key: "user_id", Value: int32(-7)}, {Key: "kind", Value: bson.D{{Key: "a", Value: bson.A{true, nil}}}},
				{Key: "from_state", Value: false}, {Key: "to_state", Value: 0.1}, {Key: "event_id", Value: "two\r\nlines"}, {Key: "note", Value: "x"},
			},
			"\"two\r\nlines\",2026-01-31,-7,\"{\"\"a\"\":[true,null]}\",false,0.1,010000000000000000000000,12345678901234567,", "",
		},
		{
			"a time of another age", bson.D{{Key: "time", Value: bson.DateTime(-62_135_596_800_000)}, {Key: "kind", Value: "granted"}},
			",0001-01-01T00:00:00.000Z,,granted,,,,,", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			docs := []bson.Raw{marshal(t, test.doc)}
			if test.spreadsheetWants == "" {
				test.spreadsheetWants = test.want
			}
			for want, def := range map[string]export.Definition{
				eventHeader + "\r\n" + test.want + "\r\n":                        eventsOnly,
				"\uFEFF" + eventHeader + "\r\n" + test.spreadsheetWants + "\r\n": spreadsheet(allGroups), // with a users file
			} {
				e, got, rows := encodeFile(t, eventOptions(def), docs)
				if string(got) != want || rows != 1 {
					t.Errorf("%d rows:\ngot  %q\nwant %q", rows, got, want)
				}
				if w := warnings(e); len(w) > 0 {
					t.Errorf("warnings %+v", w)
				}
			}
		})
	}
}

func TestProductLabelIsGuarded(t *testing.T) {
	t.Parallel()
	o := eventOptions(spreadsheet(eventsOnly))
	o.Labels = Labels{Products: map[string]string{"p": "=1+1, \"x\""}}
	_, got, _ := encodeFile(t, o, []bson.Raw{marshal(t, event(bson.E{Key: "product_id", Value: "p"}))})
	if want := `,p,"'=1+1, ""x"""` + "\r\n"; !strings.HasSuffix(string(got), want) {
		t.Errorf("got %q", got)
	}
}

func TestDuplicateEventFieldCountsAsMiss(t *testing.T) {
	t.Parallel()
	e, got, _ := encodeFile(t, eventOptions(eventsOnly), []bson.Raw{marshal(t, event(bson.E{Key: "kind", Value: "expired"}))})
	if w := warnings(e); len(w) != 1 || w[0].Field != "kind" || w[0].Count != 1 || !strings.Contains(string(got), "renewed") {
		t.Errorf("warnings %+v of %q", w, got)
	}
}

// The projection contains the field of every column once: the server rejects duplicates.
func TestEventProjection(t *testing.T) {
	t.Parallel()
	named := map[string]int{}
	for _, e := range EventProjection() {
		named[e.Key]++
	}
	if len(named) != len(EventProjection()) || named["_id"] != 1 {
		t.Errorf("projection %v", EventProjection())
	}
	for _, c := range EventColumns() {
		if named[eventField(c)] != 1 {
			t.Errorf("%s is made from %q, which is not in %v", c.Name, eventField(c), named)
		}
	}
	if got := strings.ReplaceAll(names(EventColumns()), " ", ","); got != eventHeader {
		t.Errorf("columns %s", got)
	}
}

func TestNewRejectsUnknownEventColumns(t *testing.T) {
	t.Parallel()
	unknown := export.Column{Name: "mood", Source: export.FromEvent, Key: "mood"}
	if _, err := New(Options{Definition: eventsOnly, Columns: append(EventColumns(), unknown)}); err == nil {
		t.Error("an unknown column is accepted")
	}
}

func TestAppendEventDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		return
	}
	docs := []bson.Raw{
		marshal(t, event(bson.E{Key: "product_id", Value: "product-0"}, bson.E{Key: "to_state", Value: "active"})),
		marshal(t, event(bson.E{Key: "grant_id", Value: "=1"}, bson.E{Key: "product_id", Value: "gone"})),
		marshal(t, event(bson.E{Key: "from_state", Value: 7}, bson.E{Key: "note", Value: "x"})),
	}
	for _, def := range []export.Definition{eventsOnly, spreadsheet(eventsOnly)} {
		e := mustNew(eventOptions(def))
		var dst, filled []byte
		pass := func() {
			e.Reset()
			dst = dst[:0]
			for _, doc := range docs {
				var err error
				if dst, _, err = e.Append(dst, doc); err != nil {
					t.Error(err)
				}
			}
			filled = e.FillNames(filled[:0], dst, 0, len(dst))
		}
		pass()
		if n := testing.AllocsPerRun(10, pass); n != 0 {
			t.Errorf("%v allocations for %d events, want none", n, len(docs))
		}
	}
}
