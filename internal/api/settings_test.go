package api

import (
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	const target = "/v4/settings"
	is := func(t *testing.T, a answer, retention float64) {
		t.Helper()
		a.want(200, "", "")
		if a.json("retentionSeconds") != retention || a.json("retentionSecondsDefault") != 129600.0 {
			t.Errorf("%s", a.body)
		}
	}

	t.Run("are the process's until an owner has set them, and the tenant's from then on", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		is(t, b.call("viewer", "GET", target, ""), 129600)
		is(t, b.call("owner", "PUT", target, `{"retentionSeconds":3600}`), 3600)
		is(t, b.call("viewer", "GET", target, ""), 3600)
		a := b.call("exporter", "GET", "/v4/me", "")
		tenants, _ := a.json("tenants").([]any)
		if len(tenants) != 2 || tenants[0].(map[string]any)["retentionSeconds"] != 3600.0 || tenants[1].(map[string]any)["retentionSeconds"] != 129600.0 {
			t.Errorf("%s", a.body)
		}
	})

	t.Run("stay where they are not named", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("owner", "PUT", target, `{"retentionSeconds":3600}`).want(200, "", "")
		a := b.call("owner", "PUT", target, `{"legacySignatures":true}`)
		is(t, a, 3600)
		if a.json("legacySignatures") != true || b.call("viewer", "GET", target, "").json("legacySignatures") != true {
			t.Errorf("%s", a.body)
		}
		is(t, b.call("owner", "PUT", target, `{"legacySignatures":false}`), 3600)
		if b.auth.legacy["meridian"] {
			t.Error("legacy signatures are still allowed")
		}
	})

	t.Run("of one tenant are nothing to another", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.sessions["owner"].Everywhere = b.auth.sessions["owner"].Roles["meridian"]
		b.auth.kept["orion"] = 48 * time.Hour
		is(t, b.call("owner", "PUT", target, `{"retentionSeconds":7776000}`), 7776000)
		is(t, b.call("owner", "GET", target, "", tenantHeader, "orion"), 172800)
		is(t, b.call("owner", "PUT", target, `{"retentionSeconds":7200}`, tenantHeader, "orion"), 7200)
		is(t, b.call("owner", "GET", target, ""), 7776000)
	})

	for name, c := range map[string]struct {
		token, tenant, body string
		status              int
		code                export.Code
		field               string
	}{
		"are not for viewers to change":        {"viewer", "", `{"retentionSeconds":3600}`, 403, export.CodeForbidden, ""},
		"are not for exporters to change":      {"exporter", "", `{"retentionSeconds":3600}`, 403, export.CodeForbidden, ""},
		"of a closed tenant are not there":     {"owner", "orion", `{"retentionSeconds":3600}`, 404, export.CodeNotFound, ""},
		"want something to change":             {"owner", "", `{}`, 400, export.CodeInvalid, ""},
		"want a word on legacy signatures":     {"owner", "", `{"legacySignatures":null}`, 400, export.CodeInvalid, "legacySignatures"},
		"change nothing where one is wrong":    {"owner", "", `{"retentionSeconds":3600,"legacySignatures":1}`, 400, export.CodeInvalid, "legacySignatures"},
		"want a time that is not null":         {"owner", "", `{"retentionSeconds":null}`, 400, export.CodeInvalid, "retentionSeconds"},
		"want an hour at least":                {"owner", "", `{"retentionSeconds":3599}`, 400, export.CodeInvalid, "retentionSeconds"},
		"want 90 days at most":                 {"owner", "", `{"retentionSeconds":7776001}`, 400, export.CodeInvalid, "retentionSeconds"},
		"want no number beyond all numbers":    {"owner", "", `{"retentionSeconds":99999999999999999999}`, 400, export.CodeInvalid, "retentionSeconds"},
		"want whole seconds":                   {"owner", "", `{"retentionSeconds":3600.5}`, 400, export.CodeInvalid, "retentionSeconds"},
		"want a number":                        {"owner", "", `{"retentionSeconds":"3600"}`, 400, export.CodeInvalid, "retentionSeconds"},
		"want nothing that is not known":       {"owner", "", `{"retentionSeconds":3600,"retention":1}`, 400, export.CodeInvalid, "retention"},
		"want nothing that cannot be set here": {"owner", "", `{"retentionSeconds":3600,"retentionSecondsDefault":1}`, 400, export.CodeInvalid, "retentionSecondsDefault"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			var headers []string
			if c.tenant != "" {
				headers = []string{tenantHeader, c.tenant}
			}
			b.call(c.token, "PUT", target, c.body, headers...).want(c.status, c.code, c.field)
			if len(b.auth.kept) != 0 {
				t.Errorf("kept %v", b.auth.kept)
			}
		})
	}

	t.Run("that could not be written are not told as if they were", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(d *Deps) { d.Settings = &fakeAuth{down: true} })
		b.call("owner", "PUT", target, `{"retentionSeconds":3600}`).want(500, export.CodeInternal, "")
		is(t, b.call("owner", "GET", target, ""), 129600)
	})
}
