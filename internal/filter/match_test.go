package filter_test

import (
	"math"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
)

func document(t testing.TB, d bson.D) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// nested is a document with a value at the path "a.b".
func nested(t testing.TB, value any) bson.Raw {
	t.Helper()
	return document(t, bson.D{{Key: "x", Value: 1}, {Key: "a", Value: bson.D{{Key: "z", Value: ""}, {Key: "b", Value: value}}}})
}

func TestMatchesComparesNumbersExactly(t *testing.T) {
	t.Parallel()
	const p = int64(1) << 53
	decimal := func(s string) bson.Decimal128 {
		d, err := bson.ParseDecimal128(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for i, c := range []struct {
		stored, value any
		order         int // of stored against value; 2: neither
	}{
		{int32(5), int64(5), 0}, {int64(5), 5.0, 0}, {5.0, int64(5), 0}, {5.5, int64(5), 1}, {-5.5, int64(-5), -1}, {int64(-5), -5.5, 1},
		{p + 1, float64(p), 1}, {float64(p), p + 1, -1}, {p + 1, p + 1, 0},
		{int64(math.MaxInt64), float64(1 << 63), -1}, {float64(1 << 63), int64(math.MaxInt64), 1},
		{int64(math.MinInt64), float64(-1 << 63), 0}, {-1e300, int64(math.MinInt64), -1}, {1e300, 1e300, 0},
		{math.Inf(1), 1e308, 1}, {math.Inf(-1), int64(0), -1}, {math.NaN(), int64(0), 2},
		{decimal("0.1"), 0.1, -1}, {decimal("5.0"), int64(5), 0}, {decimal("1E+400"), 1e308, 1}, {decimal("-Infinity"), int64(0), -1}, {decimal("NaN"), int64(0), 2},
		{"5", int64(5), 2}, {true, int64(1), 2}, {nil, int64(0), 2}, {bson.NewDateTimeFromTime(time.Unix(0, 0)), int64(0), 2},
	} {
		doc := nested(t, c.stored)
		for name, got := range map[string][2]bool{
			"equal":    {filter.Equal{Path: "a.b", Value: c.value}.Matches(doc), c.order == 0},
			"at least": {filter.Numbers{Path: "a.b", From: c.value}.Matches(doc), c.order == 0 || c.order == 1},
			"at most":  {filter.Numbers{Path: "a.b", To: c.value}.Matches(doc), c.order == 0 || c.order == -1},
		} {
			if got[0] != got[1] {
				t.Errorf("%d: %v %s %v: %v", i, c.stored, name, c.value, got[0])
			}
		}
	}
}

func TestMatchesReadsListsAsMongoDBDoes(t *testing.T) {
	t.Parallel()
	inList := document(t, bson.D{{Key: "a", Value: bson.A{bson.D{{Key: "b", Value: "x"}}, 5, bson.D{{Key: "b", Value: bson.A{"GB", nil}}}}}})
	list := func(values ...any) bson.Raw { return nested(t, append(bson.A{}, values...)) }
	early, late := time.Unix(10, 0), time.Unix(20, 0)
	for name, c := range map[string]struct {
		condition filter.Condition
		doc       bson.Raw
		want      bool
	}{
		"an element":                     {filter.NewText("a.b", export.Is, "gb"), list("FR", "GB"), true},
		"no element":                     {filter.NewText("a.b", export.Is, "DE"), list("FR", "GB"), false},
		"in documents of a list":         {filter.NewText("a.b", export.Is, "gb"), inList, true},
		"a null in a list":               {filter.Known{Path: "a.b"}, list("FR", nil), false},
		"an empty list":                  {filter.Known{Path: "a.b"}, list(), true},
		"text in a list":                 {filter.KnownText{Path: "a.b"}, list("", nil, "x"), true},
		"no text in a list":              {filter.KnownText{Path: "a.b"}, list("", nil, 5), false},
		"one of":                         {filter.OneOf{Path: "a.b", Values: []string{"y", "x"}}, list("x"), true},
		"both bounds, by two elements":   {filter.Numbers{Path: "a.b", From: int64(5), To: int64(6)}, list(1, 9), true},
		"a time":                         {filter.Times{Path: "a.b", From: &early, Before: &late}, list(bson.NewDateTimeFromTime(early)), true},
		"the time that is excluded":      {filter.Times{Path: "a.b", From: &early, Before: &late}, nested(t, late), false},
		"no time":                        {filter.Times{Path: "a.b", From: &early}, nested(t, "1970"), false},
		"a path through text":            {filter.Present{Path: "x.b"}, nested(t, 1), false},
		"present":                        {filter.Present{Path: "a.b"}, nested(t, ""), true},
		"null is not present":            {filter.Present{Path: "a.b"}, nested(t, nil), false},
		"an empty document":              {filter.NotEmpty{Path: "a.b"}, nested(t, bson.D{}), false},
		"a document":                     {filter.NotEmpty{Path: "a.b"}, nested(t, bson.D{{Key: "x", Value: nil}}), true},
		"text is no document":            {filter.NotEmpty{Path: "a.b"}, nested(t, "x"), false},
		"not, without a value":           {filter.Not{Of: filter.Equal{Path: "nope", Value: true}}, nested(t, 1), true},
		"and":                            {filter.And{filter.Known{Path: "x"}, filter.Known{Path: "nope"}}, nested(t, 1), false},
		"or":                             {filter.Or{filter.Known{Path: "nope"}, filter.Known{Path: "x"}}, nested(t, 1), true},
		"an element that meets it":       {filter.Element{Path: "a", Of: filter.KnownText{Path: "b"}}, inList, true},
		"any element":                    {filter.Element{Path: "a"}, inList, true},
		"an element without a value":     {filter.Element{Path: "a", Of: filter.Not{Of: filter.Present{Path: "b"}}}, inList, true},
		"a document is no list":          {filter.Element{Path: "a"}, nested(t, 1), false},
		"a list without documents":       {filter.Element{Path: "l"}, document(t, bson.D{{Key: "l", Value: bson.A{1, "x", nil}}}), false},
		"two elements do not add up":     {filter.Element{Path: "l", Of: filter.And{filter.Present{Path: "x"}, filter.Present{Path: "y"}}}, document(t, bson.D{{Key: "l", Value: bson.A{bson.D{{Key: "x", Value: 1}}, bson.D{{Key: "y", Value: 1}}}}}), false},
		"a document that is cut off":     {filter.Known{Path: "a.b"}, nested(t, 1)[:9], false},
		"folded text wins over the text": {filter.NewText("a.b", export.Is, "x"), document(t, bson.D{{Key: "a", Value: bson.D{{Key: "b", Value: "x"}}}, {Key: "folded", Value: bson.D{{Key: "a", Value: bson.D{{Key: "b", Value: "y"}}}}}}), false},
	} {
		if got := c.condition.Matches(c.doc); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestMatchesAllocatesNothing(t *testing.T) {
	early := time.Unix(10, 0)
	var c filter.Condition = filter.And{
		filter.Or{filter.Known{Path: "nope"}, filter.NewText("a.b", export.Contains, "ÉT")}, filter.Not{Of: filter.Equal{Path: "x", Value: 5.5}},
		filter.Numbers{Path: "x", From: int64(0), To: 2.5}, filter.Not{Of: filter.Times{Path: "x", From: &early}},
		filter.OneOf{Path: "a.b", Values: []string{"x", "the long text of an attribute: café, thé, étoile"}}, filter.KnownText{Path: "a.b"}, filter.Present{Path: "a"}, filter.NotEmpty{Path: "a"},
		filter.NewText("a.b", export.EndsWith, "ÉTOILE"), filter.NewText("a.b", export.StartsWith, "the long text of an attribute"),
	}
	grants := document(t, bson.D{{Key: "grants", Value: bson.A{bson.D{{Key: "s", Value: "active"}}, bson.D{{Key: "s", Value: "expired"}}}}})
	var element filter.Condition = filter.Not{Of: filter.Element{Path: "grants", Of: filter.Not{Of: filter.OneOf{Path: "s", Values: []string{"active", "expired"}}}}}
	if !element.Matches(grants) {
		t.Fatal("no grant should differ")
	}
	if n := testing.AllocsPerRun(100, func() { element.Matches(grants) }); n != 0 {
		t.Errorf("elements: %v allocations", n)
	}
	doc := nested(t, "the long text of an attribute: café, thé, étoile")
	if !c.Matches(doc) {
		t.Fatal("does not match")
	}
	if n := testing.AllocsPerRun(100, func() { c.Matches(doc) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	stored := document(t, bson.D{{Key: "_id", Value: "the id of a user, longer than a small buffer"}, {Key: "user_store_id", Value: "uk"}})
	s := filter.Selection{Store: "uk", IDs: filter.IDRange{From: "a", Before: "z"}, Where: filter.Known{Path: "_id"}}
	if !s.Matches(stored) {
		t.Fatal("is not selected")
	}
	if n := testing.AllocsPerRun(100, func() { s.Matches(stored) }); n != 0 {
		t.Errorf("a selection: %v allocations", n)
	}
}
