package api

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

// Only owners change the limit of a key pair, in a session.
func TestKeyPairLimits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.call("exporter", "POST", "/v3/admin/users/01exporter/keypairs", "").expect(201, "", "")
	const pair = "/v4/key-pairs/AK0"
	b.call("exporter", "PATCH", pair, `{"requests_per_minute":9}`).expect(403, errs.CodeForbidden, "")
	b.call("", "PATCH", pair, `{"requests_per_minute":9}`, "Authorization", signedBy("owner")).expect(403, errs.CodeForbidden, "")
	for _, body := range []string{`{"requests_per_minute":0}`, `{"requests_per_minute":100001}`, `{"requests_per_minute":"9"}`, `{"requests_per_minute":1.5}`} {
		b.call("owner", "PATCH", pair, body).expect(400, errs.CodeInvalidRequest, "requests_per_minute")
	}
	b.call("owner", "PATCH", pair, `{}`).expect(400, errs.CodeInvalidRequest, "note")
	if n := b.keys.pairs["AK0"].RequestsPerMinute; n != 0 {
		t.Errorf("the limit is %d", n)
	}
	a := b.call("owner", "PATCH", pair, `{"requests_per_minute":600}`)
	a.expect(200, "", "")
	if !strings.Contains(string(a.body), `"requests_per_minute":600`) || b.keys.pairs["AK0"].RequestsPerMinute != 600 {
		t.Errorf("%s", a.body)
	}
	a = b.call("owner", "PATCH", pair, `{"requests_per_minute":null,"note":"weekly"}`)
	a.expect(200, "", "")
	if !strings.Contains(string(a.body), `"requests_per_minute":null`) || b.keys.pairs["AK0"].Note != "weekly" {
		t.Errorf("%s", a.body)
	}
}
