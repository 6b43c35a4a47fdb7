package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

func testUser() users.User {
	at := time.Date(2022, 5, 22, 18, 40, 0, 120e6, time.UTC)
	return users.User{
		ID: "u/1", StoreID: "uk", Identifiers: users.Identifiers{EmailAddress: "sian@example.com"}, Registered: &at,
		Attributes:       map[string]any{"born": at, "age": int64(42), "country": "GB"},
		ExtendedProfiles: map[string]json.RawMessage{"app.one": json.RawMessage(`{"a":[1]}`)},
		AccountIDs:       []string{"acc2"},
		Grants:           []users.Grant{{ID: "g1", AccountID: "acc1", ProductID: "p1", Start: &at}, {ID: "g2", AccountID: "acc2"}, {ID: "g3"}},
	}
}

func TestListUsers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	type query struct {
		q      users.Query
		cursor string
		limit  int
	}
	var got query
	b.users.list = func(_ context.Context, _ string, q users.Query, cursor string, limit int) (users.Page, error) {
		got = query{q, cursor, limit}
		return users.Page{Users: []users.User{testUser(), {ID: "u2"}}, Next: "next"}, nil
	}
	a := b.call("viewer", "GET", "/v4/users", "")
	a.expect(200, "", "")
	if want := (query{users.Query{StoreID: export.All}, "", defaultUsersPage}); !reflect.DeepEqual(got, want) {
		t.Errorf("query %+v, want %+v", got, want)
	}
	if a.json("next") != "next" || !strings.Contains(string(a.body), `"registered":"2022-05-22T18:40:00.120Z"`) || !strings.Contains(string(a.body), `"born":"2022-05-22T18:40:00.120Z"`) {
		t.Errorf("page %s", a.body)
	}

	rule := `{"field":"attributes.country","operator":"is","value":"GB & more"}`
	b.call("viewer", "GET", "/v4/users?store=uk&search=+si%20an+&cursor=c&limit=200&filter="+url.QueryEscape(rule), "").expect(200, "", "")
	want := query{users.Query{StoreID: "uk", Search: "si an", Filter: &export.Rule{Field: "attributes.country", Operator: export.Is, Value: export.String("GB & more")}}, "c", 200}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("query %+v, want %+v", got, want)
	}

	for sort, want := range map[string]users.Sort{
		"": {}, "id": {}, "-id": {Descending: true}, "email_address": {Key: users.SortByEmail}, "-last_login": {Key: users.SortByLastLogin, Descending: true},
	} {
		b.call("viewer", "GET", "/v4/users?sort="+sort, "").expect(200, "", "")
		if got.q.Sort != want {
			t.Errorf("sort=%s: %+v", sort, got.q.Sort)
		}
	}
	for _, sort := range []string{"-", "--id", "_id", "Registered", "attributes.country", "%2Bid"} {
		b.call("viewer", "GET", "/v4/users?sort="+sort, "").expect(400, errs.CodeInvalidRequest, "sort")
	}
	b.call("viewer", "GET", "/v4/users?store=none", "").expect(400, errs.CodeInvalidRequest, "store")
	b.call("viewer", "GET", "/v4/users?limit=201", "").expect(400, errs.CodeInvalidRequest, "limit")
	b.call("viewer", "GET", "/v4/users?search="+strings.Repeat("x", 257), "").expect(400, errs.CodeInvalidRequest, "search")
	b.call("viewer", "GET", "/v4/users?search="+strings.Repeat("x+", 11), "").expect(400, errs.CodeInvalidRequest, "search")
	b.call("viewer", "GET", "/v4/users?search=%ff", "").expect(400, errs.CodeInvalidRequest, "search")
	b.call("viewer", "GET", "/v4/users?filter="+url.QueryEscape(`{"field":1,"operator":"is","value":1}`), "").expect(400, errs.CodeInvalidRequest, "filter.field")
	b.call("viewer", "GET", "/v4/users?cursor="+strings.Repeat("x", 5000), "").expect(400, errs.CodeInvalidRequest, "cursor")
}

func TestCountUsers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	expectCount := func(a response, want string) {
		t.Helper()
		a.expect(200, "", "")
		if string(a.body) != want {
			t.Errorf("count %s, want %s", a.body, want)
		}
	}
	var got users.Query
	b.users.count = func(_ string, q users.Query) (int64, error) {
		got = q
		return 7, nil
	}
	b.users.estimate = func(_ string, q users.Query) (users.Count, error) {
		got = q
		return users.Count{Users: 12_000, Accuracy: users.Estimate}, nil
	}
	expectCount(b.call("viewer", "POST", "/v4/user-counts", `{}`), `{"accuracy":"exact","users":7}`)
	if got.StoreID != export.All || got.Filter != nil {
		t.Errorf("query %+v", got)
	}
	b.call("viewer", "POST", "/v4/user-counts", `{"store":"uk","search":"a","filter":{"field":"registered","operator":"is_unknown"}}`).expect(200, "", "")
	if got.StoreID != "uk" || got.Search != "a" || got.Filter == nil {
		t.Errorf("query %+v", got)
	}
	search := `{"store":"uk","search":"b"}`
	expectCount(b.call("viewer", "POST", "/v4/user-counts?estimate=false", search), `{"accuracy":"exact","users":7}`)
	expectCount(b.call("viewer", "POST", "/v4/user-counts?estimate=true", search), `{"accuracy":"estimate","users":12000}`)
	if got.StoreID != "uk" || got.Search != "b" {
		t.Errorf("estimated query %+v", got)
	}
	b.call("viewer", "POST", "/v4/user-counts?estimate=1", search).expect(400, errs.CodeInvalidRequest, "estimate")
	b.call("viewer", "POST", "/v4/user-counts?estimates=true", search).expect(400, errs.CodeInvalidRequest, "estimates")
	for body, field := range map[string]string{
		``:                "",
		`{`:               "",
		`[]`:              "",
		`{"store":1}`:     "store",
		`{"stores":"uk"}`: "stores",
		`{"filter":{"field":"a","operator":"x"}}`: "filter.operator",
		`{} {}`:                              "",
		`{"store":"none"}`:                   "store",
		`{"search":5}`:                       "search",
		`{"search":"a b c d e f g h i j k"}`: "search",
		`{"search":"a","search":"b"}`:        "search",
		"{\"search\":\"a\xff\"}":             "",
	} {
		a := b.call("viewer", "POST", "/v4/user-counts", body)
		if got, _ := a.json("field").(string); a.StatusCode != http.StatusBadRequest || got != field {
			t.Errorf("%s: %d, %s", body, a.StatusCode, a.body)
		}
	}
}

func TestShowUser(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.users.user = func(_, id string) (users.User, error) {
		if id != "u/1" {
			return users.User{}, errs.Errorf(errs.CodeNotFound, "There is no such user.")
		}
		return testUser(), nil
	}
	a := b.call("viewer", "GET", "/v4/users/u%2F1", "")
	a.expect(200, "", "")
	want := []any{map[string]any{"id": "acc1", "name": "Account acc1"}, map[string]any{"id": "acc2", "name": "Account acc2"}}
	if got := a.json("accounts"); !reflect.DeepEqual(got, want) {
		t.Errorf("accounts %v", got)
	}
	if got := a.json("user", "extended_profiles", "app.one", "a"); !reflect.DeepEqual(got, []any{1.0}) {
		t.Errorf("profile %v", got)
	}
	b.call("viewer", "GET", "/v4/users/other", "").expect(404, errs.CodeNotFound, "")
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.users.figures = func(_, store string) (users.Figures, error) {
		if store == "uk" {
			return users.Figures{Total: 2, LastSevenDays: 1}, nil
		}
		return users.Figures{Total: 5}, nil
	}
	b.users.days = func(_, store, zone string) ([]users.DayCount, error) {
		return []users.DayCount{{Day: "2026-11-22"}, {Day: "2026-11-23", Users: int64(len(store + zone))}}, nil
	}
	for target, want := range map[string]string{
		"/v4/figures?store=uk&timeZone=Asia/Tokyo": `{"registeredDays":[{"day":"2026-11-22","users":0},{"day":"2026-11-23","users":12}],"registeredLast7Days":1,"users":2}`,

		"/v4/user-schema":      `{"appIds":["app.one"],"fields":[{"slug":"country","label":"Country","input-type":"text"}],"foreignSystems":[],"products":[{"id":"p1","label":"Digital Annual"},{"id":"p2","label":"p2"}],"userColumns":null}`,
		"/v4/user-stores":      `{"results":[{"id":"uk","title":"Meridian UK"}]}`,
		"/v4/figures?store=uk": `{"registeredLast7Days":1,"users":2}`,
		"/v4/figures":          `{"registeredLast7Days":0,"users":5}`,
	} {
		a := b.call("viewer", "GET", target, "")
		a.expect(200, "", "")
		if string(a.body) != want {
			t.Errorf("%s: %s, want %s", target, a.body, want)
		}
	}
	b.call("viewer", "GET", "/v4/figures?store=none", "").expect(400, errs.CodeInvalidRequest, "store")
	b.call("viewer", "GET", "/v4/figures?timeZone=Nowhere", "").expect(400, errs.CodeInvalidRequest, "timeZone")
}
