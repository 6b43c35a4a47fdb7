package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

func TestUserExport(t *testing.T) {
	t.Parallel()
	const everybody = `"users":{"userStoreId":"all","filter":null,"since":null,"registeredSince":null,"registeredBefore":null},"stateEvents":null,` +
		`"file":{"dialect":"rfc4180","compression":"none"}}`
	started := func(b *testServer) *jobs.Request {
		var asked jobs.Request
		b.jobs.create = func(r jobs.Request) (*export.Job, bool, error) {
			asked = r
			return testJob("01exporter"), false, nil
		}
		return &asked
	}

	for query, want := range map[string]string{
		"":            `{"include":{"attributes":true,"extendedProfiles":null,"foreignKeys":false,"grants":false},` + everybody,
		"grants":      `{"include":{"attributes":false,"extendedProfiles":null,"foreignKeys":false,"grants":true},` + everybody,
		"foreignKeys": `{"include":{"attributes":false,"extendedProfiles":null,"foreignKeys":true,"grants":false},` + everybody,
		"appIds=all":  `{"include":{"attributes":false,"extendedProfiles":{"appIds":["all"],"onlyMatching":false},"foreignKeys":false,"grants":false},` + everybody,
		"attributes=&appIds=&appIdsRestrictive=&foreignKeys=&grants=&user_store_id=&attr=&since=&registeredSince=&registeredBefore=&eventsExport=&from=&to=&rpp=&page=": `{"include":{"attributes":true,"extendedProfiles":null,"foreignKeys":false,"grants":false},` + everybody,
		"attributes=TRUE&&": `{"include":{"attributes":true,"extendedProfiles":null,"foreignKeys":false,"grants":false},` + everybody,
		"appIds=quiz1,+b.2&appIds=c&appIdsRestrictive=1&attributes=true": `{"include":{"attributes":true,"extendedProfiles":{"appIds":["b.2","c","quiz1"],"onlyMatching":true},` +
			`"foreignKeys":false,"grants":false},` + everybody,
		"attr=country.equals.United+Kingdom&attr=age.from.18&user_store_id=web&since=2026-01-01&registeredSince=2026-01-02T03:04:05%2B01:00&registeredBefore=2026-02-01": `{"include":{"attributes":true,"extendedProfiles":null,"foreignKeys":false,"grants":false},` +
			`"users":{"userStoreId":"web","filter":{"combinator":"and","rules":[{"field":"attributes.country","operator":"is","value":"United Kingdom"},` +
			`{"field":"attributes.age","operator":"between","from":"18","to":null}]},"since":"2026-01-01T00:00:00.000Z","registeredSince":"2026-01-02T02:04:05.000Z",` +
			`"registeredBefore":"2026-02-01T00:00:00.000Z"},"stateEvents":null,"file":{"dialect":"rfc4180","compression":"none"}}`,
		"attr=name.equals.a%252Cb": `{"include":{"attributes":true,"extendedProfiles":null,"foreignKeys":false,"grants":false},` +
			`"users":{"userStoreId":"all","filter":{"combinator":"and","rules":[{"field":"attributes.name","operator":"is","value":"a,b"}]},` +
			`"since":null,"registeredSince":null,"registeredBefore":null},"stateEvents":null,"file":{"dialect":"rfc4180","compression":"none"}}`,
	} {
		t.Run("takes "+query, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			asked := started(b)
			a := b.call("exporter", "GET", "/v4/user-export?"+query, "")
			a.expect(202, "", "")
			if a.Header.Get("Location") != "/v4/user-export-jobs/01JDB7V2M9QKX3W8ZP5T6R4NHE" || asked.Origin != export.FromAPI || asked.Mode != export.Async {
				t.Errorf("%v, %+v", a.Header, asked)
			}
			got, err := json.Marshal(asked.Definition)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("%s\nwant\n%s", got, want)
			}
		})
	}

	t.Run("accepts state events instead of users", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.flags[export.FeatureStateEvents] = true
		asked := started(b)
		b.call("exporter", "GET", "/v4/user-export?eventsExport&from=2026-01-01&to=2026-01-31&attributes=false", "").expect(202, "", "")
		d := asked.Definition
		if d.HasUsersFile() || d.StateEvents == nil || d.StateEvents.From == nil || !strings.HasPrefix(d.StateEvents.To.String(), "2026-01-31 23:59:59") {
			t.Errorf("%+v", d.StateEvents)
		}
	})

	t.Run("ignores pages, and the job says so", func(t *testing.T) {
		t.Parallel()
		for query, want := range map[string]export.Warning{
			"rpp=40&page=1":            {Code: "pages_ignored", Message: "The file is not a page: Egress ignored rpp and page."},
			"rpp=x":                    {Code: "pages_ignored", Message: "The file is not a page: Egress ignored rpp."},
			"page=2&eventsExport=true": {Code: "pages_ignored", Message: "The file is not a page: Egress ignored page.", File: export.StateEventsFile},
			"page=&rpp=":               {},
		} {
			b := setup(t)
			b.flags[export.FeatureStateEvents] = true
			var asked jobs.Request
			b.jobs.create = func(r jobs.Request) (*export.Job, bool, error) {
				asked = r
				job := testJob("01exporter")
				job.Warnings = r.Warnings
				return job, false, nil
			}
			a := b.call("", "GET", "/v4/user-export?attributes=true&"+query, "", "Authorization", signedBy("exporter"))
			a.expect(202, "", "")
			if want == (export.Warning{}) {
				if len(asked.Warnings) != 0 {
					t.Errorf("%s: %+v", query, asked.Warnings)
				}
				continue
			}
			if !slices.Equal(asked.Warnings, []export.Warning{want}) || a.json("warnings").([]any)[0].(map[string]any)["message"] != want.Message {
				t.Errorf("%s: %+v, response %s", query, asked.Warnings, a.body)
			}
		}
	})

	for query, field := range map[string]string{
		"attribute=true":                "attribute",
		"grants=yes":                    "grants",
		"grants=true&grants=false":      "grants",
		"attributes=false":              "attributes",
		"search_by_attributes=W10%3D":   "search_by_attributes",
		"appIdsRestrictive=true":        "appIdsRestrictive",
		"appIds=,":                      "appIds",
		"attr=country":                  "attr",
		"attr=country.equals.%2525%25f": "attr",
		"attr=a%00b.equals.x":           "attr",
		"since=yesterday":               "since",
		"registeredSince=1":             "registeredSince",
		"registeredBefore=1":            "registeredBefore",
		"from=2026-01-01":               "eventsExport",
		"eventsExport=true":             "eventsExport", // the feature is disabled
		"since=%zz":                     "since",
		"user_store_id=%00":             "user_store_id",
	} {
		t.Run("refuses "+query, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			a := b.call("exporter", "GET", "/v4/user-export?"+query, "")
			a.expect(400, errs.CodeInvalidRequest, field)
		})
	}

	t.Run("names the parameter whose value the tenant does not have", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.defs.words = func(string, export.Definition) (string, error) {
			return "", errs.Invalid("users.filter.rules[0].field", "is not a field of the schema")
		}
		b.call("exporter", "GET", "/v4/user-export?attr=x.checked", "").expect(400, errs.CodeInvalidRequest, "attr")
	})

	t.Run("is not started by HEAD or another web site", func(t *testing.T) {
		t.Parallel()
		b := setup(t) // creating a job would panic
		if a := b.call("exporter", "HEAD", "/v4/user-export", ""); a.StatusCode != http.StatusMethodNotAllowed && a.StatusCode != http.StatusNotFound {
			t.Errorf("HEAD: %d", a.StatusCode)
		}
		b.call("exporter", "GET", "/v4/user-export", "", "Sec-Fetch-Site", "cross-site").expect(403, errs.CodeCrossSiteRequest, "")
	})
}
