package api

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// fakeRecords stores the calls as text.
type fakeRecords struct {
	asked   []string
	found   []users.User
	total   int64 // 0: 42
	created users.User
	granted users.Grant
	more    bool // more users or grants of the account follow
	member  bool // the user is in the account
	err     error
}

func (f *fakeRecords) note(format string, args ...any) error {
	f.asked = append(f.asked, fmt.Sprintf(format, args...))
	return f.err
}

func (f *fakeRecords) FindUsers(_ context.Context, tenant string, l users.Lookup) ([]users.User, int64, error) {
	rule, _ := json.Marshal(l.Filter)
	return f.found, cmp.Or(f.total, 42), f.note("%s %q %q %v %q %s %d+%d", tenant, l.Email, l.Username, l.ForeignKeys, l.Search, rule, l.Skip, l.Limit)
}

func (f *fakeRecords) CreateUser(_ context.Context, tenant string, u users.User) error {
	f.created = u
	return f.note("%s %s %q %+v %v %v %t", tenant, u.ID, u.StoreID, u.Identifiers, u.Attributes, u.ForeignKeys, u.EmailVerified)
}
func (f *fakeRecords) DeleteUser(_ context.Context, tenant, id string) error {
	return f.note("delete %s %s", tenant, id)
}
func (f *fakeRecords) SetAttributes(_ context.Context, tenant, id string, values map[string]any, replace bool, _ time.Time) error {
	return f.note("attributes %s %s %v %t", tenant, id, values, replace)
}
func (f *fakeRecords) SetForeignKey(_ context.Context, tenant, id, system, key string, _ time.Time) error {
	return f.note("key %s %s %s %q", tenant, id, system, key)
}
func (f *fakeRecords) SetProfile(_ context.Context, tenant, id, appID string, profile []byte, _ time.Time) error {
	return f.note("profile %s %s %s %s", tenant, id, appID, profile)
}
func (f *fakeRecords) ChangeUser(_ context.Context, tenant, id string, values map[string]any, _ time.Time) error {
	return f.note("change %s %s %v", tenant, id, values)
}
func (f *fakeRecords) RemoveForeignKey(_ context.Context, tenant, id, system, key string, _ time.Time) error {
	return f.note("no key %s %s %s %q", tenant, id, system, key)
}
func (f *fakeRecords) ChangeProfile(_ context.Context, tenant, id, appID string, change func(json.RawMessage) (json.RawMessage, error), _ time.Time) error {
	profile, err := change(json.RawMessage(`{"b":1.0,"a":"<"}`))
	if err != nil {
		return err
	}
	return f.note("profile %s %s %s %s", tenant, id, appID, profile)
}
func (f *fakeRecords) PutGrant(_ context.Context, tenant, id string, g users.Grant, at time.Time) error {
	f.granted = g
	return f.note("grant %s %s of %s %s %s %s %s", tenant, id, g.UserID, g.ExpiryState, g.EntitlementType, g.EntitlementID, g.ProductID)
}
func (f *fakeRecords) DeleteGrant(_ context.Context, tenant, id, grantID string, _ time.Time) error {
	return f.note("no grant %s %s %s", tenant, id, grantID)
}
func (f *fakeRecords) AddProducts(_ context.Context, tenant string, products []users.Product) (int, error) {
	return 0, f.note("products %s %v", tenant, products)
}
func (f *fakeRecords) PutSchema(_ context.Context, tenant string, fields users.Schema) error {
	return f.note("field %s %+v", tenant, fields)
}
func (f *fakeRecords) DeleteField(_ context.Context, tenant, slug string) (bool, error) {
	return slug == "country", f.note("no field %s %s", tenant, slug)
}

func setupRecords(t *testing.T, change ...func(*Options)) (*testServer, *fakeRecords) {
	t.Helper()
	f := &fakeRecords{}
	b := setup(t, append(change, func(o *Options) { o.Records = f })...)
	b.users.user = func(_, id string) (users.User, error) {
		if id != "u1" {
			return users.User{}, errs.Errorf(errs.CodeNotFound, "There is no user with this ID.")
		}
		return users.User{ID: id, AccountIDs: []string{"a1"}, ExtendedProfiles: map[string]json.RawMessage{"app.one": json.RawMessage(`{"b":1.0,"a":"<"}`)}}, nil
	}
	return b, f
}

func TestFindUsers(t *testing.T) {
	t.Parallel()
	conditions := base64.StdEncoding.EncodeToString([]byte(`[{"slug":"country","operator":"is","value":"GB"}]`))
	for query, want := range map[string]string{
		"": `meridian "" "" map[] "" null 0+25`,
		"?identifiers.email_address=a%2Bb@example.com&identifiers.username=ada+l": `meridian "a+b@example.com" "ada l" map[] "" null 0+25`,
		"?foreign_key.crm=K%201&foreign_key.erp-2=2":                              `meridian "" "" map[crm:K 1 erp-2:2] "" null 0+25`,
		"?identifiers.username=ada&rpp=&page=":                                    `meridian "" "ada" map[] "" null 0+25`,
		"?search=amara+okafor&rpp=10&page=3":                                      `meridian "" "" map[] "amara okafor" null 20+10`,
		"?rpp=9999":                                                               `meridian "" "" map[] "" null 0+500`,
		"?search_by_attributes=" + strings.ReplaceAll(conditions, "=", "%3D"):     `meridian "" "" map[] "" {"combinator":"and","rules":[{"field":"attributes.country","operator":"is","value":"GB"}]} 0+25`,
	} {
		for _, slash := range []string{"", "/"} {
			b, f := setupRecords(t)
			f.found = []users.User{{ID: "u1"}}
			a := b.call("viewer", "GET", "/v3/users"+slash+query, "")
			a.expect(200, "", "")
			if len(f.asked) != 1 || f.asked[0] != want || a.json("total") != 42.0 || len(b.audit.ofKind(audit.UsersListed)) != 1 {
				t.Errorf("%s: %q, want %s: %s", query, f.asked, want, a.body)
			}
		}
	}
	for query, field := range map[string]string{
		"email=a": "email", "foreign_key.a%20b=1": "foreign_key.a b", "foreign_key.=1": "foreign_key.", "rpp=0": "rpp", "page=x": "page",
		"search_by_attributes=%21": "search_by_attributes", "search=%ff": "search",
	} {
		b, _ := setupRecords(t)
		b.call("viewer", "GET", "/v3/users?"+query, "").expect(400, errs.CodeInvalidRequest, field)
	}
	b, f := setupRecords(t)
	f.err = errs.Invalid("filter.rules[0].field", "There is no field of this name to filter by.")
	b.call("viewer", "GET", "/v3/users?search_by_attributes="+conditions, "").expect(400, errs.CodeInvalidRequest, "search_by_attributes[0].field")
}

// A condition without a value finds nobody: the value of a script's variable is missing.
func TestEmptyConditionsFindNobody(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"identifiers.email_address=", "identifiers.email_address", "identifiers.username=", "foreign_key.crm=", "search=", "search=%20+", "search_by_attributes=",
		"search_by_attributes=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("[]"))), "search_by_attributes=bnVsbA%3D%3D",
		"identifiers.email_address=&identifiers.username=ada", "identifiers.email_address=amelia@example.com&foreign_key.crm=", "search=amelia&identifiers.username=&rpp=5&page=2",
	} {
		b, f := setupRecords(t)
		f.found, f.total = []users.User{fullUser}, 1
		a := b.call("viewer", "GET", "/v3/users?"+query, "")
		a.expect(200, "", "")
		if sameJSON(t, query, a.body, `{"results":[],"total":0}`); len(f.asked) != 0 {
			t.Errorf("%s: asks the store %q", query, f.asked)
		}
		if records := b.audit.ofKind(audit.UsersListed); len(records) != 1 || !strings.Contains(records[0].Words, " is empty: 0 of 0 users shown") {
			t.Errorf("%s: %+v", query, records)
		}
	}
	b, _ := setupRecords(t)
	b.call("viewer", "GET", "/v3/users?search=&rpp=0", "").expect(400, errs.CodeInvalidRequest, "rpp")
}

// A client that asks for one user reads the user's members of the body itself.
func TestOneUserFound(t *testing.T) {
	t.Parallel()
	one := []users.User{fullUser}
	for name, c := range map[string]struct {
		query string
		found []users.User
		total int64
		want  bool
	}{
		"an e-mail address":         {"identifiers.email_address=amelia@example.com", one, 1, true},
		"a user name":               {"identifiers.username=amelia", one, 1, true},
		"a foreign key":             {"foreign_key.crm=1", one, 1, true},
		"an address and a search":   {"identifiers.email_address=amelia@example.com&search=a", one, 1, true},
		"a search":                  {"search=amelia", one, 1, false},
		"nothing":                   {"rpp=1", one, 1, false},
		"a key of two users":        {"foreign_key.crm=1", []users.User{fullUser, {ID: "u2"}}, 2, false},
		"a page of several users":   {"foreign_key.crm=1&rpp=1", one, 2, false},
		"a page after the only one": {"foreign_key.crm=1&page=2", nil, 1, false},
	} {
		b, f := setupRecords(t)
		f.found, f.total = c.found, c.total
		a := b.call("viewer", "GET", "/v3/users?"+c.query, "")
		a.expect(200, "", "")
		body := jsonObject(t, a.body)
		_, there := body["user_id"]
		if there != c.want || len(a.json("results").([]any)) != len(c.found) || a.json("total") != float64(c.total) {
			t.Errorf("%s: %s", name, a.body)
		}
		if !c.want {
			continue
		}
		for member, value := range jsonObject(t, first(t, a.body, "results")) {
			if string(body[member]) != string(value) {
				t.Errorf("%s: %s is %s, in the results %s", name, member, body[member], value)
			}
		}
	}
}

func TestFindUserByID(t *testing.T) {
	t.Parallel()
	b, _ := setupRecords(t)
	for target, want := range map[string]string{
		"/v3/users/u1":                 `"user_id":"u1"`,
		"/v3/users/u1/":                `"user_id":"u1"`,
		"/v3/users/%75%31":             `"user_id":"u1"`,
		"/v3/users/u1/accounts":        `{"results":[{"account_id":"a1","name":"Account a1","user_id":"u1"}],"total":1}`,
		"/v3/users/u1/profile/app.one": `{"b":1.0,"a":"<"}`,
		"/v3/schema/users":             `"input-type":"password"`,
		"/v3/schema/users/country":     `"slug":"country"`,
	} {
		a := b.call("viewer", "GET", target, "")
		a.expect(200, "", "")
		if !strings.Contains(string(a.body), want) {
			t.Errorf("%s: %s", target, a.body)
		}
		if head := b.call("viewer", "HEAD", target, ""); head.StatusCode != http.StatusOK {
			t.Errorf("HEAD %s: %d", target, head.StatusCode)
		}
	}
	for _, target := range []string{"/v3/users/u2", "/v3/users/u2/accounts", "/v3/users/u1/profile/other", "/v3/schema/users/none"} {
		b.call("viewer", "GET", target, "").expect(404, errs.CodeNotFound, "")
	}
	b.call("viewer", "GET", "/v3/users/u1/profile/a%20b", "").expect(400, errs.CodeInvalidRequest, "app_id")
	b.call("viewer", "GET", "/v4/users/", "").expect(404, errs.CodeNotFound, "") // v4 paths are exact
}

func TestChangeUsers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, target, body, want string
		status                     int
		kind                       audit.Kind
	}{
		{"POST", "/v3/users", `{"user_id":"u9","identifiers":{"email_address":"a@example.com"},"attributes":{"country":"GB"},"foreign_keys":{"crm":"1"},"user_store_id":"uk","email_verified":true,"validators":{"password":"x"}}`,
			`meridian u9 "uk" {EmailAddress:a@example.com Username:} map[country:GB] map[crm:1] true`, 201, audit.UserCreated},
		{"DELETE", "/v3/users/u1", "", "delete meridian u1", 200, audit.UserDeleted},
		{"PUT", "/v3/users/u1/attributes", `{"country":"GB"}`, "attributes meridian u1 map[country:GB] true", 200, audit.UserChanged},
		{"PATCH", "/v3/users/u1/attributes/", `{"country":null}`, "attributes meridian u1 map[country:<nil>] false", 200, audit.UserChanged},
		{"PUT", "/v3/users/u1/foreign-key/update/crm", "K 1\r\n", `key meridian u1 crm "K 1"`, 200, audit.UserChanged},
		{"PUT", "/v3/users/u1/profile/app.one", "{ \"b\": 1.0,\n \"a\": [] }", `profile meridian u1 app.one {"b":1.0,"a":[]}`, 200, audit.UserChanged},
		{"PUT", "/v3/schema/users/plan", `{"label":"Plan","input-type":"select","select-options":[{"value":"a","label":"A"}]}`,
			`field meridian [{Slug:plan Label:Plan Type:select Options:[{Value:a Label:A}] Order:1 Inferred:false Constraints:{Required:false Expression: Start: End: Step:} ` +
				`Document:{"slug":"plan","label":"Plan","input-type":"select","select-options":[{"value":"a","label":"A"}]}}]`, 201, audit.SchemaChanged},
		{"DELETE", "/v3/schema/users/country", "", "no field meridian country", 200, audit.SchemaChanged},
	} {
		b, f := setupRecords(t)
		a := b.call("owner", c.method, c.target, c.body)
		a.expect(c.status, "", "")
		if len(f.asked) != 1 || f.asked[0] != c.want || len(b.audit.ofKind(c.kind)) != 1 {
			t.Errorf("%s %s: %q, want %s", c.method, c.target, f.asked, c.want)
		}
		if c.kind == audit.UserCreated && !strings.Contains(string(a.body), "validators were not stored") {
			t.Errorf("%s", a.body)
		}
		b.call("exporter", c.method, c.target, c.body).expect(403, errs.CodeForbidden, "")
	}

	for name, c := range map[string]struct{ method, target, body, field string }{
		"a user needs an identifier":         {"POST", "/v3/users", `{"identifiers":{}}`, "identifiers"},
		"a user has no other members":        {"POST", "/v3/users", `{"identifiers":{"username":"a"},"role":"x"}`, "role"},
		"a slug is one of the schema":        {"POST", "/v3/users", `{"identifiers":{"username":"a"},"user_store_id":"uk","attributes":{"nope":1}}`, "attributes.nope"},
		"a password is not kept":             {"PATCH", "/v3/users/u1/attributes", `{"pin":"1"}`, "pin"},
		"a value is one":                     {"PATCH", "/v3/users/u1/attributes", `{"country":[]}`, "country"},
		"a store is one of the tenant's":     {"POST", "/v3/users", `{"identifiers":{"username":"a"},"user_store_id":"none"}`, "user_store_id"},
		"a foreign key is text":              {"POST", "/v3/users", `{"identifiers":{"username":"a"},"user_store_id":"uk","foreign_keys":{"crm":1}}`, "foreign_keys.crm"},
		"a foreign system appears once":      {"POST", "/v3/users", `{"identifiers":{"username":"a"},"user_store_id":"uk","foreign_keys":{"crm":"1","crm":"2"}}`, "foreign_keys.crm"},
		"a key of a new user is not endless": {"POST", "/v3/users", `{"identifiers":{"username":"a"},"user_store_id":"uk","foreign_keys":{"crm":"` + strings.Repeat("x", maxForeignKey+1) + `"}}`, "foreign_keys.crm"},
		"a system has a name":                {"PUT", "/v3/users/u1/foreign-key/update/a%20b", "1", "system"},
		"a key is not endless":               {"PUT", "/v3/users/u1/foreign-key/update/crm", strings.Repeat("x", maxForeignKey+1), ""},
		"a profile is JSON":                  {"PUT", "/v3/users/u1/profile/app.one", `{`, ""},
		"a field has a type":                 {"PUT", "/v3/schema/users/plan", `{"label":"Plan","input-type":"file"}`, "input-type"},
		"a field's slug is that of the path": {"PUT", "/v3/schema/users/plan", `{"slug":"other","label":"Plan","input-type":"text"}`, "slug"},
		"an id may not be empty":             {"POST", "/v3/users", `{"user_id":"","identifiers":{"username":"a"}}`, "user_id"},
	} {
		b, f := setupRecords(t)
		b.call("owner", c.method, c.target, c.body).expect(400, errs.CodeInvalidRequest, c.field)
		if len(f.asked) != 0 {
			t.Errorf("%s: %q", name, f.asked)
		}
	}

	b, f := setupRecords(t)
	f.err = &errs.Error{Code: errs.CodeExists, Field: "user_id", Message: "There is a user with this one already."}
	b.call("owner", "POST", "/v3/users", `{"identifiers":{"username":"a"},"user_store_id":"uk"}`).expect(409, errs.CodeExists, "user_id")
	if len(b.audit.ofKind(audit.UserCreated)) != 0 {
		t.Error("noted what was not done")
	}
}
