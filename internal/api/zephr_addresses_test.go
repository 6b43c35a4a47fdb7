package api

import (
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
		"/v4/user-export?nope=1": true, "/v4/user-export/?nope=1": true, "/v4/users/u1/foreign-key/crm/1": true, "/v4/user-export-jobs/none": false, "/v4/user-exports": false, "/v4/users?limit=x": false, "/v4/nowhere": false,
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
