package api

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

// Errors on the addresses of Zephr's Admin API have the member that its clients show, and others do
// not.
func TestErrorsOfZephrAddressesHaveMessage(t *testing.T) {
	t.Parallel()
	b, _ := setupRecords(t)
	for target, want := range map[string]bool{
		"/v3/users?nope=1": true, "/v3/users/u2": true, "/v3/nowhere": true, "/v3/user-export?page=0": true, "/v3/accounts/?rpp=x": true,
		"/v4/user-export?nope=1": true, "/v4/user-export/?nope=1": true, "/v4/users/u1/foreign-key/crm/1": true,
		"/v4/accounts/none/none": true, "/v4/companies": true, "/v4/companies/c/none": true, "/v4/users/segments/s/none": true, "/v4/users/u1/segments/none": true, "/v4/users/u1/sessions/none": true, "/v4/admin/graphql": true, "/zephr/nowhere": true, "/blaize/nowhere": true,
		"/v4/user-export-jobs/none": false, "/v4/account/none": false, "/v4/accounts-none": false, "/v4/session/none": false, "/v4/users/u1/none": false, "/v4/admins/none/none": false, "/zephr": false, "/v4/user-exports": false, "/v4/users?limit=x": false, "/v4/nowhere": false,
	} {
		a := b.call("exporter", "GET", target, "")
		body := jsonObject(t, a.body)
		if message, there := body["message"]; a.StatusCode < 400 || there != want || want && string(message) != string(body["detail"]) {
			t.Errorf("%s: %d %s", target, a.StatusCode, a.body)
		}
	}
	a := b.call("", "GET", "/v3/users", "")
	a.expect(401, errs.CodeUnauthenticated, "")
	if a.json("message") != a.json("detail") {
		t.Errorf("without a session: %s", a.body)
	}
}

// Zephr's clients also show why an endpoint is not served, and that a request has no valid key pair.
func TestErrorsOfEndpointsThatAreNotServedHaveMessage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, subject := range notServed {
		for _, route := range subject.routes {
			method, path, _ := strings.Cut(route, " ")
			for _, token := range []string{"viewer", ""} {
				if a := b.call(token, method, exampleOf(path), ""); a.json("message") != a.json("detail") {
					t.Errorf("%s: %s", route, a.body)
				}
			}
		}
	}
}

// Older clients end every address with a slash. Egress's own addresses have one spelling.
func TestTrailingSlashes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for key := range policy {
		method, path, _ := strings.Cut(key, " ")
		target := exampleOf(path)
		want := 404
		if isZephrAddress(target) {
			want = b.call("", method, target, "").StatusCode
		}
		if got := b.call("", method, target+"/", "").StatusCode; got != want && !strings.HasSuffix(path, "*") {
			t.Errorf("%s with a trailing slash: %d, want %d", key, got, want)
		}
	}
}
