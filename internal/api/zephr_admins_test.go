package api

import (
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

// The members of the tenant as Zephr's scripts read them, with a key pair and in a session.
func TestZephrAdmins(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.auth.add("stranger", &auth.Admin{ID: "01stranger", Email: "stranger@example.com", Roles: map[string]auth.Role{"orion": auth.Owner}})
	keyPair := []string{"Authorization", signedBy("owner")}

	for name, caller := range map[string]struct {
		token   string
		headers []string
	}{"a session": {"owner", nil}, "a key pair": {"", keyPair}} {
		call := func(target string) response { return b.call(caller.token, "GET", target, "", caller.headers...) }

		list := call("/v3/admin/users")
		list.expect(200, "", "")
		var ids []string
		results, _ := list.json("results").([]any)
		for _, item := range results {
			member, _ := item.(map[string]any)
			id, _ := member["user_id"].(string)
			role, _ := member["role"].(string)
			identifiers, _ := member["identifiers"].(map[string]any)
			ids = append(ids, id)
			if id != "01"+role || identifiers["email_address"] != role+"@example.com" {
				t.Errorf("%s: %v", name, member)
			}
		}
		slices.Sort(ids)
		if !slices.Equal(ids, []string{"01exporter", "01owner", "01viewer"}) || list.json("total") != 3.0 {
			t.Errorf("%s: %s", name, list.body)
		}

		roles := call("/v3/admin/roles/")
		roles.expect(200, "", "")
		if body := string(roles.body); strings.Count(body, "role_id") != 3 || strings.Contains(body, "stranger") ||
			!strings.Contains(body, `{"email":"viewer@example.com","role":"viewer","role_id":"01viewer"}`) {
			t.Errorf("%s: %s", name, body)
		}

		for target, want := range map[string]string{
			"/v3/admin/roles/01exporter":                `{"email":"exporter@example.com","role":"exporter","role_id":"01exporter"}`,
			"/v3/admin/users/01exporter/roles":          `[{"email":"exporter@example.com","role":"exporter"}]`,
			"/v3/admin/users/01exporter/roles/meridian": `[{"email":"exporter@example.com","role":"exporter"}]`,
		} {
			a := call(target)
			a.expect(200, "", "")
			if string(a.body) != want {
				t.Errorf("%s: %s: %s", name, target, a.body)
			}
		}

		for _, target := range []string{
			"/v3/admin/roles/01stranger", "/v3/admin/users/01stranger/roles", "/v3/admin/users/01stranger/roles/orion",
			"/v3/admin/users/01exporter/roles/orion", "/v3/admin/users/01exporter/roles/vega", "/v3/admin/roles/none",
		} {
			call(target).expect(404, errs.CodeNotFound, "")
		}
	}
}
