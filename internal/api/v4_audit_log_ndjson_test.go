package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
)

func TestFollowAuditLog(t *testing.T) {
	t.Parallel()
	follow := func(t *testing.T, b *testServer, query string) (lines []map[string]any) {
		t.Helper()
		a := b.call("owner", "GET", "/v4/audit-log?"+query, "")
		a.expect(200, "", "")
		if ct := a.Header.Get("Content-Type"); ct != "application/x-ndjson" {
			t.Errorf("content type %q", ct)
		}
		for line := range strings.Lines(string(a.body)) {
			var v map[string]any
			if err := json.Unmarshal([]byte(line), &v); err != nil || !strings.HasSuffix(line, "\n") {
				t.Errorf("%q: %v", line, err)
			}
			lines = append(lines, v)
		}
		return lines
	}

	t.Run("returns every record once, in the order of the chain, and then nothing", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		for i := range 5 {
			if err := b.options.Audit.Append(t.Context(), audit.Record{Tenant: "meridian", Kind: audit.SignedIn, Words: fmt.Sprint(i)},
				audit.Record{Tenant: "orion", Kind: audit.SignedIn}); err != nil {
				t.Fatal(err)
			}
		}
		after, seq := "", 0.0
		for {
			lines := follow(t, b, "limit=2&after="+after)
			if len(lines) == 0 {
				break
			}
			for _, line := range lines {
				if seq++; line["seq"] != seq || line["hash"] != fmt.Sprintf("%064d", int(seq)) || line["prev"] != fmt.Sprintf("%064d", int(seq)-1) {
					t.Errorf("%v follows on %v", line, seq-1)
				}
				after = line["id"].(string)
			}
		}
		// The last record is that of the follower, or two if the hour changes during the test.
		if last := b.audit.ofKind(audit.LogExported); seq != float64(5+len(last)) || len(last) == 0 || last[len(last)-1].ID != after {
			t.Errorf("%v records, %+v", seq, last)
		}
		if len(follow(t, b, "limit=2&after="+after)) != 0 {
			t.Error("something came after the last")
		}
		if err := b.options.Audit.Append(t.Context(), audit.Record{Tenant: "meridian", Kind: audit.UserViewed, Subject: "u1"}); err != nil {
			t.Fatal(err)
		}
		if lines := follow(t, b, "after="+after); len(lines) != 1 || lines[0]["subject"] != "u1" || lines[0]["kind"] != "user_viewed" {
			t.Errorf("%+v", lines)
		}
	})

	t.Run("returns a record from before the chain without a number", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.audit.records = append(b.audit.records, audit.Record{ID: "01JDB7V2M9QKX3W8ZP5T6R0000", Tenant: "meridian", Kind: audit.SignedIn})
		lines := follow(t, b, "after=")
		if len(lines) < 1 || lines[0]["seq"] != nil || lines[0]["hash"] != nil || lines[0]["prev"] != nil {
			t.Errorf("%+v", lines)
		}
	})

	t.Run("is for owners, and refuses unknown parameters", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("exporter", "GET", "/v4/audit-log?after=", "").expect(403, errs.CodeForbidden, "")
		b.call("", "GET", "/v4/audit-log?after=", "", "Authorization", signedBy("owner")).expect(200, "", "")
		if err := b.options.Audit.Append(t.Context(), audit.Record{ID: "x", Tenant: "orion", Kind: audit.SignedIn}); err != nil {
			t.Fatal(err)
		}
		other := b.audit.ofKind(audit.SignedIn)[0].ID
		for query, field := range map[string]string{
			"after=01JDB7V2M9QKX3W8ZP5T6R9999": "after", "after=x": "after", "after=" + other: "after", "after=&limit=1001": "limit",
			"after=&kind=signed_in": "kind", "after=&cursor=01JDB7V2M9QKX3W8ZP5T6R9999": "cursor",
		} {
			b.call("owner", "GET", "/v4/audit-log?"+query, "").expect(400, errs.CodeInvalidRequest, field)
		}
		b = setup(t)
		b.audit.setDown(true)
		b.call("owner", "GET", "/v4/audit-log?after=", "").expect(503, errs.CodeUnavailable, "")
	})
}
