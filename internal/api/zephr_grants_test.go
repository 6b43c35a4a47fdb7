package api

import (
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

func TestGrantsOfAUser(t *testing.T) {
	t.Parallel()
	b, _ := setupAccounts(t)
	for target, want := range map[string]string{
		"/v3/users/u1/grants":              `{"results":[` + acmeGrantJSON + `]}`,
		"/v3/users/u1/grants/":             `{"results":[` + acmeGrantJSON + `]}`,
		"/v3/users/u1/grants?active=false": `{"results":[` + acmeGrantJSON + `]}`,
		"/v3/users/u1/grants?active=true":  `{"results":[]}`, // ended
		"/v3/users/u1/grants/g1":           acmeGrantJSON,
	} {
		a := b.call("viewer", "GET", target, "")
		a.expect(200, "", "")
		sameJSON(t, target, a.body, want)
	}
	if records := b.audit.ofKind(audit.UserViewed); len(records) == 0 || records[0].Subject != "u1" {
		t.Errorf("%+v", records)
	}
	for _, target := range []string{"/v3/users/u2/grants", "/v3/users/u2/grants/g1", "/v3/users/u1/grants/G1"} {
		b.call("viewer", "GET", target, "").expect(404, errs.CodeNotFound, "")
	}
	b.call("viewer", "GET", "/v3/users/u1/grants?active=x", "").expect(400, errs.CodeInvalidRequest, "active")
	b.call("viewer", "GET", "/v3/users/u1/grants?state=active", "").expect(400, errs.CodeInvalidRequest, "state")
}

func TestActiveGrants(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	earlier, later := now.Add(-time.Millisecond), now.Add(time.Millisecond)
	for name, c := range map[string]struct {
		grant users.Grant
		want  bool
	}{
		"without times":              {users.Grant{ExpiryState: "active"}, true},
		"started":                    {users.Grant{ExpiryState: "active", Start: &earlier, End: &later}, true},
		"starts now":                 {users.Grant{ExpiryState: "pending", Start: &now}, true},
		"started since it is stored": {users.Grant{ExpiryState: "pending", Start: &earlier}, true},
		"starts later":               {users.Grant{ExpiryState: "active", Start: &later}, false},
		"ended since it is stored":   {users.Grant{ExpiryState: "active", Start: &earlier, End: &now}, false},
		"ended by its state":         {users.Grant{ExpiryState: "expired", Start: &earlier, End: &later}, false},
	} {
		if got := isActive(&c.grant, now); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
