package api

import (
	"bytes"
	"context"
	stdcsv "encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// storedValues returns values that other programs may have stored: every BSON type, with its
// limits.
func storedValues(t *testing.T) map[string]any {
	t.Helper()
	id, err := bson.ObjectIDFromHex("65f0c0ffee65f0c0ffee0001")
	if err != nil {
		t.Fatal(err)
	}
	decimal, err := bson.ParseDecimal128("12345678901234567890.10")
	if err != nil {
		t.Fatal(err)
	}
	deep := bson.D{{Key: "v", Value: int32(1)}}
	for range 90 {
		deep = bson.D{{Key: "v", Value: bson.A{deep}}}
	}
	uuid := []byte{0x6b, 0x1f, 0x5a, 0x0e, 0x3c, 0x57, 0x4f, 0x2a, 0x9a, 0x3e, 0x0f, 0x8f, 0x1f, 0x5d, 0x2c, 0x11}
	date := func(year int) bson.DateTime {
		return bson.NewDateTimeFromTime(time.Date(year, 3, 1, 12, 0, 0, 5e6, time.UTC))
	}
	return map[string]any{
		"null": nil, "undefined": bson.Undefined{}, "text": "Siân", "empty text": "", "symbol": bson.Symbol("s"),
		"invalid UTF-8": "a\xff\xfeb", "a lone surrogate in bytes": "a\xed\xa0\x80b", "control characters": "a\x01\x1b\u202eb\u2028",
		"a long text": strings.Repeat("long ", 30_000), "a name of JavaScript": "__proto__",
		"true": true, "int32": int32(-7), "int64": int64(math.MaxInt64), "the lowest int64": int64(math.MinInt64),
		"beyond 2^53": int64(1<<53 + 1), "double": 33.1, "minus zero": math.Copysign(0, -1), "the largest double": math.MaxFloat64,
		"the smallest double": math.SmallestNonzeroFloat64, "NaN": math.NaN(), "infinity": math.Inf(1), "minus infinity": math.Inf(-1),
		"decimal": decimal, "object id": id, "binary": bson.Binary{Data: []byte("bytes")},
		"UUID": bson.Binary{Subtype: 4, Data: uuid}, "old UUID": bson.Binary{Subtype: 3, Data: uuid},
		"a date": date(2026), "a year of five digits": date(10_000), "the year 0": date(0), "a year before": date(-5),
		"the zero time of Go and .NET": bson.NewDateTimeFromTime(time.Time{}),
		"the last date":                bson.DateTime(math.MaxInt64), "the first date": bson.DateTime(math.MinInt64),
		"a list": bson.A{int32(1), bson.A{"b", nil}, true}, "an object": bson.D{{Key: "__proto__", Value: bson.D{}}, {Key: "", Value: 1.5}},
		"nested deeply": deep, "regex": bson.Regex{Pattern: "^a\"b", Options: "i"}, "timestamp": bson.Timestamp{T: 7, I: 9},
		"code": bson.JavaScript("f()"), "code with scope": bson.CodeWithScope{Code: "f()", Scope: bson.D{{Key: "a", Value: "b"}}},
		"pointer": bson.DBPointer{DB: "d.c", Pointer: id}, "min key": bson.MinKey{}, "max key": bson.MaxKey{},
	}
}

// storedUser returns a document with a value in every field.
func storedUser(t *testing.T, v any) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(bson.D{
		{Key: "_id", Value: "u1"}, {Key: "user_store_id", Value: v}, {Key: "tracking_id", Value: v},
		{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: v}, {Key: "username", Value: v}}},
		{Key: "email_verified", Value: v}, {Key: "registered", Value: v}, {Key: "last_login", Value: v}, {Key: "updated", Value: v},
		{Key: "attributes", Value: bson.D{{Key: "x", Value: v}, {Key: "__proto__", Value: v}, {Key: "constructor", Value: v}}},
		{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: v}, {Key: "__proto__", Value: v}}},
		{Key: "extended_profiles", Value: bson.D{{Key: "app", Value: v}, {Key: "__proto__", Value: v}}},
		{Key: "account_ids", Value: bson.A{v, "a1"}},
		{Key: "grants", Value: bson.A{v, bson.D{
			{Key: "grantId", Value: v}, {Key: "account_id", Value: v}, {Key: "expiry_state", Value: v}, {Key: "entitlement_type", Value: v},
			{Key: "entitlement_id", Value: v}, {Key: "product_id", Value: v},
			{Key: "startTime", Value: v}, {Key: "endTime", Value: v}, {Key: "createdAt", Value: v},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// fileCells returns the cells of a user's row in the CSV file, by column.
func fileCells(t *testing.T, raw bson.Raw) map[string]string {
	t.Helper()
	def := export.Definition{Include: export.Include{Attributes: true, ForeignKeys: true}}
	schema := users.Schema{{Slug: "x", Type: users.Text}, {Slug: "__proto__", Type: users.Text}, {Slug: "constructor", Type: users.Text}}
	columns := csv.Columns(def, schema, users.Registry{ForeignSystems: []string{"crm"}})
	e, err := csv.New(csv.Options{Definition: def, Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	row, _, err := e.Append(nil, raw)
	if errors.Is(err, csv.ErrLarge) {
		row, err = largeRow(e, raw)
	}
	if err != nil {
		t.Fatal(err)
	}
	records, err := stdcsv.NewReader(bytes.NewReader(row)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]string{}
	for i, c := range columns {
		cells[c.Name] = records[0][i]
	}
	return cells
}

// largeRow returns the row of a user who is too large for Append, without grants.
func largeRow(e *csv.Encoder, raw bson.Raw) ([]byte, error) {
	rows, err := e.Rows(raw)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	row, _, _, err := rows.Next(slices.Clone(rows.Own()), nil, 1)
	return row, err
}

// No stored value breaks a response, and responses have the same text as files.
func TestEveryStoredValueIsReturned(t *testing.T) {
	t.Parallel()
	records := &fakeRecords{}
	b := setup(t, func(o *Options) { o.Records = records })
	for name, v := range storedValues(t) {
		raw := storedUser(t, v)
		u, err := users.Decode(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		file := fileCells(t, raw)
		records.found = []users.User{u}
		b.users.list = func(context.Context, string, users.Query, string, int) (users.Page, error) {
			return users.Page{Users: []users.User{u}}, nil
		}
		b.users.user = func(string, string) (users.User, error) { return u, nil }
		b.users.walk = func(after string, _, _ int64) ([]users.User, error) {
			if after != "" {
				return nil, nil
			}
			return []users.User{u}, nil
		}
		for target, member := range map[string]func(body []byte) json.RawMessage{
			"/v4/users":    func(body []byte) json.RawMessage { return first(t, body, "results") },
			"/v4/users/u1": func(body []byte) json.RawMessage { return jsonObject(t, body)["user"] },
			"/v3/users?search=" + url.QueryEscape("a"): func(body []byte) json.RawMessage { return first(t, body, "results") },
			"/v3/users/u1":                    func(body []byte) json.RawMessage { return body },
			"/v3/user-export?attributes=true": nil,
		} {
			a := b.call("owner", "GET", target, "")
			if a.StatusCode != http.StatusOK || !json.Valid(a.body) {
				t.Errorf("%s: %s answers %d: %.300s", name, target, a.StatusCode, a.body)
				continue
			}
			if member == nil {
				continue
			}
			user := jsonObject(t, member(a.body))
			attributes := jsonObject(t, user["attributes"])
			for _, slug := range []string{"x", "__proto__", "constructor"} {
				if got, want := textOfJSON(t, attributes[slug]), textAt(target, file["attributes."+slug]); got != want {
					t.Errorf("%s: %s has the attribute %s %.80q, the file %.80q", name, target, slug, got, want)
				}
			}
			if got, want := textOfJSON(t, jsonObject(t, user["foreign_keys"])["crm"]), file["foreign_keys.crm"]; got != want {
				t.Errorf("%s: %s has the foreign key %.80q, the file %.80q", name, target, got, want)
			}
			if _, isDate := v.(bson.DateTime); isDate {
				for _, field := range []string{"registered", "last_login", "updated"} {
					if got, want := textOfJSON(t, user[field]), textAt(target, file[field]); got != want {
						t.Errorf("%s: %s has %s %q, the file %q", name, target, field, got, want)
					}
				}
			}
		}
	}
}

// textAt returns the text of a file as an address has it: Zephr's addresses have times without the
// milliseconds that are zero.
func textAt(target, text string) string {
	if strings.HasPrefix(target, "/v3/") {
		return shortTime(text)
	}
	return text
}

func jsonObject(t *testing.T, body []byte) map[string]json.RawMessage {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatalf("%.300s: %v", body, err)
	}
	return m
}

func first(t *testing.T, body []byte, list string) json.RawMessage {
	t.Helper()
	var all []json.RawMessage
	if err := json.Unmarshal(jsonObject(t, body)[list], &all); err != nil || len(all) == 0 {
		t.Fatalf("%.300s: %v", body, err)
	}
	return all[0]
}

// textOfJSON returns a JSON value as the text of a cell: strings unquoted, "" for none and null,
// other values as written.
func textOfJSON(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case raw[0] != '"':
		return string(raw)
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	return s
}
