package api

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	const target = "/v4/settings"
	is := func(t *testing.T, a response, retention float64) {
		t.Helper()
		a.expect(200, "", "")
		if a.json("retentionSeconds") != retention || a.json("retentionSecondsDefault") != 129600.0 {
			t.Errorf("%s", a.body)
		}
	}

	t.Run("have the server's defaults until an owner sets them", func(t *testing.T) {
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

	t.Run("stay unchanged if they are omitted", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.call("owner", "PUT", target, `{"retentionSeconds":3600}`).expect(200, "", "")
		a := b.call("owner", "PUT", target, `{"legacySignatures":true}`)
		is(t, a, 3600)
		if a.json("legacySignatures") != true || b.call("viewer", "GET", target, "").json("legacySignatures") != true {
			t.Errorf("%s", a.body)
		}
		is(t, b.call("owner", "PUT", target, `{"legacySignatures":false}`), 3600)
		if b.auth.legacySignatures["meridian"] {
			t.Error("legacy signatures are still allowed")
		}
	})

	t.Run("accept Zephr's signatures by default", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		if a := b.call("viewer", "GET", target, ""); a.json("zephrSignatures") != true {
			t.Errorf("%s", a.body)
		}
		for _, on := range []bool{false, true} {
			a := b.call("owner", "PUT", target, fmt.Sprintf(`{"zephrSignatures":%t}`, on))
			a.expect(200, "", "")
			if a.json("zephrSignatures") != on || b.call("viewer", "GET", target, "").json("zephrSignatures") != on || b.auth.refusedZephr["meridian"] == on || b.auth.legacySignatures["meridian"] {
				t.Errorf("%s", a.body)
			}
			last := b.audit.records[len(b.audit.records)-1]
			if last.Kind != audit.SettingsChanged || !strings.HasSuffix(last.Words, fmt.Sprintf("Zephr signatures accepted: %t", on)) {
				t.Errorf("%+v", last)
			}
		}
	})

	t.Run("have a default user store", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(o *Options) { o.Directory = twoStores{} })
		for body, want := range map[string]string{`{"defaultUserStore":"asia"}`: "asia", `{"defaultUserStore":null}`: "uk"} {
			a := b.call("owner", "PUT", target, body)
			a.expect(200, "", "")
			if a.json("defaultUserStore") != want || b.call("viewer", "GET", target, "").json("defaultUserStore") != want {
				t.Errorf("%s: %s", body, a.body)
			}
			last := b.audit.records[len(b.audit.records)-1]
			if audited := strings.HasSuffix(last.Words, `default user store: "asia"`); last.Kind != audit.SettingsChanged || audited != (want == "asia") {
				t.Errorf("%+v", last)
			}
		}
		for _, body := range []string{`{"defaultUserStore":"none"}`, `{"defaultUserStore":""}`, `{"defaultUserStore":7}`} {
			b.call("owner", "PUT", target, body).expect(400, errs.CodeInvalidRequest, "defaultUserStore")
		}
	})

	t.Run("of one tenant do not affect another", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.auth.sessions["owner"].GlobalRole = b.auth.sessions["owner"].Roles["meridian"]
		b.auth.retention["orion"] = 48 * time.Hour
		is(t, b.call("owner", "PUT", target, `{"retentionSeconds":7776000}`), 7776000)
		is(t, b.call("owner", "GET", target, "", tenantHeader, "orion"), 172800)
		is(t, b.call("owner", "PUT", target, `{"retentionSeconds":7200}`, tenantHeader, "orion"), 7200)
		is(t, b.call("owner", "GET", target, ""), 7776000)
	})

	for name, c := range map[string]struct {
		token, tenant, body string
		status              int
		code                errs.Code
		field               string
	}{
		"cannot be changed by viewers":              {"viewer", "", `{"retentionSeconds":3600}`, 403, errs.CodeForbidden, ""},
		"cannot be changed by exporters":            {"exporter", "", `{"retentionSeconds":3600}`, 403, errs.CodeForbidden, ""},
		"of an inaccessible tenant are not found":   {"owner", "orion", `{"retentionSeconds":3600}`, 404, errs.CodeNotFound, ""},
		"require a member":                          {"owner", "", `{}`, 400, errs.CodeInvalidRequest, ""},
		"require a value for legacy signatures":     {"owner", "", `{"legacySignatures":null}`, 400, errs.CodeInvalidRequest, "legacySignatures"},
		"require a boolean for Zephr's signatures":  {"owner", "", `{"zephrSignatures":"no"}`, 400, errs.CodeInvalidRequest, "zephrSignatures"},
		"let only owners change Zephr's signatures": {"exporter", "", `{"zephrSignatures":false}`, 403, errs.CodeForbidden, ""},
		"change nothing if one is invalid":          {"owner", "", `{"retentionSeconds":3600,"legacySignatures":1}`, 400, errs.CodeInvalidRequest, "legacySignatures"},
		"require a retention that is not null":      {"owner", "", `{"retentionSeconds":null}`, 400, errs.CodeInvalidRequest, "retentionSeconds"},
		"require at least one hour":                 {"owner", "", `{"retentionSeconds":3599}`, 400, errs.CodeInvalidRequest, "retentionSeconds"},
		"require at most 90 days":                   {"owner", "", `{"retentionSeconds":7776001}`, 400, errs.CodeInvalidRequest, "retentionSeconds"},
		"refuse an overflowing number":              {"owner", "", `{"retentionSeconds":99999999999999999999}`, 400, errs.CodeInvalidRequest, "retentionSeconds"},
		"require whole seconds":                     {"owner", "", `{"retentionSeconds":3600.5}`, 400, errs.CodeInvalidRequest, "retentionSeconds"},
		"require a number":                          {"owner", "", `{"retentionSeconds":"3600"}`, 400, errs.CodeInvalidRequest, "retentionSeconds"},
		"refuse an unknown member":                  {"owner", "", `{"retentionSeconds":3600,"retention":1}`, 400, errs.CodeInvalidRequest, "retention"},
		"refuse a read-only member":                 {"owner", "", `{"retentionSeconds":3600,"retentionSecondsDefault":1}`, 400, errs.CodeInvalidRequest, "retentionSecondsDefault"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			var headers []string
			if c.tenant != "" {
				headers = []string{tenantHeader, c.tenant}
			}
			b.call(c.token, "PUT", target, c.body, headers...).expect(c.status, c.code, c.field)
			if len(b.auth.retention) != 0 {
				t.Errorf("kept %v", b.auth.retention)
			}
		})
	}

	t.Run("that could not be written return an error", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(o *Options) { o.Settings = &fakeAuth{down: true} })
		b.call("owner", "PUT", target, `{"retentionSeconds":3600}`).expect(500, errs.CodeInternal, "")
		is(t, b.call("owner", "GET", target, ""), 129600)
	})
}

// twoStores has a store that was made first, which is not the first by title.
type twoStores struct{ fakeDirectory }

func (twoStores) Stores(context.Context, string) ([]users.Store, error) {
	made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return []users.Store{{ID: "asia", Title: "Asia", Created: made.AddDate(0, 0, 1)}, {ID: "uk", Title: "UK", Created: made}}, nil
}
