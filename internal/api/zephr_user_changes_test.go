package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// Every member that Zephr documents for POST /v3/users is stored in its field or kept as given.
// PHP writes an empty array for an object without members.
func TestEmptyArraysOfPHP(t *testing.T) {
	t.Parallel()
	b, f := setupRecords(t)
	b.call("owner", "POST", "/v3/users", `{"identifiers":{"username":"ada"},"attributes":[ ],"foreign_keys":[]}`).expect(201, "", "")
	if len(f.created.Attributes)+len(f.created.ForeignKeys) != 0 {
		t.Errorf("%+v", f.created)
	}
	b.call("owner", "PATCH", "/v3/users/u1/attributes", `[]`).expect(200, "", "")
	b.call("owner", "POST", "/v3/users", `{"identifiers":{"username":"grace"},"attributes":["GB"]}`).expect(400, errs.CodeInvalidRequest, "attributes")
}

func TestCreateUserTakesDocumentedMembers(t *testing.T) {
	t.Parallel()
	b, f := setupRecords(t)
	a := b.call("owner", "POST", "/v3/users", `{
		"validators": {"password": "secret words"},
		"identifiers": {"email_address": "joe.blow@company.com"},
		"attributes": {"country": "GB", "email_verified": true},
		"accountMembershipCode": "AMC-1", "email_verified": true, "last_login": "2024-02-01 10:00:00", "tracking_id": "t-1", "registered": 1700000000,
		"registration_state": {"step": 2.50, "done": [ ]}, "registration_tenant": "meridian", "session_limit": 3, "product_sharing_id": null,
		"foreign_keys": [{"crm": "65x"}, {"system": "erp", "key": "7"}, {"billing": null}], "created_at": "2020-01-01T00:00:00Z"
	}`, "Content-Type", "application/json")
	a.expect(201, "", "")
	login, registered := time.Date(2024, 2, 1, 10, 0, 0, 0, time.UTC), time.Unix(1_700_000_000, 0).UTC()
	want := users.User{
		ID: f.created.ID, StoreID: "uk", Identifiers: users.Identifiers{EmailAddress: "joe.blow@company.com"}, EmailVerified: true,
		Registered: &registered, LastLogin: &login, Updated: f.created.Updated, TrackingID: "t-1",
		Attributes: map[string]any{"country": "GB"}, ForeignKeys: map[string]string{"crm": "65x", "erp": "7"},
		Additional: map[string]json.RawMessage{
			"accountMembershipCode": json.RawMessage(`"AMC-1"`), "registration_state": json.RawMessage(`{"step":2.50,"done":[]}`),
			"registration_tenant": json.RawMessage(`"meridian"`), "session_limit": json.RawMessage(`3`), "created_at": json.RawMessage(`"2020-01-01T00:00:00Z"`),
		},
	}
	if !reflect.DeepEqual(f.created, want) || f.created.ID == "" {
		t.Errorf("%+v, want %+v", f.created, want)
	}
	const message = "The user was created. Egress has no field for accountMembershipCode, created_at, registration_state, registration_tenant, session_limit: " +
		"kept as given, and not exported. Egress does not store the passwords of users: validators were not stored."
	data, _ := json.Marshal(a.json("data"))
	if a.json("message") != message || a.json("user_id") != f.created.ID || string(data) != fmt.Sprintf(
		`{"attributes":{"country":"GB"},"email_verified":true,"identifiers":{"email_address":"joe.blow@company.com"},"user_id":%q}`, f.created.ID) {
		t.Errorf("%s", a.body)
	}
}

// email_verified counts more than the attribute of the same name, in any order.
func TestEmailVerifiedAsAnAttribute(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"identifiers":{"username":"a"},"attributes":{"email_verified":true}}`:                         true,
		`{"identifiers":{"username":"a"},"attributes":{"email_verified":true},"email_verified":false}`:  false,
		`{"email_verified":true,"identifiers":{"username":"a"},"attributes":{"email_verified":false}}`:  true,
		`{"identifiers":{"username":"a"},"attributes":{"email_verified":true},"email_verified":null}`:   true,
		`{"identifiers":{"username":"a"},"attributes":{"email_verified":null}}`:                         false,
		`{"identifiers":{"username":"a"},"attributes":null,"email_verified":true,"foreign_keys":null }`: true,
	} {
		b, f := setupRecords(t)
		b.call("owner", "POST", "/v3/users", body).expect(201, "", "")
		if f.created.EmailVerified != want || len(f.created.Attributes) != 0 {
			t.Errorf("%s: %+v", body, f.created)
		}
	}
}

// A user who is created without a store belongs to the default one.
func TestCreateUserInDefaultStore(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{"": "uk", "asia": "asia", "gone": "uk"} {
		b, f := setupRecords(t, func(o *Options) { o.Directory = twoStores{} })
		b.auth.stores["meridian"] = setting
		b.call("owner", "POST", "/v3/users", `{"identifiers":{"username":"a"}}`).expect(201, "", "")
		if f.created.StoreID != want {
			t.Errorf("%q: %s, want %s", setting, f.created.StoreID, want)
		}
		b.call("owner", "POST", "/v3/users", `{"identifiers":{"username":"a"},"user_store_id":"asia"}`).expect(201, "", "")
		if f.created.StoreID != "asia" {
			t.Errorf("%q: %s", setting, f.created.StoreID)
		}
	}
}

func TestInvalidMembersOfAUser(t *testing.T) {
	t.Parallel()
	for body, field := range map[string]string{
		`{"identifiers":{"email_address":"not-an-email"}}`:                                                              "identifiers.email_address",
		`{"identifiers":{"email_address":"@example.com"}}`:                                                              "identifiers.email_address",
		`{"identifiers":{"email_address":" a@example.com"}}`:                                                            "identifiers.email_address",
		`{"identifiers":{"email_address":"Ann a@example.com"}}`:                                                         "identifiers.email_address",
		`{"identifiers":{"email_address":7}}`:                                                                           "identifiers.email_address",
		`{"identifiers":{"username":"a\u0000b"}}`:                                                                       "identifiers.username",
		`{"identifiers":{"username":"a","phone":"1"}}`:                                                                  "identifiers.phone",
		`{"identifiers":null}`:                                                                                          "identifiers",
		`{"identifiers":{"username":"a"},"attributes":{"email_verified":1}}`:                                            "attributes.email_verified",
		`{"identifiers":{"username":"a"},"email_verified":"yes"}`:                                                       "email_verified",
		`{"identifiers":{"username":"a"},"registered":"soon"}`:                                                          "registered",
		`{"identifiers":{"username":"a"},"last_login":17}`:                                                              "last_login",
		`{"identifiers":{"username":"a"},"tracking_id":{}}`:                                                             "tracking_id",
		`{"identifiers":{"username":"a"},"foreign_keys":[{"crm":"1"},{"crm":"2"}]}`:                                     "foreign_keys[1].crm",
		`{"identifiers":{"username":"a"},"foreign_keys":[{"system":"","key":"2"}]}`:                                     "foreign_keys[0].system",
		`{"identifiers":{"username":"a"},"foreign_keys":["crm"]}`:                                                       "foreign_keys[0]",
		`{"identifiers":{"username":"a"},"foreign_keys":"crm"}`:                                                         "foreign_keys",
		`{"identifiers":{"username":"a"},"foreign_keys":{"a b":"1"}}`:                                                   "foreign_keys.a b",
		`{"identifiers":{"username":"a"},"user_store_id":7}`:                                                            "user_store_id",
		`{"identifiers":{"username":"a"},"registration_state":"` + strings.Repeat("x", users.MaxAdditionalBytes) + `"}`: "registration_state",
	} {
		for _, request := range [][2]string{{"POST", "/v3/users"}, {"PATCH", "/v3/users/u1"}} {
			b, f := setupRecords(t)
			b.call("owner", request[0], request[1], body).expect(400, errs.CodeInvalidRequest, field)
			if len(f.asked) != 0 {
				t.Errorf("%s: %q", body, f.asked)
			}
		}
	}
}

func TestPatchUser(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, want, audited, message string }{
		{`{"identifiers":{"email_address":"New@example.com"}}`, "map[identifiers.email_address:New@example.com]", "identifiers", "The user was changed."},
		{`{"user_id":"u1","attributes":{"country":null,"email_verified":true},"foreign_keys":{"crm":"1","erp":null}}`,
			"map[attributes.country:<nil> email_verified:true foreign_keys.crm:1 foreign_keys.erp:<nil>]", "attributes, email_verified, foreign_keys", "The user was changed."},
		{`{"registered":"2024-02-01T10:00:00Z","last_login":null,"tracking_id":"","user_store_id":"uk"}`,
			"map[last_login:<nil> registered:2024-02-01 10:00:00 +0000 UTC tracking_id:<nil> user_store_id:uk]", "last_login, registered, tracking_id, user_store_id", "The user was changed."},
		{`{"registration_state":{"a": 1},"session_limit":null,"validators":{"password":"x"}}`,
			`map[additional.registration_state:{"a":1} additional.session_limit:<nil>]`, "registration_state, session_limit",
			"The user was changed. Egress has no field for registration_state: kept as given, and not exported. Egress does not store the passwords of users: validators were not stored."},
		{`{"identifiers":{"email_address":null,"username":"joe"}}`, "map[identifiers.email_address:<nil> identifiers.username:joe]", "identifiers", "The user was changed."},
		{`{"identifiers":{"username":null}}`, "map[identifiers.username:<nil>]", "identifiers", "The user was changed."},
	} {
		b, f := setupRecords(t)
		b.users.user = func(string, string) (users.User, error) {
			return users.User{ID: "u1", Identifiers: users.Identifiers{EmailAddress: "a@example.com", Username: "a"}}, nil
		}
		a := b.call("owner", "PATCH", "/v3/users/u1", c.body, "Content-Type", "application/json")
		a.expect(200, "", "")
		records := b.audit.ofKind(audit.UserChanged)
		if len(f.asked) != 1 || f.asked[0] != "change meridian u1 "+c.want || a.json("message") != c.message || len(records) != 1 || records[0].Words != c.audited {
			t.Errorf("%s: %q, audited %+v, %s", c.body, f.asked, records, a.body)
		}
		b.call("exporter", "PATCH", "/v3/users/u1", c.body).expect(403, errs.CodeForbidden, "")
	}
	b, f := setupRecords(t)
	b.call("owner", "PATCH", "/v3/users/u1", `{}`).expect(400, errs.CodeInvalidRequest, "")
	b.call("owner", "PATCH", "/v3/users/u1", `{"user_id":"u2"}`).expect(400, errs.CodeInvalidRequest, "user_id")
	b.call("owner", "PATCH", "/v3/users/u1", `{"identifiers":{"email_address":null,"username":""}}`).expect(400, errs.CodeInvalidRequest, "identifiers")
	b.call("owner", "PATCH", "/v3/users/u2", `{"identifiers":{"username":""}}`).expect(404, errs.CodeNotFound, "")
	f.err = &errs.Error{Code: errs.CodeExists, Field: "identifiers.email_address", Message: "A user with this value exists already."}
	b.call("owner", "PATCH", "/v3/users/u1", `{"identifiers":{"email_address":"b@example.com"}}`).expect(409, errs.CodeExists, "identifiers.email_address")
	if len(b.audit.ofKind(audit.UserChanged)) != 0 {
		t.Error("recorded a refused change")
	}
}

func TestUpdateUserEmail(t *testing.T) {
	t.Parallel()
	b, f := setupRecords(t)
	b.users.user = func(_, id string) (users.User, error) {
		u := users.User{ID: id, Identifiers: users.Identifiers{EmailAddress: "a@example.com"}}
		if id == "named" {
			u.Identifiers.Username = "a"
		}
		return u, nil
	}
	const target, body = "/v3/users/named/update-email", `{"new_identifiers":{"email_address":"joe.blow@company.com"},"siteSlug":"meridian|live"}`
	b.call("owner", "POST", target, body).expect(201, "", "")
	b.call("owner", "POST", target, `{"new_identifiers":{"email_address":""}}`).expect(201, "", "")
	if fmt.Sprint(f.asked) != "[change meridian named map[identifiers.email_address:joe.blow@company.com] change meridian named map[identifiers.email_address:<nil>]]" {
		t.Errorf("%q", f.asked)
	}
	b.call("owner", "POST", "/v3/users/u1/update-email", `{"new_identifiers":{"email_address":""}}`).expect(400, errs.CodeInvalidRequest, "new_identifiers.email_address")
	b.call("owner", "POST", target, `{"new_identifiers":{}}`).expect(400, errs.CodeInvalidRequest, "new_identifiers.email_address")
	b.call("owner", "POST", target, `{"new_identifiers":{"email_address":"not-an-email"}}`).expect(400, errs.CodeInvalidRequest, "new_identifiers.email_address")
	b.call("viewer", "POST", target, body).expect(403, errs.CodeForbidden, "")
	f.err = &errs.Error{Code: errs.CodeExists, Field: "identifiers.email_address", Message: "A user with this value exists already."}
	b.call("owner", "POST", target, body).expect(409, errs.CodeExists, "identifiers.email_address")
}

// The body of a foreign key is a JSON string or plain text.
func TestForeignKeyBodies(t *testing.T) {
	t.Parallel()
	const target = "/v3/users/u1/foreign-key/update/crm"
	for _, c := range [][3]string{
		{"application/json", `"65xcb76a3a2f1"`, "65xcb76a3a2f1"},
		{"application/json; charset=utf-8", " \"65 x\"\r\n", "65 x"},
		{"", `"65x"`, "65x"},
		{"text/plain", `"a\u00e9\"b"`, `aé"b`},
		{"text/plain", "65x\r\n", "65x"},
		{"", " 65 x", " 65 x"},
		{"", "65", "65"},
		{"text/plain", "true", "true"},
		{"application/json", "65x", "65x"},
		{"application/json", "65", "65"},
		{"application/json; charset=utf-8", "0065\n", "0065"},
		{"application/json", "12345678901234567890", "12345678901234567890"},
		{"application/json", "65.0 ", "65.0"},
		{"application/x-www-form-urlencoded", "65x", "65x"},
	} {
		b, f := setupRecords(t)
		b.call("owner", "PUT", target, c[1], "Content-Type", c[0]).expect(200, "", "")
		if len(f.asked) != 1 || f.asked[0] != fmt.Sprintf("key meridian u1 crm %q", c[2]) {
			t.Errorf("%s %s: %q, want %q", c[0], c[1], f.asked, c[2])
		}
	}
	for _, c := range [][2]string{
		{"application/json", ""}, {"", ""}, {"text/plain", "\r\n"}, {"application/json", `""`}, {"", `""`},
		{"application/json", `{"key":"1"}`}, {"", `{"key":"1"}`}, {"application/json", `["1"]`},
		{"application/json", "true"}, {"application/json", "null"}, {"application/json", `"65x`}, {"", `{"key":`}, {"application/json", `"a" "b"`},
		{"application/json", `"` + strings.Repeat("x", maxForeignKey+1) + `"`}, {"application/json", `"\u0000"`},
	} {
		b, f := setupRecords(t)
		b.call("owner", "PUT", target, c[1], "Content-Type", c[0]).expect(400, errs.CodeInvalidRequest, "")
		if len(f.asked) != 0 {
			t.Errorf("%s %s: %q", c[0], c[1], f.asked)
		}
	}
}

func TestDeleteUserForeignKey(t *testing.T) {
	t.Parallel()
	b, f := setupRecords(t)
	const target = "/v4/users/u1/foreign-key/crm/a%2Fb%20c"
	b.call("owner", "DELETE", target, "").expect(200, "", "")
	records := b.audit.ofKind(audit.UserChanged)
	if fmt.Sprint(f.asked) != `[no key meridian u1 crm "a/b c"]` || len(records) != 1 || records[0].Words != "foreign_keys.crm" {
		t.Errorf("%q, %+v", f.asked, records)
	}
	b.call("exporter", "DELETE", target, "").expect(403, errs.CodeForbidden, "")
	b.call("owner", "DELETE", "/v4/users/u1/foreign-key/a%20b/1", "").expect(400, errs.CodeInvalidRequest, "system")
	f.err = errs.Errorf(errs.CodeNotFound, "This user does not have this foreign key.")
	b.call("owner", "DELETE", target, "").expect(404, errs.CodeNotFound, "")
}

func TestMergeUserProfile(t *testing.T) {
	t.Parallel()
	b, f := setupRecords(t)
	const target = "/v3/users/u1/profile/app.one"
	b.call("owner", "PATCH", target, ` { "a" : null, "c": { "d": 1.50 } }`).expect(200, "", "")
	records := b.audit.ofKind(audit.UserChanged)
	if fmt.Sprint(f.asked) != `[profile meridian u1 app.one {"b":1.0,"c":{"d":1.50}}]` || len(records) != 1 || records[0].Words != "extended_profiles.app.one" {
		t.Errorf("%q, %+v", f.asked, records)
	}
	b.call("owner", "PATCH", target, `{`).expect(400, errs.CodeInvalidRequest, "")
	b.call("owner", "PATCH", "/v3/users/u1/profile/a%20b", `{}`).expect(400, errs.CodeInvalidRequest, "app_id")
	b.call("exporter", "PATCH", target, `{}`).expect(403, errs.CodeForbidden, "")
}

const grantBody = `{"entitlement_type":"bundle","entitlement_id":"e1","startTime":"2022-06-01 00:00:00","endTime":"2022-12-31 23:59:59","product_id":"gold"}`

func TestCreateUserGrant(t *testing.T) {
	t.Parallel()
	b, f := setupRecords(t)
	a := b.call("owner", "POST", "/v3/users/u1/grants", grantBody, "Content-Type", "application/json")
	a.expect(201, "", "")
	id, _ := a.json("grantId").(string)
	records := b.audit.ofKind(audit.UserChanged)
	if id == "" || a.json("grant_id") != id || f.granted.ID != id || len(records) != 1 || records[0].Words != "grants."+id || records[0].Subject != "u1" ||
		fmt.Sprint(f.asked) != "[products meridian [{gold gold }] grant meridian u1 of u1 expired bundle e1 gold]" {
		t.Errorf("%q, %+v, %s", f.asked, records, a.body)
	}
	start, end := time.Date(2022, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(2022, 12, 31, 23, 59, 59, 0, time.UTC)
	if g := f.granted; !g.Start.Equal(start) || !g.End.Equal(end) || g.Created == nil {
		t.Errorf("%+v", g)
	}
	for times, state := range map[string]string{
		``:                                                 users.GrantActive,
		`,"startTime":null,"endTime":""`:                   users.GrantActive,
		`,"startTime":"2150-01-01T00:00:00Z"`:              users.GrantPending,
		`,"endTime":"9999-12-31 23:59:59"`:                 users.GrantActive,
		`,"startTime":1600000000`:                          users.GrantActive,
		`,"endTime":"2024-01-31T08:30:00.5+1"`:             "",
		`,"startTime":"2024-01-02","endTime":"2024-01-01"`: "",
	} {
		b, f := setupRecords(t)
		a := b.call("owner", "POST", "/v3/users/u1/grants/g%2F1", `{"entitlement_type":"meter","entitlement_id":"e","product_id":"p"`+times+`}`)
		if state == "" {
			a.expect(400, errs.CodeInvalidRequest, "endTime")
			continue
		}
		a.expect(201, "", "")
		if f.granted.ID != "g/1" || f.granted.ExpiryState != state || a.json("grantId") != "g/1" {
			t.Errorf("%s: %+v, want %s", times, f.granted, state)
		}
	}
	for body, field := range map[string]string{
		`{"entitlement_id":"e","product_id":"p"}`:                                              "entitlement_type",
		`{"entitlement_type":"gift","entitlement_id":"e","product_id":"p"}`:                    "entitlement_type",
		`{"entitlement_type":"meter","product_id":"p"}`:                                        "entitlement_id",
		`{"entitlement_type":"meter","entitlement_id":"e"}`:                                    "product_id",
		`{"entitlement_type":"meter","entitlement_id":"e","product_id":"a\nb"}`:                "product_id",
		`{"entitlement_type":"meter","entitlement_id":"e","product_id":"p","startTime":"now"}`: "startTime",
		`{"entitlement_type":"meter","entitlement_id":"e","product_id":"p","status":"x"}`:      "status",
	} {
		b, f := setupRecords(t)
		b.call("owner", "POST", "/v3/users/u1/grants", body).expect(400, errs.CodeInvalidRequest, field)
		if len(f.asked) != 0 {
			t.Errorf("%s: %q", body, f.asked)
		}
	}
	// Zephr answers 409 if the user does not exist. Nothing is written.
	other, g := setupRecords(t)
	other.call("owner", "POST", "/v3/users/none/grants", grantBody).expect(409, errs.CodeExists, "user_id")
	other.call("exporter", "POST", "/v3/users/u1/grants", grantBody).expect(403, errs.CodeForbidden, "")
	if len(g.asked) != 0 || len(other.audit.ofKind(audit.UserChanged)) != 0 {
		t.Errorf("%q", g.asked)
	}
}

func TestDeleteUserGrant(t *testing.T) {
	t.Parallel()
	b, f := setupRecords(t)
	b.call("owner", "DELETE", "/v3/users/u1/grants/g1", "").expect(200, "", "")
	if records := b.audit.ofKind(audit.UserChanged); fmt.Sprint(f.asked) != "[no grant meridian u1 g1]" || len(records) != 1 || records[0].Words != "grants.g1" {
		t.Errorf("%q, %+v", f.asked, records)
	}
	b.call("viewer", "DELETE", "/v3/users/u1/grants/g1", "").expect(403, errs.CodeForbidden, "")
	f.err = errs.Errorf(errs.CodeNotFound, "This user has no grant with this ID.")
	b.call("owner", "DELETE", "/v3/users/u1/grants/g1", "").expect(404, errs.CodeNotFound, "")
}
