package api

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/users"
)

// datesDirectory has a field of every date type.
type datesDirectory struct{ fakeDirectory }

func (datesDirectory) Schema(context.Context, string) (users.Schema, error) {
	schema := users.Schema{{Slug: "name", Type: users.Text}}
	for _, t := range []users.InputType{users.Date, users.DateTime, users.Clock, users.Week, users.Month} {
		schema = append(schema, users.Field{Slug: string(t), Type: t})
	}
	return schema, nil
}

func at(text string) *time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	t = t.UTC()
	return &t
}

// fullUser has a value in every member, emptyUser only in those without which no user exists.
var (
	fullUser = users.User{
		ID: "u1", StoreID: "uk", Identifiers: users.Identifiers{EmailAddress: "amelia@example.com", Username: "amelia"}, EmailVerified: true,
		Registered: at("2021-02-24T15:43:28Z"), LastLogin: at("2021-02-24T15:43:28.120Z"), Updated: at("2021-02-24T00:00:00Z"), TrackingID: "t1",
		Attributes: map[string]any{
			"name": "2021-02-24T15:43:28.000Z", "date": *at("1990-01-31T00:00:00Z"), "datetime": *at("2021-01-31T00:00:00Z"), "time": *at("1970-01-01T08:30:00Z"),
			"week": *at("2026-01-26T00:00:00Z"), "month": *at("2026-01-01T00:00:00Z"), "unknown": *at("2021-02-24T15:43:28.005Z"), "age": int64(7), "news": true,
		},
		ForeignKeys: map[string]string{"crm": "1"}, ExtendedProfiles: map[string]json.RawMessage{"app.one": json.RawMessage(`{"at":"2021-02-24T15:43:28.000Z"}`)},
		AccountIDs: []string{"a1"},
		Grants: []users.Grant{
			{
				ID: "g1", AccountID: "a1", ExpiryState: "active", EntitlementType: "bundle", EntitlementID: "e1", ProductID: "p1",
				Start: at("2022-06-01T00:00:00Z"), End: at("2022-12-31T23:59:59.999Z"), Created: at("2022-05-31T23:59:59Z"),
			},
			{ID: "g2"},
		},
		Additional: map[string]json.RawMessage{
			"accountMembershipCode": json.RawMessage(`"AMC"`), "created_at": json.RawMessage(`"2020-01-01"`), "product_sharing_id": json.RawMessage(`7`),
			"registration_state": json.RawMessage(`{"b":1.0,"a":[]}`), "registration_tenant": json.RawMessage(`"<meridian>"`), "session_limit": json.RawMessage(`3`),
		},
	}
	emptyUser = users.User{ID: "u1"}
)

const (
	fullUserJSON = `{"user_id":"u1","user_store_id":"uk","identifiers":{"email_address":"amelia@example.com","username":"amelia"},"email_verified":true,
		"registered":"2021-02-24T15:43:28Z","last_login":"2021-02-24T15:43:28.120Z","updated":"2021-02-24T00:00:00Z","tracking_id":"t1",
		"attributes":{"name":"2021-02-24T15:43:28.000Z","date":"1990-01-31","datetime":"2021-01-31T00:00:00Z","time":"08:30:00","week":"2026-W05","month":"2026-01",
			"unknown":"2021-02-24T15:43:28.005Z","age":7,"news":true},
		"accountMembershipCode":"AMC","created_at":"2020-01-01","product_sharing_id":7,"registration_state":{"b":1.0,"a":[]},"registration_tenant":"<meridian>",
		"session_limit":3,"foreign_keys":{"crm":"1"},"extended_profiles":{"app.one":{"at":"2021-02-24T15:43:28.000Z"}},"account_ids":["a1"],
		"grants":[{"grantId":"g1","user_id":"u1","account_id":"a1","expiry_state":"active","entitlement_type":"bundle","entitlement_id":"e1","product_id":"p1",
			"startTime":"2022-06-01 00:00:00","endTime":"2022-12-31 23:59:59.999","createdAt":"2022-05-31 23:59:59"},{"grantId":"g2","user_id":"u1"}]}`
	emptyUserJSON = `{"user_id":"u1","identifiers":{},"email_verified":false,"attributes":{},"foreign_keys":{},"extended_profiles":{},"account_ids":[],"grants":[]}`
)

// Zephr's addresses have Zephr's forms of users: its times, dates as they were written, and no member
// without a value. The console's addresses keep theirs.
func TestZephrFormsOfUsers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		user users.User
		want string
	}{{fullUser, fullUserJSON}, {emptyUser, emptyUserJSON}} {
		f := &fakeRecords{found: []users.User{c.user}}
		b := setup(t, func(o *Options) { o.Records, o.Directory = f, datesDirectory{} })
		b.users.user = func(string, string) (users.User, error) { return c.user, nil }
		b.users.walk = func(string, int64, int64) ([]users.User, error) { return []users.User{c.user}, nil }

		a := b.call("viewer", "GET", "/v3/users/u1", "")
		a.expect(200, "", "")
		sameJSON(t, "GET /v3/users/u1", a.body, c.want)

		a = b.call("viewer", "GET", "/v3/users?search=a", "")
		a.expect(200, "", "")
		sameJSON(t, "GET /v3/users", a.body, `{"results":[`+c.want+`],"total":42}`)

		a = b.call("exporter", "GET", "/v3/user-export?attributes=true&appIds=all&grants=true", "")
		a.expect(200, "", "")
		user, grants, _ := strings.Cut(c.want, `"grants":`)
		user = strings.TrimRight(user, ", \n\t") + "}"
		sameJSON(t, "GET /v3/user-export", a.body, `[{"seq-no":1,"user":`+user+`,"grants":{"results":`+grants+`}]`)

		if a := b.call("viewer", "GET", "/v4/users/u1", ""); c.user.Registered != nil && a.json("user", "registered") != "2021-02-24T15:43:28.000Z" {
			t.Errorf("/v4/users/u1: %s", a.body)
		}
	}
}

// sameJSON compares JSON without regard to the order of members.
func sameJSON(t *testing.T, name string, got []byte, want string) {
	t.Helper()
	canonical := func(text []byte) string {
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatalf("%s: %s: %v", name, text, err)
		}
		sorted, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(sorted)
	}
	if g, w := canonical(got), canonical([]byte(want)); g != w {
		t.Errorf("%s:\ngot  %s\nwant %s", name, g, w)
	}
}
