package decode_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
)

const fullDefinition = `{
  "include": {"attributes": true, "extendedProfiles": {"appIds": ["b.app", "a", "b.app"], "onlyMatching": true}, "foreignKeys": true, "grants": true},
  "users": {"userStoreId": "uk", "filter": {"combinator": "and", "rules": [
      {"field": "attributes.country", "operator": "is", "value": "GB"},
      {"combinator": "or", "rules": [
        {"field": "last_login", "operator": "between", "from": "2026-01-01", "to": null},
        {"field": "attributes.age", "operator": "is_not", "value": 12345678901234567890.50},
        {"field": "email_verified", "operator": "checked"}]},
      {"quantifier": "all", "combinator": "or", "rules": [{"field": "grant.expiry_state", "operator": "is_one_of", "values": ["expired", 5]}]}]},
    "search": " Amara\t Okafor\n", "since": "2026-01-01", "registeredSince": "2026-01-01T01:00:00.1239+01:00", "registeredBefore": "2026-02-01"},
  "stateEvents": {"from": "2026-01-01T00:00:00.000Z", "to": "2026-01-31"},
  "file": {"dialect": "spreadsheet", "compression": "none"}
}`

func mustTime(s string) *export.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	v := export.NewTime(t)
	return &v
}

func TestDefinitionReadsEveryMember(t *testing.T) {
	t.Parallel()
	got, err := decode.Definition([]byte(fullDefinition))
	if err != nil {
		t.Fatal(err)
	}
	want := export.Definition{
		Include: export.Include{
			Attributes:       true,
			ExtendedProfiles: &export.Profiles{AppIDs: []string{"a", "b.app"}, OnlyMatching: true},
			ForeignKeys:      true,
			Grants:           true,
		},
		Users: export.Selection{
			UserStoreID: "uk",
			Filter: &export.Rule{Combinator: export.And, Rules: []export.Rule{
				{Field: "attributes.country", Operator: export.Is, Value: export.String("GB")},
				{Combinator: export.Or, Rules: []export.Rule{
					{Field: "last_login", Operator: export.Between, From: export.String("2026-01-01")},
					{Field: "attributes.age", Operator: export.IsNot, Value: export.Number("12345678901234567890.50")},
					{Field: "email_verified", Operator: export.Checked},
				}},
				{Quantifier: export.AllGrants, Combinator: export.Or, Rules: []export.Rule{
					{Field: "grant.expiry_state", Operator: export.IsOneOf, Values: []export.Value{export.String("expired"), export.Number("5")}},
				}},
			}},
			Search:           "Amara\t Okafor",
			Since:            mustTime("2026-01-01T00:00:00Z"),
			RegisteredSince:  mustTime("2026-01-01T00:00:00.123Z"),
			RegisteredBefore: mustTime("2026-02-01T00:00:00Z"),
		},
		StateEvents: &export.StateEvents{From: mustTime("2026-01-01T00:00:00Z"), To: mustTime("2026-01-31T23:59:59.999Z")},
		File:        export.FileFormat{Dialect: export.DialectSpreadsheet, Compression: export.CompressionNone},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %s\nwant %s", got.Canonical(), want.Canonical())
	}
	checkRoundTrip(t, got)
}

func TestDefinitionSetsDefaults(t *testing.T) {
	t.Parallel()
	all := &export.Profiles{AppIDs: []string{"all"}}
	for body, include := range map[string]export.Include{
		`{"include":{"grants":true}}`: {Grants: true},
		`{"include":{"grants":true,"attributes":null,"extendedProfiles":null,"foreignKeys":false},"users":null,"stateEvents":null,"file":null}`:        {Grants: true},
		`{"include":{"grants":true},"users":{"userStoreId":null,"filter":null,"search":null,"since":null},"file":{"dialect":null,"compression":null}}`: {Grants: true},
		`{"include":{"grants":true},"users":{"search":" \u00a0\t"}}`:                                                                                   {Grants: true},
		`{"include":{"extendedProfiles":true}}`:                                                          {ExtendedProfiles: all},
		`{"include":{"extendedProfiles":false,"grants":true}}`:                                           {Grants: true},
		`{"include":{"extendedProfiles":{}}}`:                                                            {ExtendedProfiles: all},
		`{"include":{"extendedProfiles":{"appIds":["x","all","y"]}}}`:                                    {ExtendedProfiles: all},
		` {"include":{"extendedProfiles":{"appIds":null,"onlyMatching":null}}, "users":{}, "file": {}} `: {ExtendedProfiles: all},
	} {
		got, err := decode.Definition([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		want := export.Definition{
			Include: include,
			Users:   export.Selection{UserStoreID: export.All},
			File:    export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %s\nwant %s", body, got.Canonical(), want.Canonical())
		}
		checkRoundTrip(t, got)
	}
}

func TestDefinitionTrimsSearchBeforeLimits(t *testing.T) {
	t.Parallel()
	maxBytes := strings.Repeat("é", export.MaxSearchBytes/len("é"))
	maxWords := strings.TrimSpace(strings.Repeat("x ", export.MaxSearchWords))
	for _, want := range []string{maxBytes, maxWords} {
		got, err := decode.Definition([]byte(`{"include":{"grants":true},"users":{"search":"` + strings.Repeat(" ", 300) + want + `  "}}`))
		if err != nil || got.Users.Search != want {
			t.Errorf("got %q, %v; want %q", got.Users.Search, err, want)
		}
	}
}

func TestDefinitionAcceptsStateEventsAlone(t *testing.T) {
	t.Parallel()
	if _, err := decode.Definition([]byte(`{"stateEvents":{}}`)); err != nil {
		t.Error(err)
	}
	got, err := decode.Definition([]byte(`{"include":{},"stateEvents":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got.HasUsersFile() || got.StateEvents == nil {
		t.Fatalf("got %s", got.Canonical())
	}
	checkRoundTrip(t, got)
}

func TestDefinitionNamesInvalidField(t *testing.T) {
	t.Parallel()
	rule := func(s string) string { return `{"include":{"grants":true},"users":{"filter":` + s + `}}` }
	long := strings.Repeat("x", export.MaxValueBytes+1)
	for _, c := range []struct{ name, body, field string }{
		{"empty body", ``, ""},
		{"not JSON", `{`, ""},
		{"not an object", `[]`, ""},
		{"null", `null`, ""},
		{"trailing data", `{"include":{"grants":true}} {}`, ""},
		{"trailing brace", `{"include":{"grants":true}}}`, ""},
		{"invalid UTF-8", "{\"include\":{\"grants\":true},\"users\":{\"userStoreId\":\"\xff\"}}", ""},
		{"half a surrogate pair", `{"include":{"grants":true},"users":{"userStoreId":"\ud800x"}}`, ""},
		{"two halves in the wrong order", `{"include":{"grants":true},"users":{"userStoreId":"\udc00\ud800"}}`, ""},
		{"too deep", strings.Repeat(`[`, 33) + strings.Repeat(`]`, 33), ""},
		{"arrays that do not end", strings.Repeat(`[`, 100000), ""},
		{"unknown member", `{"include":{"grants":true},"x":1}`, "x"},
		{"other case", `{"Include":{"grants":true}}`, "Include"},
		{"unknown nested member", `{"include":{"grants":true,"rows":true}}`, "include.rows"},
		{"member twice", `{"include":{"grants":true,"grants":true}}`, "include.grants"},
		{"no include", `{}`, "include"},
		{"include null", `{"include":null}`, "include"},
		{"include an array", `{"include":[]}`, "include"},
		{"nothing included", `{"include":{"grants":false}}`, "include"},
		{"flag as text", `{"include":{"grants":"true"}}`, "include.grants"},
		{"flag as number", `{"include":{"attributes":1}}`, "include.attributes"},
		{"profiles as text", `{"include":{"extendedProfiles":"all"}}`, "include.extendedProfiles"},
		{"app ids as text", `{"include":{"extendedProfiles":{"appIds":"all"}}}`, "include.extendedProfiles.appIds"},
		{"no app ids", `{"include":{"extendedProfiles":{"appIds":[]}}}`, "include.extendedProfiles.appIds"},
		{"app id a number", `{"include":{"extendedProfiles":{"appIds":["a",1]}}}`, "include.extendedProfiles.appIds[1]"},
		{"app id empty", `{"include":{"extendedProfiles":{"appIds":[""]}}}`, "include.extendedProfiles.appIds[0]"},
		{"app id with a NUL", `{"include":{"extendedProfiles":{"appIds":["a\u0000"]}}}`, "include.extendedProfiles.appIds[0]"},
		{"app id with spaces", `{"include":{"extendedProfiles":{"appIds":["all"," a"]}}}`, "include.extendedProfiles.appIds[1]"},
		{"users an array", `{"include":{"grants":true},"users":[]}`, "users"},
		{"store empty", `{"include":{"grants":true},"users":{"userStoreId":""}}`, "users.userStoreId"},
		{"store long", `{"include":{"grants":true},"users":{"userStoreId":"` + long + `"}}`, "users.userStoreId"},
		{"search a number", `{"include":{"grants":true},"users":{"search":5}}`, "users.search"},
		{"search an array", `{"include":{"grants":true},"users":{"search":["hart"]}}`, "users.search"},
		{"search long", `{"include":{"grants":true},"users":{"search":"` + strings.Repeat("x", export.MaxSearchBytes+1) + `"}}`, "users.search"},
		{"search of many words", `{"include":{"grants":true},"users":{"search":"` + strings.Repeat("x ", export.MaxSearchWords+1) + `"}}`, "users.search"},
		{"bad date", `{"include":{"grants":true},"users":{"since":"yesterday"}}`, "users.since"},
		{"date that is not", `{"include":{"grants":true},"users":{"since":"2026-02-30"}}`, "users.since"},
		{"date a number", `{"include":{"grants":true},"users":{"registeredSince":5}}`, "users.registeredSince"},
		{"year 10000", `{"include":{"grants":true},"users":{"registeredBefore":"9999-12-31T23:00:00-10:00"}}`, "users.registeredBefore"},
		{"years crossed", `{"include":{"grants":true},"users":{"registeredBefore":"2026-01-01","registeredSince":"2026-01-02"}}`, "users.registeredBefore"},
		{"events crossed", `{"include":{},"stateEvents":{"from":"2026-01-02","to":"2026-01-01"}}`, "stateEvents.to"},
		{"events true", `{"include":{},"stateEvents":true}`, "stateEvents"},
		{"unknown dialect", `{"include":{"grants":true},"file":{"dialect":"tsv"}}`, "file.dialect"},
		{"unknown compression", `{"include":{"grants":true},"file":{"compression":"zip"}}`, "file.compression"},
		{"filter an array", rule(`[]`), "users.filter"},
		{"filter empty", rule(`{}`), "users.filter.field"},
		{"unknown combinator", rule(`{"combinator":"xor","rules":[]}`), "users.filter.combinator"},
		{"combinator null", rule(`{"combinator":null,"rules":[]}`), "users.filter.combinator"},
		{"group without rules", rule(`{"combinator":"and"}`), "users.filter.rules"},
		{"rules null", rule(`{"combinator":"and","rules":null}`), "users.filter.rules"},
		{"group with a field", rule(`{"combinator":"and","rules":[],"field":"x"}`), "users.filter.field"},
		{"rule a string", rule(`{"combinator":"and","rules":["x"]}`), "users.filter.rules[0]"},
		{"unknown operator", rule(`{"combinator":"and","rules":[{"field":"a","operator":"checked"},{"combinator":"or","rules":[{"field":"a","operator":"$where","value":1}]}]}`), "users.filter.rules[1].rules[0].operator"},
		{"no operator", rule(`{"field":"a","value":1}`), "users.filter.operator"},
		{"empty field", rule(`{"field":"","operator":"is","value":1}`), "users.filter.field"},
		{"value an object", rule(`{"field":"a","operator":"is","value":{"$ne":1}}`), "users.filter.value"},
		{"value an array", rule(`{"field":"a","operator":"is","value":["a"]}`), "users.filter.value"},
		{"no value", rule(`{"field":"a","operator":"contains"}`), "users.filter.value"},
		{"value null", rule(`{"field":"a","operator":"is","value":null}`), "users.filter.value"},
		{"value too long", rule(`{"field":"a","operator":"is","value":"` + long + `"}`), "users.filter.value"},
		{"digits too long", rule(`{"field":"a","operator":"is","value":` + strings.Repeat("1", 5000) + `}`), "users.filter.value"},
		{"value too many", rule(`{"field":"a","operator":"checked","value":true}`), "users.filter.value"},
		{"between nothing", rule(`{"field":"a","operator":"between","from":null,"to":null}`), "users.filter.from"},
		{"between with a value", rule(`{"field":"a","operator":"between","from":1,"value":1}`), "users.filter.value"},
		{"is with from", rule(`{"field":"a","operator":"is","value":1,"from":1}`), "users.filter.from"},
		{"is with to", rule(`{"field":"a","operator":"is","value":1,"to":1}`), "users.filter.to"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := decode.Definition([]byte(c.body))
			wantInvalid(t, err, c.field)
		})
	}
}

func TestRuleLimitsTheFilter(t *testing.T) {
	t.Parallel()
	condition := `{"field":"a","operator":"checked"}`
	flat := func(n int, s string) string {
		return `{"combinator":"and","rules":[` + strings.TrimSuffix(strings.Repeat(s+",", n), ",") + `]}`
	}
	deep := func(n int) string {
		return strings.Repeat(`{"combinator":"or","rules":[`, n) + condition + strings.Repeat(`]}`, n)
	}
	for _, accepted := range []string{flat(export.MaxRules, condition), deep(export.MaxRuleDepth), flat(0, ""), "null"} {
		if _, err := decode.Rule([]byte(accepted), "filter"); err != nil {
			t.Errorf("%.60s…: %v", accepted, err)
		}
	}
	_, err := decode.Rule([]byte(flat(export.MaxRules+1, condition)), "filter")
	wantInvalid(t, err, fmt.Sprintf("filter.rules[%d]", export.MaxRules))
	_, err = decode.Rule([]byte(flat(export.MaxRules, flat(0, ""))), "filter")
	wantInvalid(t, err, fmt.Sprintf("filter.rules[%d]", export.MaxRules-1))
	_, err = decode.Rule([]byte(deep(export.MaxRuleDepth+1)), "filter")
	wantInvalid(t, err, "filter"+strings.Repeat(".rules[0]", export.MaxRuleDepth))
}

func TestRuleKeepsEscapedCharacters(t *testing.T) {
	t.Parallel()
	r, err := decode.Rule([]byte(`{"field":"a","operator":"is","value":"\ud83d\ude00 \u0000 \\ud800 \ufffd \u2028<"}`), "filter")
	if err != nil {
		t.Fatal(err)
	}
	if want := "😀 \x00 \\ud800 \ufffd \u2028<"; r.Value.Text != want {
		t.Fatalf("got %q, want %q", r.Value.Text, want)
	}
}

func FuzzDefinition(f *testing.F) {
	f.Add([]byte(fullDefinition))
	f.Add([]byte(`{"include":{"extendedProfiles":true},"users":{"filter":{"combinator":"or","rules":[{"field":"a","operator":"is","value":1e5}]}}}`))
	f.Add([]byte(`{"include":{},"stateEvents":{"to":"9999-12-31"}}`))
	f.Add([]byte(`{"include":{"grants":true},"users":{"userStoreId":"\ud800\udc00"}}`))
	f.Add([]byte(`{"include":{"grants":true},"users":{"filter":{"field":"a","operator":"between","to":false}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := decode.Definition(body)
		if err == nil {
			checkRoundTrip(t, d)
			return
		}
		if errs.CodeOf(err) != errs.CodeInvalidRequest {
			t.Fatalf("error without its code: %v", err)
		}
	})
}

// roundTrip checks that the canonical form decodes to the same definition and is its own canonical
// form.
func checkRoundTrip(t *testing.T, d export.Definition) {
	t.Helper()
	again, err := decode.Definition(d.Canonical())
	if err != nil {
		t.Fatalf("canonical form %s: %v", d.Canonical(), err)
	}
	if !reflect.DeepEqual(again, d) || !bytes.Equal(again.Canonical(), d.Canonical()) {
		t.Fatalf("canonical form changed:\nonce  %s\ntwice %s", d.Canonical(), again.Canonical())
	}
}

func wantInvalid(t *testing.T, err error, field string) {
	t.Helper()
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		t.Fatalf("got %v, want an *errs.Error", err)
	}
	if e.Code != errs.CodeInvalidRequest || e.Field != field || e.Message == "" {
		t.Fatalf("got code %q, field %q, message %q; want field %q", e.Code, e.Field, e.Message, field)
	}
}
