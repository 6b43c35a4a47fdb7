package importer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Users, grants, attributes, events and the API read each time format as the same instant.
func TestAllTimeFormatsGiveTheSameInstant(t *testing.T) {
	t.Parallel()
	schema := users.Schema{{Slug: "seen", Label: "Seen", Type: users.DateTime}}
	rapid.Check(t, func(t *rapid.T) {
		const year1980, year2200 = 315_532_800_000, 7_258_118_400_000
		want := time.UnixMilli(rapid.Int64Range(year1980, year2200-1).Draw(t, "ms")).UTC()
		local := want.In(time.FixedZone("", 3600*rapid.IntRange(-12, 14).Draw(t, "hours east")))
		ms := want.UnixMilli()
		raw := rapid.SampledFrom([]string{
			strconv.FormatInt(ms, 10), strconv.Quote(strconv.FormatInt(ms, 10)), fmt.Sprintf("%d.%03d", ms/1000, ms%1000), strconv.FormatInt(ms, 10) + "000",
			strconv.FormatInt(ms, 10) + "000000", fmt.Sprintf(`{"$date":{"$numberLong":"%d"}}`, ms), fmt.Sprintf(`{"$date":%d}`, ms),
			strconv.Quote(local.Format("2006-01-02 15:04:05.000-07")), strconv.Quote(local.Format("2006-01-02 15:04:05,000000-0700")),
			strconv.Quote(local.Format("2006-01-02t15:04:05.000000000000-07:00")), strconv.Quote(want.Format("2006-01-02 15:04:05.000")),
			strconv.Quote(want.Format("2006-01-02t15:04:05.000z")), strconv.Quote(export.FormatTime(want)),
		}).Draw(t, "form")
		wantSameTime(t, schema, raw, want)
		second := want.Truncate(time.Second)
		wantSameTime(t, schema, strconv.FormatInt(second.Unix(), 10), second)
	})
}

// The import reads back every date that a database can store, in the format of responses and
// exports.
func TestEveryStoredDateIsImported(t *testing.T) {
	t.Parallel()
	schema := users.Schema{{Slug: "seen", Label: "Seen", Type: users.DateTime}}
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64().Draw(t, "ms")).UTC()
		answer, err := json.Marshal(export.NewTime(at))
		if err != nil {
			t.Fatal(err)
		}
		wantSameTime(t, schema, string(answer), at)
	})
}

func wantSameTime(t *rapid.T, schema users.Schema, raw string, want time.Time) {
	t.Helper()
	item := `{"user_id":"a","registered":` + raw + `,"attributes":{"seen":` + raw + `},"grants":[{"grantId":"g","startTime":` + raw + `,"endTime":` + raw + `}]}`
	rec, err := newParser(schema, "default").parse([]byte(item))
	if err != nil || len(rec.problems) > 0 {
		t.Fatalf("%s: problems %+v, %v", raw, rec.problems, err)
	}
	u := rec.user
	for _, got := range []any{*u.Registered, u.Attributes["seen"], *u.Grants[0].Start, *u.Grants[0].End} {
		if got != want {
			t.Fatalf("%s is %v, want %v", raw, got, want)
		}
	}
	if y := want.Year(); y > 0 && y <= 9999 {
		event, err := parseEvent([]byte(`{"time":` + raw + `,"user_id":"u","kind":"k"}`))
		if err != nil || event.event.Time != want {
			t.Fatalf("%s is %v in an event, want %v: %v", raw, event.event.Time, want, err)
		}
	}
	var v export.Value
	if v.UnmarshalJSON([]byte(raw)) == nil { // the API does not accept extended JSON
		if got, err := users.Coerce(schema[0], v); err != nil || got != want {
			t.Fatalf("the API reads %s as %v, want %v: %v", raw, got, want, err)
		}
	}
}
