package api

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	table "github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// setupAudited returns an app in which every audited action works.
func setupAudited(t *testing.T) *testServer {
	b := setup(t)
	b.jobs.create = func(jobs.Request) (*export.Job, bool, error) { return testJob("01exporter"), false, nil }
	b.jobs.job = func(string, string) (*export.Job, error) { return testJob("01exporter"), nil }
	b.jobs.cancel = func(string, string, string) (*export.Job, error) { return testJob("01exporter"), nil }
	b.jobs.list = func(string, jobs.ListQuery) ([]*export.Job, string, error) {
		return []*export.Job{testJob("01exporter")}, "", nil
	}
	b.defs.preview = func(string, export.Definition) (pipeline.Preview, error) { return pipeline.Preview{}, nil }
	b.users.list = func(context.Context, string, users.Query, string, int) (users.Page, error) { return users.Page{}, nil }
	b.users.count = func(string, users.Query) (int64, error) { return 48213, nil }
	b.defs.count = func(string, export.Definition) (int64, error) { return 1, nil }
	b.users.user = func(_, id string) (users.User, error) { return users.User{ID: id}, nil }
	b.auth.login = func(email, password, _ string) (string, error) {
		if password == "right" {
			return strings.TrimSuffix(email, "@example.com"), nil
		}
		return "", errs.Errorf(errs.CodeUnauthenticated, "The email address or the password is wrong.")
	}
	return b
}

func TestAuditRecords(t *testing.T) {
	t.Parallel()
	const definition = `{"include":{"attributes":true}}`
	login := func(email, password string) string {
		return fmt.Sprintf(`{"identifiers":{"email_address":"%s"},"validators":{"password":"%s"}}`, email, password)
	}
	for _, c := range []struct {
		token, method, target, body string
		kind                        audit.Kind
		subject, words              string
	}{
		{"", "POST", "/v3/admin/login", login("exporter@example.com", "right"), audit.SignedIn, "", ""},
		{"", "POST", "/v3/admin/login", login("exporter@example.com", "wrong"), audit.SignInFailed, "", ""},
		{"exporter", "POST", "/v3/admin/logout", "", audit.SignedOut, "", ""},
		{"exporter", "POST", "/v4/user-export-jobs", definition, audit.ExportStarted, "01JDB7V2M9QKX3W8ZP5T6R4NHE", "Everyone"},
		{"exporter", "GET", "/v4/user-export", "", audit.ExportStarted, "01JDB7V2M9QKX3W8ZP5T6R4NHE", "Everyone"},
		{"exporter", "DELETE", "/v4/user-export-jobs/x", "", audit.ExportCancelled, "01JDB7V2M9QKX3W8ZP5T6R4NHE", "Everyone"},
		{"exporter", "GET", "/v4/user-export-jobs/x", "", audit.LinkGiven, "01JDB7V2M9QKX3W8ZP5T6R4NHE", "users.csv"},
		{"exporter", "GET", "/v4/user-export-jobs/x/files/users/download", "", audit.FileDownloaded, "01JDB7V2M9QKX3W8ZP5T6R4NHE", "users.csv"},
		{"exporter", "GET", "/v4/user-export-jobs/x/streams/users", "", audit.FileStreamed, "01JDB7V2M9QKX3W8ZP5T6R4NHE", "users: Everyone"},
		{"exporter", "POST", "/v4/user-export-previews", definition, audit.ExportPreviewed, "", "Everyone"},
		{"exporter", "GET", "/v4/users", "", audit.UsersListed, "", "Everyone: 0 users shown"},
		{"exporter", "GET", "/v3/users", "", audit.UsersListed, "", "Everyone: 0 of 42 users shown"},
		{"exporter", "GET", "/v3/users?identifiers.email_address=a@b.example&identifiers.username=ada&foreign_key.crm=7&foreign_key.erp=8", "", audit.UsersListed, "", "Email address is a@b.example, username is ada, crm is 7, erp is 8: 0 of 42 users shown"},
		{"exporter", "GET", "/v3/users?foreign_key.crm=7&search=hart", "", audit.UsersListed, "", "Everyone, crm is 7: 0 of 42 users shown"},
		{"exporter", "GET", "/v3/user-export?page=1", "", audit.UsersExported, "", "Everyone: page 1, 0 users"},
		{"exporter", "GET", "/v3/user-export", "", audit.UsersExported, "", "Everyone"},
		{"exporter", "POST", "/v4/user-counts", `{}`, audit.UsersCounted, "", "Everyone: 48,213 users"},
		{"exporter", "POST", "/v4/user-export-counts", definition, audit.UsersCounted, "", "Everyone: 1 user"},
		{"owner", "GET", "/v4/audit-log?after=", "", audit.LogExported, "", "followed as NDJSON"},
		{"exporter", "GET", "/v4/users/u1", "", audit.UserViewed, "u1", ""},
		{"exporter", "POST", "/v3/admin/users/01exporter/keypairs", `{"note":"nightly"}`, audit.KeyPairMade, "AK0", "nightly"},
		{"owner", "PUT", "/v4/features/feature.asyncUserExport.enabled", `{"enabled":false}`, audit.FeatureSwitched, "feature.asyncUserExport.enabled", "feature.asyncUserExport.enabled off"},
		{"owner", "PUT", "/v4/settings", `{"retentionSeconds":3600}`, audit.SettingsChanged, "", "files are kept for 3600 s, legacy signatures allowed: false, Zephr signatures accepted: true"},
		{"owner", "GET", "/v4/audit-log.csv?search=x", "", audit.LogExported, "", "search=x"},
	} {
		t.Run(string(c.kind)+" by "+c.method+" "+c.target, func(t *testing.T) {
			t.Parallel()
			b := setupAudited(t)
			b.call(c.token, c.method, c.target, c.body)
			list := b.audit.ofKind(c.kind)
			if len(list) == 0 {
				t.Fatalf("no record among %+v", b.audit.records)
			}
			r := list[0]
			who := c.token
			if who == "" {
				who = "exporter"
			}
			if r.Tenant != "meridian" || r.Email != who+"@example.com" || r.AdminID != "01"+who || r.RequestID == "" || r.Address == "" || time.Since(r.Time) > time.Minute {
				t.Errorf("%+v", r)
			}
			if r.Words != c.words || c.subject != "" && r.Subject != c.subject {
				t.Errorf("of %q: %q", r.Subject, r.Words)
			}
		})
	}

	t.Run("names the key pair that signed", func(t *testing.T) {
		t.Parallel()
		b := setupAudited(t)
		b.call("", "GET", "/v4/users", "", "Authorization", signedBy("viewer")).expect(200, "", "")
		if r := b.audit.ofKind(audit.UsersListed); len(r) != 1 || r[0].AccessKey != "viewer" || r[0].AdminID != "01viewer" {
			t.Errorf("%+v", r)
		}
	})

	t.Run("has one record for repeated accesses", func(t *testing.T) {
		t.Parallel()
		b := setupAudited(t)
		for range 3 {
			b.call("exporter", "GET", "/v4/user-export-jobs/x", "").expect(200, "", "")
		}
		b.call("owner", "GET", "/v4/user-export-jobs/x", "").expect(200, "", "")
		// One more if the hour changes during the test.
		if n := len(b.audit.ofKind(audit.LinkGiven)); n < 2 || n > 3 {
			t.Errorf("%d records", n)
		}
	})

	t.Run("has a record for every other page and filter", func(t *testing.T) {
		t.Parallel()
		b := setupAudited(t)
		for range 2 {
			for _, query := range []string{"", "?limit=10", "?search=hart", "?search=hare", `?filter={"field":"registered","operator":"is_unknown"}`} {
				b.call("exporter", "GET", "/v4/users"+strings.ReplaceAll(query, `"`, "%22"), "").expect(200, "", "")
			}
		}
		// Twice as many if the hour changes during the test.
		if n := len(b.audit.ofKind(audit.UsersListed)); n != 5 && n != 10 {
			t.Errorf("%d records", n)
		}
	})

	t.Run("queues rate-limited log-ins with address and e-mail address", func(t *testing.T) {
		t.Parallel()
		b := setupAudited(t)
		b.auth.login = func(string, string, string) (string, error) {
			return "", errs.Errorf(errs.CodeRateLimited, "Wait.")
		}
		b.call("", "POST", "/v3/admin/login", login("exporter@example.com", "any")).expect(429, errs.CodeRateLimited, "")
		if len(b.refused.attempts) != 1 || b.refused.attempts[0].Email != "exporter@example.com" || b.refused.attempts[0].Address == "" {
			t.Errorf("%+v", b.refused.attempts)
		}
		if list := b.audit.ofKind(audit.SignInFailed); len(list) != 0 {
			t.Errorf("%+v", list)
		}
	})

	t.Run("has no record of links for a list", func(t *testing.T) {
		t.Parallel()
		b := setupAudited(t)
		b.call("exporter", "GET", "/v4/user-export-jobs", "").expect(200, "", "")
		b.call("exporter", "GET", "/v4/user-export-jobs/x?links=false", "").expect(200, "", "")
		if list := b.audit.ofKind(audit.LinkGiven); len(list) != 0 {
			t.Errorf("%+v", list)
		}
	})

	t.Run("has no link for callers without access", func(t *testing.T) {
		t.Parallel()
		b := setupAudited(t)
		b.call("viewer", "GET", "/v4/user-export-jobs/x", "").expect(200, "", "")
		b.auth.sessions["exporter"].Roles["meridian"] = auth.Viewer // the requester is no longer an exporter
		if a := b.call("exporter", "GET", "/v4/user-export-jobs/x", ""); a.json("downloadUrl") != nil {
			t.Errorf("%s", a.body)
		}
		if list := b.audit.ofKind(audit.LinkGiven); len(list) != 0 {
			t.Errorf("%+v", list)
		}
	})

	t.Run("records log-ins in every tenant, and unknown accounts in none", func(t *testing.T) {
		t.Parallel()
		b := setupAudited(t)
		b.call("", "POST", "/v3/admin/login", login("exporter@example.com", "wrong"))
		b.call("", "POST", "/v3/admin/login", login("stranger@example.com", "wrong"))
		list := b.audit.ofKind(audit.SignInFailed)
		if len(list) != 3 || list[0].Tenant != "meridian" || list[1].Tenant != "orion" || list[2].Tenant != "" || list[2].Email != "" {
			t.Errorf("%+v", list)
		}
	})

	t.Run("is required to read personal data, and not for actions", func(t *testing.T) {
		t.Parallel()
		b := setupAudited(t)
		b.audit.setDown(true)
		for _, target := range []string{"/v4/users", "/v4/users/u1", "/v3/users", "/v3/user-export?page=1", "/v4/user-export-jobs/x/streams/users"} {
			b.call("exporter", "GET", target, "").expect(503, errs.CodeUnavailable, "")
		}
		for target, body := range map[string]string{
			"/v4/user-export-previews": definition, "/v4/user-export-counts": definition, "/v4/user-counts": `{}`,
		} {
			b.call("exporter", "POST", target, body).expect(503, errs.CodeUnavailable, "")
		}
		if a := b.call("exporter", "GET", "/v4/user-export-jobs/x", ""); a.StatusCode != http.StatusOK || a.json("downloadUrl") != nil {
			t.Errorf("%d %s", a.StatusCode, a.body)
		}
		b.call("owner", "PUT", "/v4/features/feature.asyncUserExport.enabled", `{"enabled":true}`).expect(200, "", "")
		if log := b.log.String(); !strings.Contains(log, "cannot write an audit record") || strings.Contains(log, "@example.com") {
			t.Errorf("the program's log: %s", log)
		}
	})
}

func TestAuditLog(t *testing.T) {
	t.Parallel()
	fill := func(b *testServer, n int) {
		for i := range n {
			r := audit.Record{
				ID: fmt.Sprintf("01JDB7V2M9QKX3W8ZP5T6R%04d", i), Tenant: "meridian", Kind: audit.ExportStarted, Email: "amelia@example.com",
				Time: time.Date(2026, 11, 26, 8, 0, i%60, 0, time.UTC), Words: fmt.Sprintf("=export %d", i),
			}
			if i%2 == 1 {
				r.Kind = audit.UserViewed
			}
			b.audit.records = append(b.audit.records, r)
		}
		b.audit.records = append(b.audit.records, audit.Record{ID: "01JDB7V2M9QKX3W8ZP5T6R9999", Tenant: "orion", Kind: audit.SignedIn})
	}

	t.Run("is read page by page, newest first, and of one tenant", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		fill(b, 5)
		seen := ""
		for next := ""; ; {
			a := b.call("owner", "GET", "/v4/audit-log?limit=2&cursor="+next, "")
			a.expect(200, "", "")
			for _, r := range a.json("results").([]any) {
				seen += strings.TrimPrefix(r.(map[string]any)["words"].(string), "=export")
			}
			n, more := a.json("next").(string)
			if !more {
				break
			}
			next = n
		}
		if seen != " 4 3 2 1 0" {
			t.Errorf("%s", seen)
		}
		a := b.call("owner", "GET", "/v4/audit-log?kind=user_viewed&kind=signed_in&search=3&from=2026-11-26&to=2026-11-26", "")
		a.expect(200, "", "")
		if list := a.json("results").([]any); len(list) != 1 {
			t.Errorf("%s", a.body)
		}
	})

	for target, field := range map[string]string{
		"kind=secret": "kind", "from=yesterday": "from", "to=1": "to", "limit=0": "limit", "cursor=x": "cursor", "kinds=signed_in": "kinds",
		"search=" + strings.Repeat("x", 201): "search", "search=%ff": "search",
	} {
		setup(t).call("owner", "GET", "/v4/audit-log?"+target, "").expect(400, errs.CodeInvalidRequest, field)
	}

	t.Run("is exported completely, without formulas", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		fill(b, 2*auditBatchSize+1)
		a := b.call("owner", "GET", "/v4/audit-log.csv", "")
		a.expect(200, "", "")
		rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		// The header, the record of the export, and all other records.
		if len(rows) != 1+1+2*auditBatchSize+1 || rows[0][0] != "time" || rows[1][1] != string(audit.LogExported) || rows[len(rows)-1][7] != "'=export 0" {
			t.Errorf("%d rows, %q, %q, %q", len(rows), rows[0], rows[1], rows[len(rows)-1])
		}
		if !strings.Contains(a.Header.Get("Content-Disposition"), "audit_meridian_") {
			t.Errorf("%v", a.Header)
		}
	})

	t.Run("is exported so that every text can be restored", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		texts := []string{"x;=1+1", "x\t=1", "x|=1", "x\n=1", "x\r=1", "x;'=1", "two\r\nlines", `says "=1", twice`}
		for i, text := range texts {
			b.audit.records = append(b.audit.records, audit.Record{ID: fmt.Sprintf("01JDB7V2M9QKX3W8ZP5T6R%04d", i), Tenant: "meridian", Words: text, Subject: text})
		}
		a := b.call("owner", "GET", "/v4/audit-log.csv", "")
		a.expect(200, "", "")
		rows := table.Cells(a.body)
		if len(rows) != 1+1+len(texts) {
			t.Fatalf("%q", rows)
		}
		slices.Reverse(texts)
		for i, text := range texts {
			for _, cell := range rows[i+2][6:8] {
				if table.RemoveGuard(cell) != text || cell != text && !strings.Contains(cell, "'=1") {
					t.Errorf("%q stands as %q", text, cell)
				}
			}
		}
	})

	t.Run("is not exported if the export cannot be recorded", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.audit.setDown(true)
		b.call("owner", "GET", "/v4/audit-log.csv", "").expect(503, errs.CodeUnavailable, "")
	})

	t.Run("that is incomplete is an error for its reader", func(t *testing.T) {
		t.Parallel()
		s := &auditHandlers{audit: brokenAudit{}}
		if err := s.writeAuditLog(t.Context(), &strings.Builder{}, "meridian", audit.Query{}); !errors.Is(err, errDown) {
			t.Errorf("%v", err)
		}
	})
}

type brokenAudit struct{ Audit }

func (brokenAudit) Records(context.Context, string, audit.Query) ([]audit.Record, error) {
	return nil, errDown
}
