package api

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/users"
)

// setupTrail gives an app in which everything can be done.
func setupTrail(t *testing.T) *bundle {
	b := setup(t)
	b.jobs.create = func(jobs.Request) (*export.Job, bool, error) { return testJob("01exporter"), false, nil }
	b.jobs.job = func(string, string) (*export.Job, error) { return testJob("01exporter"), nil }
	b.jobs.cancel = func(string, string, string) (*export.Job, error) { return testJob("01exporter"), nil }
	b.jobs.list = func(string, jobs.ListQuery) ([]*export.Job, string, error) {
		return []*export.Job{testJob("01exporter")}, "", nil
	}
	b.defs.preview = func(string, export.Definition) (run.Preview, error) { return run.Preview{}, nil }
	b.users.list = func(context.Context, string, users.Query, string, int) (users.Page, error) { return users.Page{}, nil }
	b.users.user = func(_, id string) (users.User, error) { return users.User{ID: id}, nil }
	b.auth.login = func(email, password, _ string) (string, error) {
		if password == "right" {
			return strings.TrimSuffix(email, "@example.com"), nil
		}
		return "", export.Errorf(export.CodeUnauthenticated, "The e-mail address or the password is wrong.")
	}
	return b
}

func TestTrail(t *testing.T) {
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
		{"exporter", "GET", "/v4/user-export-jobs", "", audit.LinkGiven, "01JDB7V2M9QKX3W8ZP5T6R4NHE", "users.csv"},
		{"exporter", "GET", "/v4/user-export-jobs/x/streams/users", "", audit.FileStreamed, "01JDB7V2M9QKX3W8ZP5T6R4NHE", "users: Everyone"},
		{"exporter", "POST", "/v4/user-export-previews", definition, audit.Previewed, "", "Everyone"},
		{"exporter", "GET", "/v4/users", "", audit.UsersListed, "", ""},
		{"exporter", "GET", "/v4/users/u1", "", audit.UserViewed, "u1", ""},
		{"exporter", "POST", "/v3/admin/users/01exporter/keypairs", `{"note":"nightly"}`, audit.KeyPairMade, "AK0", "for the admin 01exporter: nightly"},
		{"owner", "PUT", "/v4/features/feature.asyncUserExport.enabled", `{"enabled":false}`, audit.FeatureSwitched, "feature.asyncUserExport.enabled", "feature.asyncUserExport.enabled off"},
		{"owner", "PUT", "/v4/settings", `{"retentionSeconds":3600}`, audit.SettingsChanged, "", "files are kept for 3600 s, legacy signatures allowed: false"},
		{"owner", "GET", "/v4/audit-log.csv?search=x", "", audit.LogExported, "", "search=x"},
	} {
		t.Run(string(c.kind)+" by "+c.method+" "+c.target, func(t *testing.T) {
			t.Parallel()
			b := setupTrail(t)
			b.call(c.token, c.method, c.target, c.body)
			list := b.audit.of(c.kind)
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
		b := setupTrail(t)
		b.call("", "GET", "/v4/users", "", "Authorization", signedBy("viewer")).want(200, "", "")
		if r := b.audit.of(audit.UsersListed); len(r) != 1 || r[0].AccessKey != "viewer" || r[0].AdminID != "01viewer" {
			t.Errorf("%+v", r)
		}
	})

	t.Run("has one record of many looks at the same", func(t *testing.T) {
		t.Parallel()
		b := setupTrail(t)
		for range 3 {
			b.call("exporter", "GET", "/v4/user-export-jobs/x", "").want(200, "", "")
		}
		b.call("owner", "GET", "/v4/user-export-jobs/x", "").want(200, "", "")
		// At the turn of an hour it may be one more.
		if n := len(b.audit.of(audit.LinkGiven)); n < 2 || n > 3 {
			t.Errorf("%d records", n)
		}
	})

	t.Run("has no link for those who may not have one", func(t *testing.T) {
		t.Parallel()
		b := setupTrail(t)
		b.call("viewer", "GET", "/v4/user-export-jobs/x", "").want(200, "", "")
		b.auth.sessions["exporter"].Roles["meridian"] = auth.Viewer // asked for it, and is an exporter no more
		if a := b.call("exporter", "GET", "/v4/user-export-jobs/x", ""); a.json("downloadUrl") != nil {
			t.Errorf("%s", a.body)
		}
		if list := b.audit.of(audit.LinkGiven); len(list) != 0 {
			t.Errorf("%+v", list)
		}
	})

	t.Run("tells sign-ins in every tenant, and those of nobody in none", func(t *testing.T) {
		t.Parallel()
		b := setupTrail(t)
		b.call("", "POST", "/v3/admin/login", login("exporter@example.com", "wrong"))
		b.call("", "POST", "/v3/admin/login", login("stranger@example.com", "wrong"))
		list := b.audit.of(audit.SignInFailed)
		if len(list) != 3 || list[0].Tenant != "meridian" || list[1].Tenant != "orion" || list[2].Tenant != "" || list[2].Email != "" {
			t.Errorf("%+v", list)
		}
	})

	t.Run("is needed to see personal data, and not to do what is done", func(t *testing.T) {
		t.Parallel()
		b := setupTrail(t)
		b.audit.fail(true)
		for _, target := range []string{"/v4/users", "/v4/users/u1", "/v4/user-export-jobs/x/streams/users"} {
			b.call("exporter", "GET", target, "").want(503, export.CodeUnavailable, "")
		}
		b.call("exporter", "POST", "/v4/user-export-previews", definition).want(503, export.CodeUnavailable, "")
		if a := b.call("exporter", "GET", "/v4/user-export-jobs/x", ""); a.StatusCode != http.StatusOK || a.json("downloadUrl") != nil {
			t.Errorf("%d %s", a.StatusCode, a.body)
		}
		b.call("owner", "PUT", "/v4/features/feature.asyncUserExport.enabled", `{"enabled":true}`).want(200, "", "")
		if log := b.log.String(); !strings.Contains(log, "the audit log lacks a record") || strings.Contains(log, "@example.com") {
			t.Errorf("the program's log: %s", log)
		}
	})
}

func TestAuditLog(t *testing.T) {
	t.Parallel()
	fill := func(b *bundle, n int) {
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
			a.want(200, "", "")
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
		a.want(200, "", "")
		if list := a.json("results").([]any); len(list) != 1 {
			t.Errorf("%s", a.body)
		}
	})

	for target, field := range map[string]string{
		"kind=secret": "kind", "from=yesterday": "from", "to=1": "to", "limit=0": "limit", "cursor=x": "cursor", "kinds=signed_in": "kinds",
		"search=" + strings.Repeat("x", 201): "search", "search=%ff": "search",
	} {
		setup(t).call("owner", "GET", "/v4/audit-log?"+target, "").want(400, export.CodeInvalid, field)
	}

	t.Run("is saved whole, with nothing that a spreadsheet would run", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		fill(b, 2*auditBatch+1)
		a := b.call("owner", "GET", "/v4/audit-log.csv", "")
		a.want(200, "", "")
		rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		// The names, the export itself, and all that there were.
		if len(rows) != 1+1+2*auditBatch+1 || rows[0][0] != "time" || rows[1][1] != string(audit.LogExported) || rows[len(rows)-1][7] != "'=export 0" {
			t.Errorf("%d rows, %q, %q, %q", len(rows), rows[0], rows[1], rows[len(rows)-1])
		}
		if !strings.Contains(a.Header.Get("Content-Disposition"), "audit_meridian_") {
			t.Errorf("%v", a.Header)
		}
	})

	t.Run("is not saved where that cannot be noted", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.audit.fail(true)
		b.call("owner", "GET", "/v4/audit-log.csv", "").want(503, export.CodeUnavailable, "")
	})

	t.Run("that breaks off is an error to whoever reads it", func(t *testing.T) {
		t.Parallel()
		s := &server{audit: brokenLog{}}
		if err := s.writeAuditLog(t.Context(), &strings.Builder{}, "meridian", audit.Query{}); !errors.Is(err, errDown) {
			t.Errorf("%v", err)
		}
	})
}

type brokenLog struct{ Audit }

func (brokenLog) Records(context.Context, string, audit.Query) ([]audit.Record, error) {
	return nil, errDown
}
