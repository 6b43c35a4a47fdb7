package browsetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
)

// AllTypesSchema has a field of each input type, named after the type.
func AllTypesSchema() users.Schema {
	s := make(users.Schema, len(users.InputTypes))
	for i, t := range users.InputTypes {
		s[i] = users.Field{Slug: string(t) + "-field", Label: "The " + string(t), Type: t, Order: i}
	}
	return s
}

// ruleFieldTypes returns the input type of each field that rules can name.
func ruleFieldTypes() map[string]users.InputType {
	types := map[string]users.InputType{
		"identifiers.email_address": users.Email, "identifiers.username": users.Text, "email_verified": users.Checkbox,
		"registered": users.DateTime, "last_login": users.DateTime, "account.name": users.Text, "account.id": users.Text,
	}
	for _, f := range AllTypesSchema() {
		if f.Type != users.Password {
			types["attributes."+f.Slug] = f.Type
		}
	}
	return types
}

// trickyTexts are texts that are special in patterns, operators, encodings or case folding. Rules
// draw from them too.
var trickyTexts = []string{
	"GB", "gb", "a", "A", "k", "K", "\u212a", "s", "S", "ſ", "ß", "ẞ", "ss", "SS", "İ", "ı", "i", "I", "σ", "ς", "Σ", "é", "e\u0301", "É",
	" ", "\t", "\n", "end\n", "end", "two\nlines", ".", ".*", "a.*b", "^", "$", "^a$", "(?i)a", "[a-z]", "a|b", "\\", "\\E", "\\Q", "(*UTF8)",
	"$ne", "$where", "{\"$ne\": null}", "null", "undefined", "true", "5", "5.0", "007", "0", "#", "-", "O'Brien", "\"quoted\"", "%", "a\x00b", "\x00",
	"\u2028", "\ufeff", "😀", "👩‍👩‍👧", "名前", "Ǆ", "ǅ", "ǆ", "ﬁ", "K\u212aſs", "ff", "\u1100\u1161\u11a8", "각", "J\u030c", "ǰ", "αι", "ᾼ", "Α\u0345", "\u0308", "\x7f", "x@example.com", "X@Example.com",
}

var accountNames = map[string]string{
	"acc-1": "Northgate", "acc-2": "NORTHGATE", "acc-3": "Kelvin & ſons", "acc-4": "a.*b", "acc-5": "Straße 5", "acc-7": "E\u0301toile", "ACC-6": "", "$in": "$in",
}

// randomUsers returns users whose values are missing, null, empty, valid, tricky or of a wrong
// type. The same seed returns the same users.
func randomUsers(seed uint64, n int, types map[string]users.InputType) []testUser {
	r := rand.New(rand.NewPCG(seed, seed))
	people := make([]testUser, n)
	for i := range people {
		p := testUser{id: fmt.Sprintf("u%05d", i), values: map[string]any{}}
		for _, field := range sortedKeys(types) {
			if strings.HasPrefix(field, "account.") {
				if ids, exists := randomAccountIDs(r); exists {
					p.values["account_ids"] = ids
				}
			} else if v, exists := randomValue(r, types[field]); exists {
				p.values[field] = v
			}
		}
		people[i] = p
	}
	return people
}

func randomAccountIDs(r *rand.Rand) (any, bool) {
	switch r.IntN(8) {
	case 0:
		return nil, false
	case 1:
		return nil, true
	case 2:
		return bson.A{}, true
	case 3:
		return bson.A{"", nil}, true
	}
	ids := bson.A{}
	known := append(sortedKeys(accountNames), "acc-unknown")
	for range 1 + r.IntN(3) {
		ids = append(ids, known[r.IntN(len(known))])
	}
	return ids, true
}

func randomValue(r *rand.Rand, t users.InputType) (v any, exists bool) {
	switch r.IntN(10) {
	case 0:
		return nil, false
	case 1:
		return nil, true
	case 2:
		return "", true
	case 3: // another type, as other programs may write
		return []any{trickyTexts[r.IntN(len(trickyTexts))], int64(5), 5.0, true, randomTime(r), bson.D{{Key: "x", Value: "GB"}}}[r.IntN(6)], true
	}
	switch users.KindOf(t) {
	case users.NumberKind:
		return randomNumber(r), true
	case users.DateKind:
		if t == users.Clock {
			return time.Date(1970, 1, 1, r.IntN(24), []int{0, 30, 59}[r.IntN(3)], []int{0, 1, 59}[r.IntN(3)], []int{0, 999e6}[r.IntN(2)], time.UTC), true
		}
		return randomTime(r), true
	case users.BoolKind:
		return r.IntN(2) == 0, true
	default:
		if r.IntN(3) == 0 { // a value of the sample rules
			values := sampleValues(t)
			return values[r.IntN(len(values))].Text, true
		}
		return randomText(r), true
	}
}

func randomText(r *rand.Rand) string {
	parts := []string{trickyTexts[r.IntN(len(trickyTexts))]}
	for range r.IntN(3) {
		parts = append(parts, trickyTexts[r.IntN(len(trickyTexts))])
	}
	return strings.Join(parts, "")
}

func randomNumber(r *rand.Rand) any {
	return []any{
		int32(5), int64(5), 5.0, int64(0), int64(-1), int64(18), 18.5, 0.1, -0.5, int64(1) << 53, int64(1)<<53 + 1, float64(int64(1) << 53),
		int64(-9223372036854775808), int64(9223372036854775807), 1e300, int64(r.IntN(30)), float64(r.IntN(60)) / 2,
		int64(9223372036854775296), float64(1 << 63), float64(-1 << 63), 4503599627370495.5, int64(4503599627370496),
	}[r.IntN(22)]
}

// randomTime returns a time close to the start of a day, week, month or year.
func randomTime(r *rand.Rand) time.Time {
	borders := []time.Time{
		time.Date(2025, 12, 29, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC),
	}
	offsets := []time.Duration{
		0, -time.Millisecond, time.Millisecond, 8*time.Hour + 30*time.Minute, 8*time.Hour + 30*time.Minute + 59*time.Second + 999*time.Millisecond,
		23*time.Hour + 59*time.Minute + 59*time.Second + 999*time.Millisecond, 24 * time.Hour,
	}
	return borders[r.IntN(len(borders))].Add(offsets[r.IntN(len(offsets))])
}

// document returns the user as Egress stores it, with folded text.
func (p testUser) document(t testing.TB) bson.D {
	t.Helper()
	d := p.plainDocument()
	raw, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if folded := users.FoldedUser(raw); len(folded) > 0 {
		d = append(d, bson.E{Key: users.FoldedKey, Value: folded})
	}
	return d
}

// plainDocument returns the user without folded text.
func (p testUser) plainDocument() bson.D {
	var attributes, identifiers bson.D
	d := bson.D{{Key: "_id", Value: p.id}}
	for _, path := range sortedKeys(p.values) {
		v := p.values[path]
		switch group, name, _ := strings.Cut(path, "."); group {
		case "attributes":
			attributes = append(attributes, bson.E{Key: name, Value: v})
		case "identifiers":
			identifiers = append(identifiers, bson.E{Key: name, Value: v})
		default:
			d = append(d, bson.E{Key: path, Value: v})
		}
	}
	if attributes != nil {
		d = append(d, bson.E{Key: "attributes", Value: attributes})
	}
	if identifiers != nil {
		d = append(d, bson.E{Key: "identifiers", Value: identifiers})
	}
	return d
}
