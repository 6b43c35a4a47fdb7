package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// acme is the only account of the fake. Its users are u1 and others, and its only grant is acmeGrant.
var acme = users.Account{ID: "a/1", Name: "Acme", Members: `{"company_id":"C-1","number_of_seats":7,"premises_tags":"[\"gold\"]","session_limit":1.50}`}

var acmeGrant = users.Grant{
	ID: "g1", UserID: "u1", AccountID: "a/1", ExpiryState: "pending", EntitlementType: "bundle", EntitlementID: "b1", ProductID: "p1",
	Start: new(time.Date(2022, 6, 1, 0, 0, 0, 0, time.UTC)), End: new(time.Date(2022, 12, 31, 23, 59, 59, 0, time.UTC)),
	Created: new(time.Date(2022, 5, 31, 23, 59, 59, 123e6, time.UTC)),
}

const acmeGrantJSON = `{"grantId":"g1","grant_id":"g1","user_id":"u1","account_id":"a/1","expiry_state":"pending","entitlement_type":"bundle",
	"entitlement_id":"b1","product_id":"p1","startTime":"2022-06-01 00:00:00","endTime":"2022-12-31 23:59:59",
	"createdAt":"2022-05-31 23:59:59.123","created_at":"2022-05-31 23:59:59.123"}`

var errNoAccount = errs.Errorf(errs.CodeNotFound, "There is no account with this ID.")

func (f *fakeRecords) FindAccounts(_ context.Context, tenant, search string, skip, limit int64) ([]users.Account, int64, error) {
	return []users.Account{acme, {ID: "a2", Name: "a2"}}, cmp.Or(f.total, 42), f.note("%s %q %d+%d", tenant, search, skip, limit)
}

func (f *fakeRecords) Account(_ context.Context, _, id string) (users.Account, error) {
	if id != acme.ID {
		return users.Account{}, errNoAccount
	}
	return acme, nil
}

func (f *fakeRecords) AccountUsers(_ context.Context, tenant, account string, skip, limit int64) ([]string, bool, error) {
	return []string{"u1", "u2"}, f.more, f.note("users of %s %s %d+%d", tenant, account, skip, limit)
}

func (f *fakeRecords) AccountGrants(_ context.Context, tenant, account string, skip, limit int64) ([]users.Grant, bool, error) {
	return []users.Grant{acmeGrant}, f.more, f.note("grants of %s %s %d+%d", tenant, account, skip, limit)
}

func (f *fakeRecords) AccountGrant(_ context.Context, _, _, id string) (users.Grant, error) {
	if id != acmeGrant.ID {
		return users.Grant{}, errs.Errorf(errs.CodeNotFound, "This account has no grant with this ID.")
	}
	return acmeGrant, nil
}

func (f *fakeRecords) AddUserAccount(_ context.Context, tenant, id, account string, _ time.Time) (bool, error) {
	return !f.member, f.note("into %s %s %s", tenant, id, account)
}

func (f *fakeRecords) RemoveUserAccount(_ context.Context, tenant, id, account string, _ time.Time) error {
	return f.note("out of %s %s %s", tenant, id, account)
}

func setupAccounts(t *testing.T) (*testServer, *fakeRecords) {
	t.Helper()
	b, f := setupRecords(t)
	b.users.user = func(_, id string) (users.User, error) {
		if id != "u1" {
			return users.User{}, errs.Errorf(errs.CodeNotFound, "There is no user with this ID.")
		}
		return users.User{ID: "u1", AccountIDs: []string{"a/1"}, Grants: []users.Grant{acmeGrant}}, nil
	}
	return b, f
}

const acmeJSON = `{"account_id":"a/1","name":"Acme","tenant_id":"meridian","email_address":null,"number_of_seats":7,"company_id":"C-1",
	"premises_tags":"[\"gold\"]","session_limit":1.50}`

func TestAccountsAreListed(t *testing.T) {
	t.Parallel()
	all := `{"results":[` + acmeJSON + `,{"account_id":"a2","name":"a2","tenant_id":"meridian","email_address":null,"number_of_seats":null}],"total":42}`
	for target, c := range map[string]struct{ asked, link string }{
		"/v3/accounts": {`meridian "" 0+25`, ""},
		"/v3/accounts/?rpp=2&page=2&search=%20Acme+x": {`meridian "Acme x" 2+2`, ""},
		"/v3/accounts?search=":                        {`meridian "" 0+25`, ""},
		"/v4/accounts":                                {`meridian "" 0+10000`, `</v4/accounts?rpp=10000&page=2>; rel="next"`},
		"/v4/accounts?rpp=2&page=3":                   {`meridian "" 4+2`, `</v4/accounts?rpp=2&page=4>; rel="next"`},
		"/v4/accounts?rpp=20&page=3":                  {`meridian "" 40+20`, ""},
	} {
		b, f := setupAccounts(t)
		a := b.call("viewer", "GET", target, "")
		a.expect(200, "", "")
		sameJSON(t, target, a.body, all)
		if len(f.asked) != 1 || f.asked[0] != c.asked || a.Header.Get("Link") != c.link {
			t.Errorf("%s: asks %q, want %q; link %q", target, f.asked, c.asked, a.Header.Get("Link"))
		}
	}
	b, _ := setupAccounts(t)
	for query, field := range map[string]string{"rpp=0": "rpp", "search=%ff": "search", "name=a": "name"} {
		b.call("viewer", "GET", "/v3/accounts?"+query, "").expect(400, errs.CodeInvalidRequest, field)
	}
}

func TestAccountIsShown(t *testing.T) {
	t.Parallel()
	b, _ := setupAccounts(t)
	for target, want := range map[string]string{
		"/v3/accounts/a%2F1":           acmeJSON,
		"/v3/accounts/a%2F1/":          acmeJSON,
		"/v4/accounts/a%2F1":           acmeJSON,
		"/v3/accounts/a%2F1/users":     `[{"user_id":"u1","account_id":"a/1"},{"user_id":"u2","account_id":"a/1"}]`,
		"/v3/accounts/a%2F1/users/u1":  `{"user_id":"u1","account_id":"a/1"}`,
		"/v3/accounts/a%2F1/grants":    `[` + acmeGrantJSON + `]`,
		"/v3/accounts/a%2F1/grants/g1": acmeGrantJSON,
	} {
		a := b.call("viewer", "GET", target, "")
		a.expect(200, "", "")
		if sameJSON(t, target, a.body, want); a.Header.Get("Link") != "" {
			t.Errorf("%s: %s", target, a.Header.Get("Link"))
		}
		if head := b.call("viewer", "HEAD", target, ""); head.StatusCode != http.StatusOK {
			t.Errorf("HEAD %s: %d", target, head.StatusCode)
		}
	}
	for _, target := range []string{
		"/v3/accounts/a2", "/v4/accounts/a2", "/v3/accounts/a2/users", "/v3/accounts/a2/users/u1", "/v3/accounts/a%2F1/users/u2", "/v3/accounts/a2/grants",
		"/v3/accounts/a2/grants/g1", "/v3/accounts/a%2F1/grants/g2",
	} {
		b.call("viewer", "GET", target, "").expect(404, errs.CodeNotFound, "")
	}
	b.call("viewer", "GET", "/v4/account", "").expect(200, "", "") // Egress's own, of the admin
}

// A list that is cut says so.
func TestAccountPages(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"users", "grants"} {
		for query, want := range map[string][2]string{
			"":                  {"0+10000", "rpp=10000&page=2"},
			"?rpp=5&page=3":     {"10+5", "rpp=5&page=4"},
			"?rpp=20000&page=2": {"10000+10000", "rpp=10000&page=3"},
			"?page=2147483647":  {"21474836460000+10000", "rpp=10000&page=2147483648"},
		} {
			b, f := setupAccounts(t)
			f.more = true
			a := b.call("viewer", "GET", "/v3/accounts/a%2F1/"+list+query, "")
			a.expect(200, "", "")
			link := fmt.Sprintf(`</v3/accounts/a%%2F1/%s?%s>; rel="next"`, list, want[1])
			if asked := list + " of meridian a/1 " + want[0]; !slices.Equal(f.asked, []string{asked}) || a.Header.Get("Link") != link {
				t.Errorf("%s%s: asks %q, want %q; link %s, want %s", list, query, f.asked, asked, a.Header.Get("Link"), link)
			}
		}
		b, _ := setupAccounts(t)
		b.call("viewer", "GET", "/v3/accounts/a%2F1/"+list+"?rpp=x", "").expect(400, errs.CodeInvalidRequest, "rpp")
		b.call("viewer", "GET", "/v3/accounts/a%2F1/"+list+"?search=x", "").expect(400, errs.CodeInvalidRequest, "search")
	}
}

func TestAccountReadsAreRecorded(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]audit.Record{
		"/users":               {Kind: audit.UsersListed, Subject: "a/1", Words: "Users of the account a/1: 2 users shown from number 1 on"},
		"/grants?rpp=1&page=4": {Kind: audit.UsersListed, Subject: "a/1", Words: "Grants of the account a/1: 1 grant shown from number 4 on"},
		"/users/u1":            {Kind: audit.UserViewed, Subject: "u1"},
		"/grants/g1":           {Kind: audit.UserViewed, Subject: "u1"},
	} {
		b, _ := setupAccounts(t)
		b.call("viewer", "GET", "/v3/accounts/a%2F1"+target, "").expect(200, "", "")
		records := b.audit.ofKind(want.Kind)
		if len(records) != 1 || records[0].Subject != want.Subject || records[0].Words != want.Words {
			t.Errorf("%s: %+v", target, records)
		}
	}
}

func TestUsersEnterAndLeaveAccounts(t *testing.T) {
	t.Parallel()
	const address = "/v3/accounts/a%2F1/users/u1"
	for _, c := range []struct {
		method string
		member bool
		status int
		asked  string
		words  string
	}{
		{"PUT", false, 201, "into meridian u1 a/1", "account_ids, a/1 added"}, {"POST", false, 201, "into meridian u1 a/1", "account_ids, a/1 added"},
		{"PUT", true, 200, "into meridian u1 a/1", ""}, {"POST", true, 200, "into meridian u1 a/1", ""},
		{"DELETE", true, 200, "out of meridian u1 a/1", "account_ids, a/1 removed"},
	} {
		b, f := setupAccounts(t)
		f.member = c.member
		a := b.call("owner", c.method, address, "")
		a.expect(c.status, "", "")
		records := b.audit.ofKind(audit.UserChanged)
		if !slices.Equal(f.asked, []string{c.asked}) || a.json("message") == "" || len(records) != min(len(c.words), 1) {
			t.Errorf("%s: %q, %s, %+v", c.method, f.asked, a.body, records)
		}
		if len(records) == 1 && (records[0].Subject != "u1" || records[0].Words != c.words) {
			t.Errorf("%s: %+v", c.method, records)
		}
		b.call("exporter", c.method, address, "").expect(403, errs.CodeForbidden, "")
	}
	for _, method := range []string{"PUT", "POST"} {
		b, f := setupAccounts(t)
		b.call("owner", method, "/v3/accounts/a2/users/u1", "").expect(400, errs.CodeInvalidRequest, "account_id")
		if f.err = errs.Errorf(errs.CodeNotFound, "There is no user with this ID."); len(f.asked) > 0 {
			t.Errorf("%q", f.asked)
		}
		b.call("owner", method, "/v3/accounts/a%2F1/users/u2", "").expect(400, errs.CodeInvalidRequest, "user_id")
	}
	b, f := setupAccounts(t)
	b.call("owner", "DELETE", "/v3/accounts/a2/users/u1", "").expect(200, "", "")
	f.err = errs.Errorf(errs.CodeNotFound, "This user is not in the account.")
	b.call("owner", "DELETE", address, "").expect(404, errs.CodeNotFound, "")
	if records := b.audit.ofKind(audit.UserChanged); len(records) != 1 {
		t.Errorf("%+v", records)
	}
}

func TestProductsAreShown(t *testing.T) {
	t.Parallel()
	b, _ := setupAccounts(t)
	const gold = `{"id":"p1","label":"Digital Annual","tenantId":"press","entitlement":{"id":"b1","type":"bundle"},"sharingLimit":0}`
	for target, want := range map[string]string{
		"/v3/products":      `{"results":[` + gold + `,{"id":"p2","label":"p2","tenantId":"meridian"}]}`,
		"/v3/products/p1":   gold,
		"/v3/products/p2/":  `{"id":"p2","label":"p2","tenantId":"meridian"}`,
		"/v3/configuration": `{"tenant_id":"meridian","tenant_name":"Meridian Press"}`,
	} {
		a := b.call("viewer", "GET", target, "")
		a.expect(200, "", "")
		sameJSON(t, target, a.body, want)
	}
	b.call("viewer", "GET", "/v3/products/P1", "").expect(404, errs.CodeNotFound, "")
}
